# SPDX-License-Identifier: Apache-2.0
"""One attention with everything placed, and the C++ that its kernels share."""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim, Expression, product
from ingot.dtypes import BOOL
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.targets.base import Placed
from ingot.targets.cuda.kernels.finish import Finish, address, place_finish
from ingot.targets.cuda.operators import from_memory
from ingot.targets.cuda.source import Source
from ingot.targets.fused import Fused, fuse

INFINITY = "__int_as_float(0x7f800000)"


@dataclass(frozen=True)
class Problem:
    """One attention with everything placed; `group` query heads share a key head."""

    query: View
    key: View
    value: View
    mask: View | None
    scale: float
    causal: bool
    offset: Dim
    group: int
    finish: Finish

    @property
    def batch(self) -> tuple[Dim, ...]:
        """The axes in front: images and heads."""
        return self.query.shape[:-2]

    @property
    def queries(self) -> Dim:
        """Query rows of a head."""
        return self.query.shape[-2]

    @property
    def keys(self) -> Dim:
        """Key rows of a head."""
        return self.key.shape[-2]

    @property
    def depth(self) -> int:
        """Elements of a query or key row."""
        return known_size(self.query.shape[-1])

    @property
    def width(self) -> int:
        """Elements of a value or result row."""
        return known_size(self.value.shape[-1])

    @property
    def names(self) -> list[str]:
        """The C++ indices of a result's axes."""
        return [*(f"b{axis}" for axis in range(len(self.batch))), "row", "column"]

    @property
    def work(self) -> Dim:
        """Scalar operations."""
        rows = product(self.batch) * self.queries
        return 2 * rows * self.keys * (self.depth + self.width)

    @property
    def traffic(self) -> Dim:
        """Bytes that a perfect cache would move."""
        rows = self.queries * 2 * self.width + self.keys * (self.depth + self.width)
        return product(self.batch) * rows * self.query.dtype.itemsize

    def print_unit(self, source: Source, rows: int) -> None:
        """Which head and which `rows` query rows this block has; what its operands point to."""
        size = source.size
        source.lines(f"""
const int queries = (int){size(self.queries)}, keys = (int){size(self.keys)};
const int blocks = (queries + {rows - 1}) / {rows};
const int first_row = blockIdx.x % blocks * {rows};
int unit = blockIdx.x / blocks;""")
        for axis in reversed(range(len(self.batch))):
            extent = size(self.batch[axis])
            if axis:
                source.line(f"const int b{axis} = unit % (int){extent}; unit /= (int){extent};")
            else:
                source.line("const int b0 = unit;")
        for name, view in (("query", self.query), ("key", self.key), ("value", self.value)):
            place = self._head(source, view, 1 if name == "query" else self.group)
            source.line(f"const auto* const {name}_head = {place};")
        if self.mask is not None:
            place = self._head(source, self.mask, 1)
            source.line(f"const auto* const mask_head = {place};")
        if self.causal:
            source.line(f"const int offset = (int){size(self.offset)};")
            source.lines(f"const int seen = min(keys, max(first_row + {rows} + offset, 0));")
        else:
            source.line("const int seen = keys;")

    def _head(self, source: Source, view: View, group: int) -> str:
        """The address of this block's head in a view; axes of size 1 are repeated."""
        missing = len(self.batch) + 2 - view.rank
        names, strides = self.names[missing:-2], _spread(view)[:-2]
        if group > 1:
            names[-1] = f"{names[-1]} / {group}"
        return address(source, source.pointer(view), names, strides)

    def print_score(self, source: Source) -> None:
        """A function from the product of a query and a key row to their score."""
        with source.block("auto score = [&](float sum, int row, int key) -> float"):
            hidden = ["row >= queries", "key >= keys"]
            if self.causal:
                hidden.append("key > row + offset")
            source.line(f"if ({' || '.join(hidden)}) return -{INFINITY};")
            scaled = f"sum * {float_text(self.scale)}"
            if self.mask is None:
                source.line(f"return {scaled};")
            else:
                source.line(f"return {self._masked(source, self.mask, scaled)};")
        source.line(";")

    def _masked(self, source: Source, mask: View, scaled: str) -> str:
        row, key = [0, 0, *_spread(mask)][-2:]
        place = address(source, "mask_head", ["row", "key"], [row, key])
        entry = from_memory(source, mask.dtype, f"*({place})")
        if mask.dtype == BOOL:
            return f"{entry} ? {scaled} : -{INFINITY}"
        return f"{scaled} + {entry}"


def _spread(view: View) -> list[Dim]:
    """Strides with 0 along axes of size 1."""
    return [0 if size == 1 else step for size, step in zip(view.shape, view.strides, strict=True)]


def float_text(value: float) -> str:
    """A C++ float."""
    return f"{value:.9g}f" if "." in f"{value:.9g}" or "e" in f"{value:.9g}" else f"{value:.9g}.0f"


def known_size(size: Dim) -> int:
    """A size that holds no symbol."""
    assert isinstance(size, int)
    return size


def operands_of(node: Node) -> tuple[Value, Value, Value, Value | None]:
    """Queries, keys, values and the mask of an attention node."""
    q, k, v, mask = (*node.inputs, None)[:4]
    assert q is not None and k is not None and v is not None
    return q, k, v, mask


def problem_of(placed: Placed) -> Problem:
    """What a placed region asks for."""
    node = placed.region.anchor
    fused = fuse(placed.region)
    assert node is not None and isinstance(fused, Fused)
    q, k, v, mask = operands_of(node)
    scale, offset = node.attributes["scale"], node.attributes["offset"]
    assert isinstance(scale, float | int) and isinstance(offset, int | Expression)
    return Problem(
        placed.view(q),
        placed.view(k),
        placed.view(v),
        None if mask is None else placed.view(mask),
        float(scale),
        bool(node.attributes["causal"]),
        offset,
        _group(q, k),
        place_finish(fused, placed, q.rank - 1),
    )


def _group(q: Value, k: Value) -> int:
    """How many query heads share a key head."""
    heads, kept = q.shape[-3], k.shape[-3]
    if heads == kept:
        return 1
    return heads // kept if isinstance(heads, int) and isinstance(kept, int) and kept else 1
