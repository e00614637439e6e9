# SPDX-License-Identifier: Apache-2.0
"""Products with weights stored as few bits in blocks: `block_matmul` takes their place.

Exporters write such a weight as codes with a scale for each block of the depth, dequantized on the
way to the product. As one operator the codes stay packed in the engine and in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ingot.dtypes import FLOAT16, FLOAT32, INT4, INT8, UINT4, UINT8, DType
from ingot.ir.graph import Node, Value
from ingot.ir.pattern import Term, apply
from ingot.ir.rewrite import Site, node_rule

BITS: Final = {INT4: 4, UINT4: 4, INT8: 8, UINT8: 8}
COMPUTED: Final = (FLOAT32, FLOAT16)
LEAST_BLOCK: Final = 16


@dataclass(frozen=True)
class Blocks:
    """A dequantized weight: codes as (blocks, block, columns), or (columns, blocks, block)."""

    codes: Value
    scales: Value
    zeros: Value | None
    columns_first: bool

    @property
    def order(self) -> tuple[int, int, int]:
        """The axes of the codes as columns, blocks, depth within a block."""
        return (0, 1, 2) if self.columns_first else (2, 0, 1)


def _pack(site: Site, node: Node) -> Term | str | None:
    """A matmul whose right side is dequantized block by block."""
    x, right = node.inputs
    assert x is not None and right is not None
    found = _blocks(site, right)
    if found is None or x.rank < 2:
        return None
    if x.dtype not in COMPUTED or found.scales.dtype != x.dtype:
        return f"x is {x.dtype.name}, the scales are {found.scales.dtype.name}"
    block = found.codes.shape[found.order[2]]
    bits = BITS[found.codes.dtype]
    if not isinstance(block, int) or block < LEAST_BLOCK or block * bits % 32:
        return f"blocks of {block} fill no whole words"
    zeros = None if found.zeros is None else _by_column(_unsigned(found.zeros), found)
    codes, scales = _packed(found, bits), _by_column(found.scales, found)
    return apply("block_matmul", x, codes, scales, zeros, bits=bits, block=block)


def _blocks(site: Site, right: Value) -> Blocks | None:
    """What `right` is made from; None where it is no weight in blocks."""
    node, turned = site.producer(right), False
    if node is not None and node.op == "transpose" and right.rank == 2:
        node, turned = site.producer(_first(node)), True
    if node is None or node.op != "reshape" or node.output.rank != 2:
        return None
    made = site.producer(_first(node))
    if made is None or made.op != "dequantize":
        return None
    codes, scales, zeros = (*made.inputs, None)[:3]
    assert codes is not None and scales is not None
    parts = (codes, scales, *(() if zeros is None else (zeros,)))
    if codes.rank != 3 or any(site.editor.constant(part) is None for part in parts):
        return None
    found = Blocks(codes, scales, zeros, turned)
    columns, blocks, depth = (codes.shape[axis] for axis in found.order)
    whole = (columns, blocks * depth) if turned else (blocks * depth, columns)
    one = (columns, blocks, 1) if turned else (blocks, 1, columns)
    fits = node.output.shape == whole and all(part.shape == one for part in parts[1:])
    return found if fits and codes.dtype in BITS else None


def _first(node: Node) -> Value:
    value = node.inputs[0]
    assert value is not None
    return value


def _unsigned(value: Value) -> Term | Value:
    """Codes or zero points from 0 on, a byte each; the middle of signed ones moves there."""
    if value.dtype in (UINT4, UINT8):
        return value if value.dtype == UINT8 else apply("cast", value, to=UINT8)
    # In bytes the sum wraps, so that -128 becomes 0.
    wide = apply("cast", apply("cast", value, to=INT8), to=UINT8)
    return apply("bitwise_and", apply("add", wide, _middle(value.dtype)), _most(value.dtype))


def _middle(dtype: DType) -> int:
    return 1 << (BITS[dtype] - 1)


def _most(dtype: DType) -> int:
    return (1 << BITS[dtype]) - 1


def _by_column(value: Term | Value, blocks: Blocks) -> Term:
    """One number a block as (columns, blocks)."""
    columns, count, _ = (blocks.codes.shape[axis] for axis in blocks.order)
    if blocks.columns_first:
        return apply("reshape", value, shape=(columns, count))
    return apply("transpose", apply("reshape", value, shape=(count, columns)), permutation=(1, 0))


def _packed(blocks: Blocks, bits: int) -> Term | Value:
    """The codes as (columns, blocks, bytes), the first of two in the low half."""
    codes = _unsigned(blocks.codes)
    if not blocks.columns_first:
        codes = apply("transpose", codes, permutation=blocks.order)
    if bits == 8:
        return codes
    columns, count, depth = (blocks.codes.shape[axis] for axis in blocks.order)
    half = (columns, count, depth // 2)
    pairs = apply("reshape", codes, shape=(*half, 2))

    def side(number: int) -> Term:
        return apply(
            "slice", pairs, starts=(0, 0, 0, number), ends=(*half, number + 1), steps=(1,) * 4
        )

    joined = apply("bitwise_or", side(0), apply("shift_left", side(1), 4))
    return apply("reshape", joined, shape=half)


RULES: Final = (node_rule("pack_blocks", "matmul", _pack),)
