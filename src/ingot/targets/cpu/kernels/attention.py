# SPDX-License-Identifier: Apache-2.0
"""Scaled dot-product attention in one kernel.

A work unit is some query rows of one head. It packs the head's keys and values into scratch
memory; then, strip by strip, it multiplies queries by keys into scores, turns each row of scores
into powers and their sum, and multiplies the powers by the values. The strip stays in the
second-level cache, so scores never reach memory; the division by the sum is part of the last
product's epilogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingot.dims import Dim, Expression, ceil_div, product
from ingot.dtypes import BOOL, FLOAT32, DType
from ingot.ir.graph import Attribute, Node, Value
from ingot.kernel.expr import Acc, Const, Expr, Load, rewrite, tanh
from ingot.kernel.view import View
from ingot.plan.plan import Mode
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Placed, Region
from ingot.targets.cpu.builder import Integer, Module
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.estimate import sample
from ingot.targets.cpu.kernels.finish import Epilogue, Operand, place_epilogue
from ingot.targets.cpu.kernels.microkernel import Depth
from ingot.targets.cpu.kernels.pack import print_pack
from ingot.targets.cpu.kernels.panels import PanelSource
from ingot.targets.cpu.kernels.scores import Mask, Scores
from ingot.targets.cpu.kernels.tile import COMPUTED, Cover, Tile, choose_tile, cover
from ingot.targets.cpu.kernels.tiles import Pointers, TileCaller, Tiled
from ingot.targets.cpu.kernels.walk import Sizes, Walk, decompose, dot
from ingot.targets.cpu.types import memory_type
from ingot.targets.fused import Fused, fuse

_UNITS = 16  # work units that keep a few workers busy
_MOST_STRIPS = 4
_SHARE = 4  # the strip of scores takes at most 1 / _SHARE of the second-level cache


class Attention:
    """The family `attention`."""

    name = "attention"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for what is computed in float32, with heads that are known where keys are shared."""
        node = region.anchor
        if node is None or node.op != "attention":
            return "not an attention"
        q, k, v, mask = operands_of(node)
        if COMPUTED.get(q.dtype) != FLOAT32:
            return f"the queries are {q.dtype.name}"
        if any(value.dtype != q.dtype for value in (k, v, *region.outputs)):
            return "operands and results differ in type"
        if mask is not None and mask.dtype not in (q.dtype, BOOL):
            return f"the mask is {mask.dtype.name}"
        if q.shape[-3] != k.shape[-3] and not all(isinstance(x.shape[-3], int) for x in (q, k)):
            return "query and key heads differ"
        return None if isinstance(fused := fuse(region), Fused) else fused

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """The multiply-adds of both products."""
        assert region.anchor is not None
        adds = sample(multiplications(region.anchor), region.ranges)
        return 2 * adds / (0.7 * spec.peak_flops(FLOAT32))

    def order(self, region: Region, value: Value) -> Order | None:
        """Heads inside rows for the result, as the projection that follows reads it."""
        if value in region.outputs and value.rank == 4:
            return (0, 2, 1, 3)
        return None

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Queries, results and other operands must be contiguous along their last axis.

        Keys and values need not be, unless they are queries or the mask as well.
        """
        assert region.anchor is not None
        q, k, v, mask = operands_of(region.anchor)
        if not view.shape or (value in (k, v) and value not in (q, mask)):
            return True
        last = view.strides[-1]
        return last == 1 or view.shape[-1] == 1 or (value is mask is not q and last == 0)

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch."""
        return Emission((_Kernel(placed, spec).launch(),))


def operands_of(node: Node) -> tuple[Value, Value, Value, Value | None]:
    """Queries, keys, values and the mask of an attention node."""
    q, k, v, mask = (*node.inputs, None)[:4]
    assert q is not None and k is not None and v is not None
    return q, k, v, mask


