# SPDX-License-Identifier: Apache-2.0
"""Prints a Kernel as LLVM IR: the loops, and around every vector loop what its length leaves over.

The result is a Launch: module text, the arguments in slot order, and the work units to share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingot import dims, knobs
from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.kernel.compute import Compute
from ingot.kernel.index import Indices
from ingot.kernel.loops import WORKER_MEMORY, Axis, Fold, Kernel, Loop, Statement, Store, Transpose
from ingot.kernel.nodes import Apply, Expr, Load, Var, substitute, walk
from ingot.kernel.schedule import schedule
from ingot.kernel.traverse import operation_cost
from ingot.kernel.verify import verify_compute, verify_kernel
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch
from ingot.targets.cpu.builder import Builder, Integer, Module, vector
from ingot.targets.cpu.emit import Emitter
from ingot.targets.cpu.fold import Accumulator
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.memory import Memory
from ingot.targets.cpu.scope import Lane, Scopes
from ingot.targets.cpu.sequential import Sequential
from ingot.targets.cpu.turn import Block
from ingot.targets.cpu.types import memory_type, register_type

_EXPENSIVE = 20


def render(kernel: Kernel, spec: DeviceSpec) -> Launch:
    """The launch that runs `kernel` on `spec`."""
    module = Module(spec)
    printer = _Renderer(kernel, module)
    printer.run()
    return Launch(
        text=module.text(),
        arguments=printer.frame.arguments,
        extent=kernel.extent(),
        grain=kernel.grain,
        flops=kernel.flops,
    )


def compile_compute(compute: Compute, spec: DeviceSpec) -> Launch:
    """The launch that computes `compute` on `spec`."""
    return render(schedule_checked(compute, spec), spec)


def schedule_checked(compute: Compute, spec: DeviceSpec) -> Kernel:
    """Loops for `compute`, verified where that is asked for."""
    kernel = schedule(compute, spec)
    if knobs.VERIFY.get():
        verify_compute(compute)
        verify_kernel(kernel)
    return kernel


class _Renderer:
    """Prints the statements of one kernel."""

    def __init__(self, kernel: Kernel, module: Module) -> None:
        self._kernel = kernel
        self._spec = module.spec
        self._builder: Builder = module.kernel()
        self.frame = Frame(self._builder)
        self._scopes = Scopes(self._builder, mutable=kernel.sequential)
        memory = Memory(self._builder, self._scopes, self._place)
        self._memory = memory
        self._emitter = Emitter(self._builder, self.frame, self._scopes, memory)
        self._sequential = Sequential(
            self._builder, self._scopes, self._emitter, self._print, self._serial
        )
        self._tiles: dict[int, str] = {}
        self._memories: dict[str, str] = {}

    def run(self) -> None:
        """Print the whole function."""

        def unit(index: Integer, _: list[str]) -> None:
            self._bind_units(index)
            self._block(self._kernel.inner())
            self._scopes.pop()

        if self._kernel.parallel():
            self._builder.loop("%begin", "%end", 1, unit)
        else:
            one = self._builder.compare("slt", "%begin", "%end")
            self._builder.branch_if(one, lambda: unit(0, []))
        self._builder.ret()

    def _bind_units(self, unit: Integer) -> None:
        """Open the scope of one work unit and bind the parallel variables."""
        axes = self._kernel.parallel()
        self._scopes.push(self._ranged(axes))
        for position, axis in reversed(list(enumerate(axes))):
            extent = self.frame.size(axis.trips())
            with self._scopes.at(self._scopes.depth):
                number = self._builder.urem(unit, extent) if position else unit
                unit = self._builder.udiv(unit, extent) if position else unit
                self._scopes.bind(axis.var, self._builder.mul(number, axis.step))

    def _ranged(self, axes: Sequence[Axis]) -> Indices:
        """The index algebra inside loops over `axes`."""
        indices = self._scopes.indices
        limits = {axis.var: (indices.dim(axis.start), indices.dim(axis.stop) - 1) for axis in axes}
        return indices.within(limits) if limits else indices

    def _place(self, operand: int) -> tuple[str, DType]:
        """Base pointer and element type; results are numbered from -1 down."""
        kernel = self._kernel
        if operand < len(kernel.operands):
            view = kernel.results[-1 - operand] if operand < 0 else kernel.operands[operand]
            if view.buffer.startswith(WORKER_MEMORY):
                return self._worker_memory(view), view.dtype
            written = operand < 0 or operand >= len(kernel.operands) - kernel.kept
            return self.frame.pointer(view, "w" if written else "r"), view.dtype
        number = operand - len(kernel.operands)
        tile = kernel.tiles[number]
        if number not in self._tiles:
            kind = memory_type(tile.dtype)
            self._tiles[number] = self._builder.stack(kind, tile.size * tile.size)
        return self._tiles[number], tile.dtype

    def _worker_memory(self, view: View) -> str:
        """Memory that this worker alone uses, for the last axes of `view`."""
        if view.buffer not in self._memories:
            size = dims.product(view.shape[1:]) * view.dtype.itemsize
            self._memories[view.buffer] = self.frame.scratch(dims.maximum(size, 1))
        return self._memories[view.buffer]

    # Statements.

    def _block(self, statements: Sequence[Statement]) -> None:
        """Statements in order; what comes after a fold is a scope of its own."""
        if self._kernel.sequential:
            self._sequential.block(statements)
            return
        opened = 0
        for statement in statements:
            opened += isinstance(statement, Fold)
            self._print(statement)
        for _ in range(opened):
            self._scopes.pop()

    def _print(self, statement: Statement) -> None:
        """What does not depend on the order of statements."""
        match statement:
            case Fold():
                self._fold(statement)
            case Loop():
                self._loop(statement)
            case Store():
                self._store(statement)
            case Transpose():
                self._transpose(statement)

    def _store(self, store: Store) -> None:
        self._memory.store(self._emitter, -1 - store.result, store.index, store.value)

    def _transpose(self, statement: Transpose) -> None:
        """Fill a tile with a block; rows of the block are contiguous in the operand."""
        builder, size = self._builder, self._kernel.tiles[statement.tile].size
        bounds = [
            self._emitter.integer(bound)
            for axis in (statement.row, statement.column)
            for bound in (axis.start, axis.stop)
        ]
        stride = self._step(statement.index, statement.column.var)
        assert stride is not None, "transpose: the columns of a block have no constant distance"
        start = {
            statement.row.var: statement.row.start,
            statement.column.var: statement.column.start,
        }
        first = self._memory.pointer(
            self._emitter, statement.operand, substitute(statement.index, start), self._scopes.depth
        )
        tile, dtype = self._place(len(self._kernel.operands) + statement.tile)
        block = Block(
            builder,
            memory_type(dtype),
            size,
            first,
            self._emitter.integer(self._scopes.indices.expr(stride)),
            builder.sub(bounds[1], bounds[0]),
            builder.sub(bounds[3], bounds[2]),
            tile,
        )
        block.turn((lambda rest: self._mask(rest, size)) if self._masks(dtype) else None)

    def _loop(self, loop: Loop) -> None:
        if loop.axis.kind != "vector":
            self._serial(loop.axis, lambda _: self._block(loop.body))
            return

        def body(_: list[str], lane: Lane) -> list[str]:
            self._block(loop.body)
            return []

        self._vector(loop.axis, body, (), masked=self._can_mask(loop.axis.var, loop.body))

    def _serial(
        self,
        axis: Axis,
        body: Callable[[list[str]], Sequence[str] | None],
        carried: Sequence[tuple[str, Integer]] = (),
    ) -> list[str]:
        start, stop = self._emitter.integer(axis.start), self._emitter.integer(axis.stop)
        ranged = self._ranged((axis,))

        def iteration(index: Integer, values: list[str]) -> Sequence[str]:
            self._scopes.push(ranged)
            self._scopes.bind(axis.var, index)
            result = body(values) or ()
            self._scopes.pop()
            return result

        return self._builder.loop(start, stop, axis.step, iteration, carried)

    def _vector(
        self,
        axis: Axis,
        body: Callable[[list[str], Lane], list[str]],
        carried: Sequence[tuple[str, Integer]],
        *,
        masked: bool,
    ) -> list[str]:
        """Full vectors, then one masked vector or single elements for the rest."""
        builder = self._builder
        start, stop = self._emitter.integer(axis.start), self._emitter.integer(axis.stop)
        ranged = self._ranged((axis,))
        length = builder.sub(stop, start)
        lanes = self._lanes(length, masked=masked)
        kinds = [kind for kind, _ in carried]

        def run(lane: Lane, values: list[str]) -> list[str]:
            self._scopes.push(ranged, lane)
            result = body(values, lane)
            self._scopes.pop()
            return result

        middle = builder.add(start, builder.round_down(length, lanes))
        values = builder.loop(
            start, middle, lanes, lambda i, v: run(Lane(axis.var, i, lanes), v), carried
        )
        rest = builder.sub(stop, middle)
        if rest == 0:
            return values
        if not masked or lanes == 1:
            pairs = list(zip(kinds, values, strict=True))
            return builder.loop(middle, stop, 1, lambda i, v: run(Lane(axis.var, i, 1), v), pairs)

        def tail() -> list[str]:
            return run(Lane(axis.var, middle, lanes, self._mask(rest, lanes)), values)

        some = builder.compare("sgt", rest, 0)
        return builder.branch_if(some, tail, lambda: values, kinds)

    def _lanes(self, length: Integer, *, masked: bool) -> int:
        """The vector length for a loop; shorter for a loop that is known to be short."""
        lanes = self._kernel.lanes
        while isinstance(length, int) and lanes > 1 and length < lanes:
            if masked and length > lanes // 2:
                break
            lanes //= 2
        return lanes

    def _mask(self, rest: Integer, lanes: int) -> str:
        """The flags of the first `rest` lanes."""
        bits = min(64, max(8, self._spec.vector_bits // lanes))
        kind = vector(f"i{bits}", lanes)
        steps = ", ".join(f"i{bits} {k}" for k in range(lanes))
        if isinstance(rest, int):
            flags = ", ".join(f"i1 {str(k < rest).lower()}" for k in range(lanes))
            return f"<{flags}>"
        narrow = rest if bits == 64 else self._builder.value(f"trunc i64 {rest} to i{bits}")
        limit = self._builder.splat(kind, str(narrow))
        return self._builder.test("icmp ult", kind, f"<{steps}>", limit)

    # Masks.

    def _can_mask(self, var: Var, body: Sequence[Statement]) -> bool:
        """Whether every access in a vector loop is one that the CPU can mask."""
        return all(self._maskable(var, statement) for statement in body)

    def _maskable(self, var: Var, statement: Statement) -> bool:
        if isinstance(statement, Loop):
            return self._can_mask(var, statement.body)
        if isinstance(statement, Store):
            slot = self._kernel.results[statement.result].dtype
            place = self._step(statement.index, var) == 1 and self._masks(slot)
            return place and self._loads_maskable(var, statement.value)
        return isinstance(statement, Fold) and self._loads_maskable(var, statement.value)

    def _loads_maskable(self, var: Var, value: Expr) -> bool:
        for load in walk((value,)):
            if isinstance(load, Load):
                step = self._step(load.index[0], var)
                if step != 0 and not (step == 1 and self._masks(load.dtype)):
                    return False
        return True

    def _step(self, index: Expr, var: Var) -> Dim | None:
        if self._scopes.spreads(index):
            return None
        indices = self._scopes.indices
        return indices.slope(indices.dim(index), var)

    def _masks(self, dtype: DType) -> bool:
        features = self._spec.features
        if "avx512bw" in features and "avx512vl" in features:
            return True
        return "avx2" in features and dtype.itemsize in (4, 8)

    # Folds.

    def _fold(self, fold: Fold) -> None:
        """Print a fold and open the scope in which its target is known."""
        dtype = fold.target.dtype if fold.position is None else fold.value.dtype
        accumulator = Accumulator(self._builder, fold.kind, dtype)
        last = fold.axes[-1] if fold.axes else None
        if last is not None and last.kind == "vector":
            result, lanes = self._horizontal(fold, accumulator), 1
        else:
            lanes = self._fold_lanes(fold)
            result = self._nested(
                fold.axes, lambda v: self._take(fold, accumulator, v, lanes), accumulator, lanes
            )
        self._scopes.push()
        self._scopes.bind(fold.target, accumulator.result(result)[0], lanes)

    def _fold_lanes(self, fold: Fold) -> int:
        """The lanes of a fold inside a vector loop: all of them, as it depends on the variable."""
        lane = self._scopes.lane
        return 1 if lane is None else lane.lanes

    def _nested(
        self,
        axes: Sequence[Axis],
        body: Callable[[list[str]], list[str]],
        accumulator: Accumulator,
        lanes: int,
        values: Sequence[str] | None = None,
    ) -> list[str]:
        """Serial loops around `body`, carrying one partial result."""
        values = accumulator.start(lanes) if values is None else values
        if not axes:
            return body(list(values))
        carried = list(zip(accumulator.types(lanes), values, strict=True))
        return self._serial(
            axes[0],
            lambda inner: self._nested(axes[1:], body, accumulator, lanes, inner),
            carried,
        )

    def _take(
        self, fold: Fold, accumulator: Accumulator, values: Sequence[str], lanes: int
    ) -> list[str]:
        """Fold the value of this iteration into a partial result."""
        for inner in fold.inner:
            self._fold(inner)
        lane = self._scopes.lane
        ends = lane is not None and lane.lanes == lanes and fold.axes[-1].kind == "vector"
        mask = lane.mask if lane is not None and ends else None
        if mask is None and _is_product_sum(fold):
            joined = [self._multiply_add(fold.value, values[0], lanes)]
        else:
            taken = [self._emitter.spread(fold.value, lanes)]
            if fold.position is not None:
                taken.append(self._emitter.spread(fold.position, lanes))
            taken = accumulator.masked(mask, taken, lanes)
            joined = accumulator.join(values, taken, lanes)
        for store in fold.stores:
            self._store(store)
        for _ in fold.inner:
            self._scopes.pop()
        return joined

    def _multiply_add(self, product: Expr, total: str, lanes: int) -> str:
        a, b = (self._emitter.spread(factor, lanes) for factor in product.children)
        return self._builder.fma(register_type(product.dtype, lanes), a, b, total)

    def _horizontal(self, fold: Fold, accumulator: Accumulator) -> list[str]:
        """Fold along the lanes: several vectors of partial results, and one scalar for the rest."""
        axis, outer = fold.axes[-1], fold.axes[:-1]
        masked = self._loads_maskable(axis.var, fold.value)
        masked = masked and all(self._maskable(axis.var, store) for store in fold.stores)
        length = self._builder.sub(
            self._emitter.integer(axis.stop), self._emitter.integer(axis.start)
        )
        lanes = self._lanes(length, masked=masked)
        sets = self._sets(fold, length, lanes)
        size = len(accumulator.types(1))
        start = [part for _ in range(sets) for part in accumulator.start(lanes)]
        kinds = accumulator.types(lanes) * sets
        if not masked:
            start += accumulator.start(1)
            kinds += accumulator.types(1)

        def row(values: list[str]) -> list[str]:
            return self._fold_row(fold, accumulator, values, lanes, sets, masked=masked)

        values = self._around(outer, row, list(zip(kinds, start, strict=True)))
        parts = [values[k * size : (k + 1) * size] for k in range(sets)]
        while len(parts) > 1:
            parts = [
                accumulator.join(parts[k], parts[k + 1], lanes) for k in range(0, len(parts), 2)
            ]
        result = accumulator.across(parts[0], lanes)
        return result if masked else accumulator.join(result, values[sets * size :], 1)

    def _around(
        self,
        axes: Sequence[Axis],
        body: Callable[[list[str]], list[str]],
        carried: Sequence[tuple[str, Integer]],
    ) -> list[str]:
        """Serial loops around `body`, carrying several values."""
        if not axes:
            return body([str(value) for _, value in carried])
        kinds = [kind for kind, _ in carried]
        return self._serial(
            axes[0],
            lambda values: self._around(axes[1:], body, list(zip(kinds, values, strict=True))),
            carried,
        )

    def _sets(self, fold: Fold, length: Integer, lanes: int) -> int:
        """How many independent vectors of partial results hide the latency of joining."""
        cost = operation_cost(fold.value)
        sets = 2 if cost >= _EXPENSIVE or fold.position is not None else 4
        while isinstance(length, int) and sets > 1 and length < sets * lanes:
            sets //= 2
        return sets

    def _fold_row(
        self,
        fold: Fold,
        accumulator: Accumulator,
        values: list[str],
        lanes: int,
        sets: int,
        *,
        masked: bool,
    ) -> list[str]:
        """One run along the vector axis: blocks of `sets` vectors, vectors, and the rest."""
        builder, axis = self._builder, fold.axes[-1]
        start, stop = self._emitter.integer(axis.start), self._emitter.integer(axis.stop)
        ranged = self._ranged((axis,))
        size = len(accumulator.types(1))
        kinds = accumulator.types(lanes)

        def take(index: Integer, part: Sequence[str], width: int, mask: str | None) -> list[str]:
            self._scopes.push(ranged, Lane(axis.var, index, width, mask))
            result = self._take(fold, accumulator, part, width)
            self._scopes.pop()
            return result

        def block(index: Integer, parts: list[str]) -> list[str]:
            return [
                part
                for k in range(sets)
                for part in take(
                    builder.add(index, k * lanes), parts[k * size : (k + 1) * size], lanes, None
                )
            ]

        length = builder.sub(stop, start)
        middle = builder.add(start, builder.round_down(length, sets * lanes))
        vectors, scalar = values[: sets * size], values[sets * size :]
        carried = list(zip(kinds * sets, vectors, strict=True))
        vectors = builder.loop(start, middle, sets * lanes, block, carried)
        first, others = vectors[:size], vectors[size:]
        end = builder.add(start, builder.round_down(length, lanes))
        if sets > 1:
            carried = list(zip(kinds, first, strict=True))
            first = builder.loop(middle, end, lanes, lambda i, v: take(i, v, lanes, None), carried)
        rest = builder.sub(stop, end)
        if rest == 0:
            return [*first, *others, *scalar]
        if masked:
            some = builder.compare("sgt", rest, 0)
            kept = first

            def tail() -> list[str]:
                return take(end, kept, lanes, self._mask(rest, lanes) if lanes > 1 else None)

            first = builder.branch_if(some, tail, lambda: kept, kinds)
        else:
            carried = list(zip(accumulator.types(1), scalar, strict=True))
            scalar = builder.loop(end, stop, 1, lambda i, v: take(i, v, 1, None), carried)
        return [*first, *others, *scalar]


def _is_product_sum(fold: Fold) -> bool:
    value = fold.value
    product = isinstance(value, Apply) and value.op == "mul" and value.dtype.is_float
    return product and fold.kind == "sum"
