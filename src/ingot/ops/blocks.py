# SPDX-License-Identifier: Apache-2.0
"""Products with weights that are stored as few bits, in blocks along the depth.

Each block of a column of weights has one scale and one zero point. The codes stay packed from the
file to the kernel: reading them is what such a product costs where there are few rows.
"""

from __future__ import annotations

from typing import Any

from ingot.dims import Dim, ceil_div
from ingot.dtypes import FLOAT32, UINT8
from ingot.ir.graph import TensorType
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.norm import composite
from ingot.ops.op import AttributeSpec, InputSpec, Op
from ingot.ops.require import Require, Shape

WIDTHS = (2, 4, 8)


def _infer(
    require: Require, x: TensorType, codes: TensorType, scales: TensorType,
    zeros: TensorType | None, *, bits: int, block: int,
) -> TensorType:  # fmt: skip
    require.that(bits in WIDTHS, f"bits are {bits}, they must be 2, 4 or 8")
    require.that(block > 0 and block * bits % 8 == 0, f"a block of {block} fills no whole bytes")
    require.that(x.rank >= 1 and codes.rank == 3, "x needs an axis, codes have three")
    columns, blocks, width = codes.shape
    require.equal(width, block * bits // 8, "bytes of a block and the last axis of codes")
    require.equal(ceil_div(x.shape[-1], block), blocks, "blocks of x's depth and of codes")
    for name, part in (("scales", scales), ("zeros", zeros)):
        if part is not None:
            require.that(part.shape == (columns, blocks), f"{name} must be one a block")
    return TensorType(x.dtype, (*x.shape[:-1], columns))


def _codes(o: Any, packed: Any, bits: int) -> Any:
    """The elements of each byte, lowest bits first, on the last axis."""
    if bits == 8:
        return packed
    each = (1 << bits) - 1
    parts = [o.bitwise_and(o.shift_right(packed, bits * place), each) for place in range(8 // bits)]
    apart = [o.reshape(part, shape=(*packed.shape, 1)) for part in parts]
    shape = (*packed.shape[:-1], packed.shape[-1] * len(parts))
    return o.reshape(o.concat(*apart, axis=packed.rank), shape=shape)


def _block_matmul(
    o: Any, x: Any, codes: Any, scales: Any, zeros: Any, *, bits: int, block: int
) -> Any:
    columns, blocks, _ = codes.shape
    depth: Dim = x.shape[-1]
    each = (columns, blocks, 1)
    levels = o.cast(_codes(o, codes, bits), to=x.dtype)
    if zeros is None:
        shifted = o.sub(levels, float(1 << (bits - 1)))
    else:
        shifted = o.sub(levels, o.reshape(o.cast(zeros, to=x.dtype), shape=each))
    weights = o.mul(shifted, o.reshape(scales, shape=each))
    weights = o.reshape(weights, shape=(columns, blocks * block))
    if depth != blocks * block:
        weights = o.slice(weights, starts=(0, 0), ends=(columns, depth), steps=(1, 1))
    return o.matmul(x, o.transpose(weights, permutation=(1, 0)))


def _case(
    x: Shape, columns: int, block: int, bits: int, zeros: str = "", only: Any = ()
) -> Example:
    depth = x[-1]
    assert isinstance(depth, int)
    blocks = ceil_div(depth, block)
    codes = Sample((columns, blocks, block * bits // 8), UINT8, low=0, high=255)
    scales = Sample((columns, blocks), low=0.01, high=0.2)
    more: dict[str, tuple[Sample, ...]] = {
        "": (),
        "codes": (Sample((columns, blocks), UINT8, low=0, high=(1 << bits) - 1),),
        "floats": (Sample((columns, blocks), low=0, high=(1 << bits) - 1),),
    }
    attributes = {"bits": bits, "block": block}
    return Example((Sample(x), codes, scales, *more[zeros]), attributes, {"batch": 3}, only)


BLOCK_MATMUL = composite(
    "block_matmul",
    (
        InputSpec("x", REALS), InputSpec("codes", (UINT8,), "C"), InputSpec("scales", REALS),
        InputSpec("zeros", (UINT8, *REALS), "Z", optional=True),
    ),
    (
        AttributeSpec("bits", "int", doc="of one weight: 2, 4 or 8"),
        AttributeSpec("block", "int", doc="weights along the depth that share a scale"),
    ),
    _infer, _block_matmul, precision=Bound(relative=1, norm=8),
    examples=(
        _case((1, 64), 48, 32, 4), _case((3, 64), 17, 32, 4, "codes"), _case((2, 40), 5, 16, 4),
        _case((1, 96), 33, 32, 8), _case((2, 2, 32), 6, 16, 8, "codes"),
        _case((4, 32), 8, 16, 2), _case((1, 128), 40, 64, 4, "floats", (FLOAT32,)),
        _case((19, 64), 70, 16, 4), _case((0, 32), 4, 16, 4), _case((BATCH, 32), 7, 32, 4, "codes"),
    ),
    doc="x times (code - zero) · scale, the weights of each result column being a row of codes, "
    "packed lowest bits first; zero is the middle code where it is not given.",
)  # fmt: skip

OPS: tuple[Op, ...] = (BLOCK_MATMUL,)