def multiplications(node: Node) -> Dim:
    """Scalar multiply-adds of both products."""
    q, k, v, _ = operands_of(node)
    return product(q.shape[:-1]) * k.shape[-2] * (q.shape[-1] + v.shape[-1])


@dataclass(frozen=True)
class _Side:
    """Keys or values: their panels' source, tile, and how many panels there are."""

    source: PanelSource
    tile: Tile

    @property
    def panels(self) -> Dim:
        return ceil_div(self.source.columns, self.tile.columns)

    @property
    def panel_size(self) -> Dim:
        return self.source.depth * self.tile.columns

    @property
    def ragged(self) -> bool:
        columns = self.source.columns
        return not isinstance(columns, int) or columns % self.tile.columns != 0


class _Kernel:
    """Prints the kernel of one placed attention."""

    def __init__(self, placed: Placed, spec: DeviceSpec) -> None:
        assert placed.region.anchor is not None
        self._node = placed.region.anchor
        q, k, v, mask = operands_of(self._node)
        self._offset: Dim = _dim(self._node.attributes["offset"])
        self._axes = _Axes.of(q, k)
        self._batch = k.shape[:-2]
        self._keys = k.shape[-2]
        self._query = placed.view(q)
        self._queries = self._axes.split(self._query.strides, 0)
        self._key = _key_side(placed.view(k), spec)
        self._value = _value_side(placed.view(v), spec)
        rows = min(self._key.tile.rows, self._value.tile.rows)
        self._key = replace(self._key, tile=replace(self._key.tile, rows=rows))
        self._value = replace(self._value, tile=replace(self._value.tile, rows=rows))
        self._lanes = spec.lanes(FLOAT32)
        self._pitch: Dim = ceil_div(self._keys, self._lanes) * self._lanes
        self._cover = cover(product(self._axes.rows), rows)
        self._tiles = _block_tiles(self._batch, self._cover, self._pitch, rows, spec)
        self._strips = _strips(self._batch, ceil_div(self._cover.tiles, self._tiles), spec)
        self._blocks = ceil_div(self._cover.tiles, self._tiles * self._strips)
        split = self._axes.split
        self._mask = None if mask is None else Mask.of(placed.view(mask), q.rank, split)
        epilogue = place_epilogue(_fused(placed.region), placed, split)
        self._epilogue = _divided(epilogue, self._axes.dense(1), self._node.output.dtype)
        self._module = Module(spec)
        self._builder = self._module.kernel()
        self._frame = Frame(self._builder)
        self._sizes = Sizes({dim: self._frame.size(dim) for dim in self._dims()})
        self._scores = Scores(
            self._module, self._lanes, self._mask, bool(self._node.attributes["causal"])
        )

    def launch(self) -> Launch:
        """The kernel and its arguments."""
        self._print()
        batch = product(self._batch)
        sides = self._keys * (self._query.shape[-1] + self._value.source.columns)
        return Launch(
            self._module.text(),
            self._frame.arguments,
            batch * self._blocks,
            flops=2 * multiplications(self._node),
            bytes=self._query.dtype.itemsize
            * (batch * sides + product(self._node.output.shape) * 2),
        )

    def _dims(self) -> list[Dim]:
        walks = [operand.walk for operand in self._epilogue.operands]
        dims: list[Dim] = [*self._batch, *self._queries.dims(), *self._axes.rows, self._keys]
        dims += [*self._axes.dense(self._pitch), *self._axes.dense(1)]
        for side in (self._key, self._value):
            dims += [*side.source.dims(), side.panels, side.panel_size, side.source.depth]
        dims += [self._pitch, self._blocks, self._cover.tiles, self._cover.rows]
        dims += [dim for walk in walks for dim in walk.dims()]
        dims += [] if self._mask is None else self._mask.dims()
        return [dim for dim in (*dims, self._offset) if not isinstance(dim, int)]

    def _print(self) -> None:
        frame, rows = self._frame, self._tiles * self._key.tile.rows
        self._query_pointer = frame.pointer(self._query)
        self._mask_pointer = None if self._mask is None else frame.pointer(self._mask.view)
        self._pointers = [
            operand.pointer(frame, mode)
            for operand, mode in zip(self._epilogue.operands[1:], self._modes(), strict=True)
        ]
        self._strip = frame.scratch(rows * self._pitch * 4)
        self._reciprocals = frame.scratch(rows * 4)
        self._key_panels = frame.scratch(self._key.panels * self._key.panel_size * 4)
        self._value_panels = frame.scratch(self._value.panels * self._value.panel_size * 4)
        self._callers = self._key_caller(), self._value_caller()
        self._builder.loop("%begin", "%end", 1, lambda number, _: self._unit(number))
        self._builder.ret()

    def _modes(self) -> list[Mode]:
        reading: list[Mode] = ["r"] * (len(self._epilogue.loads) - 1)
        writing: list[Mode] = ["w"] * len(self._epilogue.results)
        return reading + writing

    def _key_caller(self) -> TileCaller:
        scale, softcap = (self._node.attributes.get(key, 0.0) for key in ("scale", "softcap"))
        assert isinstance(scale, float) and isinstance(softcap, float)
        scores: Expr = Acc(FLOAT32) * Const(scale, FLOAT32)
        if softcap:
            scores = tanh(scores / softcap) * softcap
        strip = Walk((), self._axes.dense(self._pitch))
        epilogue = Epilogue((), ((scores, Operand("", strip, FLOAT32)),))
        left = Walk((), self._queries.rows)
        tiled = Tiled(
            self._axes.rows, Depth(self._key.source.depth), self._key.tile, left, epilogue,
            self._key.ragged, self._query.dtype, name="score",
        )  # fmt: skip
        return TileCaller(self._builder, self._sizes, tiled, self._cover)

    def _value_caller(self) -> TileCaller:
        left = Walk((), self._axes.dense(self._pitch))
        tiled = Tiled(
            self._axes.rows, Depth(self._keys), self._value.tile, left, self._epilogue,
            self._value.ragged, name="mix",
        )  # fmt: skip
        return TileCaller(self._builder, self._sizes, tiled, self._cover)

    def _unit(self, number: Integer) -> None:
        builder, sizes, cover = self._builder, self._sizes, self._cover
        batch, block = decompose(builder, number, [0, sizes[self._blocks]])
        index = decompose(builder, batch, [sizes[extent] for extent in self._batch])
        self._pack(self._key, index, self._key_panels)
        self._pack(self._value, index, self._value_panels)
        share = self._tiles * self._strips
        begin = builder.mul(block, share)
        end = builder.minimum(builder.add(begin, share), sizes[cover.tiles])

        def strip(first: Integer, _: list[str]) -> None:
            last = builder.minimum(builder.add(first, self._tiles), end)
            self._one_strip(index, first, last)

        builder.loop(begin, end, self._tiles, strip)

    def _one_strip(self, index: list[Integer], first: Integer, last: Integer) -> None:
        """Tiles `first` to `last` of queries."""
        builder, sizes = self._builder, self._sizes
        row, end = self._row(first), self._row(last)
        back = builder.mul(builder.sub(0, row), sizes[self._pitch])
        strip = builder.offset(self._strip, back, "float")
        self._multiply_keys(index, first, last, strip)
        self._soften(index, row, end)
        self._multiply_values(index, first, last, strip, row)

    def _row(self, tile: Integer) -> Integer:
        """The first row of a tile; the number of rows for the tile behind the last."""
        builder, cover = self._builder, self._cover
        if not cover.exact:
            rows = self._sizes[cover.rows]
            return builder.minimum(builder.mul(tile, cover.size), rows)
        return builder.add(builder.mul(tile, cover.size), builder.minimum(tile, cover.larger))

    def _at(self, pointer: str, walk: Walk, index: list[Integer], element: str = "float") -> str:
        strides = [self._sizes[stride] for stride in walk.batch]
        move = self._builder.add(dot(self._builder, index, strides), self._sizes[walk.start])
        return self._builder.offset(pointer, move, element)

    def _pack(self, side: _Side, index: list[Integer], target: str) -> None:
        builder, sizes = self._builder, self._sizes
        element = side.source.stored.element
        source = self._at(self._frame.pointer(side.source.view), side.source.walk, index, element)

        def body(panel: Integer, _: list[str]) -> None:
            place = builder.offset(target, builder.mul(panel, sizes[side.panel_size]), "float")
            print_pack(builder, sizes, side.source, side.tile, panel, source, place)

        builder.loop(0, sizes[side.panels], 1, body)

    def _multiply_keys(
        self, index: list[Integer], first: Integer, last: Integer, strip: str
    ) -> None:
        """Scores of the block's rows into the strip."""
        walk = Walk(self._queries.batch, ())
        source = self._at(self._query_pointer, walk, index, memory_type(self._query.dtype))
        pointers = Pointers(source, self._key_panels, [strip])
        self._panels(self._callers[0], self._key, first, last, pointers, [(1, "float")])

    def _multiply_values(
        self, index: list[Integer], first: Integer, last: Integer, strip: str, row: Integer
    ) -> None:
        """The block's rows of the result."""
        builder = self._builder
        operands = [
            self._at(pointer, operand.walk, index, memory_type(operand.dtype))
            for pointer, operand in zip(self._pointers, self._epilogue.operands[1:], strict=True)
        ]
        reciprocals = builder.offset(self._reciprocals, builder.sub(0, row), "float")
        pointers = Pointers(strip, self._value_panels, [reciprocals, *operands])
        columns = [
            (operand.walk.column, memory_type(operand.dtype)) for operand in self._epilogue.operands
        ]
        self._panels(self._callers[1], self._value, first, last, pointers, columns)

    def _panels(
        self,
        caller: TileCaller,
        side: _Side,
        first: Integer,
        last: Integer,
        pointers: Pointers,
        columns: list[tuple[Dim, str]],
    ) -> None:
        """Every panel's tiles; `columns` has the stride and element of each operand."""
        builder, sizes, width = self._builder, self._sizes, side.tile.columns

        def body(panel: Integer, _: list[str]) -> None:
            column = builder.mul(panel, width)
            move = builder.mul(panel, sizes[side.panel_size])
            operands = [
                builder.offset(pointer, builder.mul(column, sizes[stride]), element)
                for pointer, (stride, element) in zip(pointers.operands, columns, strict=True)
            ]
            here = Pointers(
                pointers.source, builder.offset(pointers.panel, move, "float"), operands
            )
            left = builder.sub(sizes[side.source.columns], column)
            caller.tiles(first, last, here, builder.minimum(left, width))

        builder.loop(0, sizes[side.panels], 1, body)

    def _soften(self, index: list[Integer], row: Integer, end: Integer) -> None:
        """Every row of scores to powers, and the reciprocal of their sum."""
        builder, sizes = self._builder, self._sizes
        offset = sizes[self._offset]
        mask = None
        if self._mask is not None and self._mask_pointer is not None:
            mask = self._mask.at(builder, sizes, self._mask_pointer, index)

        def body(number: Integer, _: list[str]) -> None:
            local = builder.sub(number, row)
            line = builder.offset(self._strip, builder.mul(local, sizes[self._pitch]), "float")
            place = decompose(builder, number, [sizes[extent] for extent in self._axes.rows])
            last = builder.add(place[-1] if self._axes.position else 0, offset)
            reciprocal = self._scores.call(
                builder, sizes, line, sizes[self._keys], place, last, mask
            )
            builder.store("float", reciprocal, builder.offset(self._reciprocals, local, "float"))

        builder.loop(row, end, 1, body)


def _fused(region: Region) -> Fused:
    fused = fuse(region)
    assert isinstance(fused, Fused)
    return fused


def _dim(attribute: Attribute) -> Dim:
    assert isinstance(attribute, int | Expression)
    return attribute


@dataclass(frozen=True)
class _Axes:
    """The rows that share keys: those of a head, or of all query heads that a key head serves.

    `position` says that the last row axis is the place in the sequence.
    """

    rows: tuple[Dim, ...]
    group: int
    position: bool

    @staticmethod
    def of(q: Value, k: Value) -> _Axes:
        """The axes of queries `q` over keys `k`."""
        heads, kept, length = q.shape[-3], k.shape[-3], q.shape[-2]
        group = 1
        if isinstance(heads, int) and isinstance(kept, int) and kept > 0:
            group = heads // kept
        if group == 1:
            return _Axes((length,), 1, True)
        return _Axes((group,), group, False) if length == 1 else _Axes((group, length), group, True)

    def split(self, strides: Sequence[Dim], start: Dim) -> Walk:
        """An operand's strides along the axes of the result, as a walk."""
        *lead, head, row, column = strides
        if self.group == 1:
            return Walk((*lead, head), (row,), column, start)
        steps = (head, row) if self.position else (head,)
        return Walk((*lead, head * self.group), steps, column, start)

    def dense(self, pitch: Dim) -> tuple[Dim, ...]:
        """The strides of rows that lie `pitch` elements apart."""
        return (self.rows[1] * pitch, pitch) if len(self.rows) == 2 else (pitch,)


def _divided(epilogue: Epilogue, rows: tuple[Dim, ...], dtype: DType) -> Epilogue:
    """The epilogue of the true result, which is the accumulator divided by the row's sum.

    Both are float32 in memory and in registers, whatever the type of the result.
    """
    acc, reciprocal = Acc(dtype), Load(-1, (), dtype)
    quotient = acc * reciprocal
    loads = ((reciprocal, Operand("", Walk((), rows, 0), FLOAT32)), *epilogue.loads)
    results = tuple(
        (rewrite(expr, lambda node: quotient if node is acc else None), operand)
        for expr, operand in epilogue.results
    )
    return Epilogue(loads, results)


def _key_side(view: View, spec: DeviceSpec) -> _Side:
    walk = Walk(view.strides[:-2], (), view.strides[-2])
    source = PanelSource(view, (view.shape[-1],), (view.strides[-1],), view.shape[-2], walk)
    return _Side(source, choose_tile(spec, view.shape[-2]))


def _value_side(view: View, spec: DeviceSpec) -> _Side:
    walk = Walk(view.strides[:-2], (), view.strides[-1])
    source = PanelSource(view, (view.shape[-2],), (view.strides[-2],), view.shape[-1], walk)
    return _Side(source, choose_tile(spec, view.shape[-1]))


def _block_tiles(
    batch: tuple[Dim, ...], rows: Cover, pitch: Dim, tile_rows: int, spec: DeviceSpec
) -> int:
    """Tiles in a strip: as many as fit the cache, fewer where workers would idle."""
    width = pitch if isinstance(pitch, int) else 1024
    fitting = max(spec.l2 // _SHARE // (4 * tile_rows * max(width, 1)), 1)
    if not isinstance(rows.tiles, int):
        return min(fitting, 8)
    return max(min(fitting, -(-rows.tiles // _blocks_of_head(batch, spec))), 1)


def _strips(batch: tuple[Dim, ...], strips: Dim, spec: DeviceSpec) -> int:
    """Strips of scores in a work unit: packed keys and values should serve many."""
    if not isinstance(strips, int):
        return _MOST_STRIPS
    return max(-(-strips // _blocks_of_head(batch, spec)), 1)


def _blocks_of_head(batch: tuple[Dim, ...], spec: DeviceSpec) -> int:
    """Work units for one head that keep all workers busy."""
    heads = product(batch)
    known = heads if isinstance(heads, int) else _UNITS
    return max(max(_UNITS, 2 * spec.cores) // max(known, 1), 1)
