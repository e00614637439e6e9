# SPDX-License-Identifier: Apache-2.0
"""Prints a Kernel as CUDA C++.

Work units are the iterations of the parallel loops. With `lanes` 1 each thread does one, and a
vector loop is a few neighbouring elements of that thread. With more, that many threads share a
unit: vector loops and folds deal their iterations out among them, and folds join what each has.
`grain` units make a block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.errors import CompileError
from ingot.kernel.compute import Compute
from ingot.kernel.loops import (
    Assign,
    Axis,
    Branch,
    Fold,
    Kernel,
    Loop,
    Statement,
    Store,
    Transpose,
    While,
    assigned,
    bodies,
    expressions,
    mapped,
    statements,
)
from ingot.kernel.nodes import Const, Expr, Local, Size, Var, free_names, replaced
from ingot.kernel.traverse import loads
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch
from ingot.targets.cuda.emit import Emitter
from ingot.targets.cuda.fold import Accumulator
from ingot.targets.cuda.schedule import schedule
from ingot.targets.cuda.scope import Lane, Range, Scopes, Value
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import INDEX, LONG, register_type

_LIMIT = 1 << 31


def render(kernel: Kernel, spec: DeviceSpec) -> Launch:
    """The launch that runs `kernel` on `spec`."""
    assert isinstance(kernel.grain, int), "the units of a block are a fixed number"
    printer = _Renderer(kernel, spec)
    printer.run()
    blocks = dims.ceil_div(kernel.extent(), kernel.grain)
    threads = kernel.grain * kernel.lanes
    return printer.source.launch(blocks, threads, flops=kernel.flops)


def compile_compute(compute: Compute, spec: DeviceSpec) -> Launch:
    """The launch that computes `compute` on `spec`."""
    return render(schedule(compute, spec), spec)


class _Renderer:
    """Prints the statements of one kernel."""

    def __init__(self, kernel: Kernel, spec: DeviceSpec) -> None:
        self._kernel = kernel
        self._threads = kernel.lanes
        self.source = Source(spec)
        self._scopes = Scopes()
        self._emitter = Emitter(self.source, self._scopes, self._place)
        self._units = {axis.var: axis for axis in kernel.parallel()}
        written = {view.buffer for view in kernel.results}
        self._shared = written & {view.buffer for view in kernel.operands}
        self._current: dict[Expr, Local] = {}  # each Local by its name since its last assignment
        self._assignments = 0

    def run(self) -> None:
        """Print the whole function."""
        self.source.launch_dependents(most=self.source.spec.cores)
        with self._scopes.inside(self._ranges(self._kernel.parallel())):
            self._bind_unit()
            self._block(self._kernel.inner())

    def _place(self, operand: int) -> tuple[str, DType, Dim]:
        """Pointer, element type and start of an operand; results are numbered from -1 down."""
        kernel = self._kernel
        view = kernel.results[-1 - operand] if operand < 0 else kernel.operands[operand]
        aliased = view.buffer in self._shared
        pointer = self.source.pointer(view, "w" if operand < 0 else "r", aliased=aliased)
        return pointer, view.dtype, view.offset

    # Work units.

    def _bind_unit(self) -> None:
        """Find this thread's unit, leave where there is none, and bind the parallel variables."""
        source, kernel = self.source, self._kernel
        count, grain = kernel.extent(), kernel.grain
        assert isinstance(grain, int)
        if self._threads > 1:
            source.line(f"const int lane = threadIdx.x % {self._threads};")
        kind = "unsigned int" if isinstance(count, int) and count < _LIMIT else LONG
        if grain == 1:
            number = f"({kind})blockIdx.x"
        else:
            within = "threadIdx.x" if self._threads == 1 else f"threadIdx.x / {self._threads}"
            number = f"({kind})blockIdx.x * {grain} + {within}"
        unit = self._emitter.define(kind, number).text
        if not dims.is_multiple(count, grain, {}):
            source.line(f"if ({unit} >= {source.size(count)}) return;")
        for position, axis in reversed(list(enumerate(kernel.parallel()))):
            trips = source.size(axis.trips())
            index = f"{unit} % {trips}" if position else unit
            self._bind_variable(axis.var, f"({index})" if axis.step > 1 else index, axis)
            if position:
                unit = self._emitter.define(kind, f"{unit} / {trips}").text

    def _bind_variable(self, var: Var, number: str, axis: Axis) -> None:
        kind = self._kind(axis)
        scaled = f"{number} * {axis.step}" if axis.step > 1 else number
        self._scopes.bind(var, self._emitter.define(kind, f"({kind})({scaled})"))

    def _kind(self, axis: Axis) -> str:
        """The type in which the variable of an axis counts."""
        upper = self._scopes.indices.upper(self._scopes.indices.dim(axis.stop))
        return INDEX if upper is not None and upper + axis.step < _LIMIT else LONG

    def _ranges(self, axes: Sequence[Axis]) -> dict[Var, Range]:
        indices = self._scopes.indices
        return {axis.var: (indices.dim(axis.start), indices.dim(axis.stop) - 1) for axis in axes}

    # Statements.

    def _block(self, statements: Sequence[Statement]) -> None:
        if self._kernel.sequential:
            self._steps(statements)
            return
        for statement in statements:
            self._print(statement)

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
                _refuse(statement)

    # Sequential statements. A Local is a variable of the kernel; it has a new name after each
    # assignment, so that no value computed from an older one is taken for the present one.

    def _steps(self, statements: Sequence[Statement]) -> None:
        """Statements that see each other's effects: what one loads is forgotten after it."""
        outer = dict(self._current)
        for statement in statements:
            now, result = dict(self._current), None
            with self._scopes.inside():
                result = self._step(statement)
            self._current = now
            if isinstance(statement, Assign):
                assert result is not None
                self._assign(statement.target, result.text)
            elif isinstance(statement, Fold):
                assert result is not None
                self._scopes.bind(statement.target, result)
            else:
                self._renew(*bodies(statement))
        self._current = outer

    def _step(self, statement: Statement) -> Value | None:
        """Print a statement; the value that it gives, if it gives one."""
        if isinstance(statement, While):
            self._while(statement)
            return None
        statement = mapped(statement, lambda expr: replaced(expr, self._current))
        match statement:
            case Assign(value=value):
                return self._emitter.value(value)
            case Branch():
                self._branch(statement)
            case Loop(body=body):
                self._renew(body)
                self._print(statement)
            case Fold(target=target):
                self._print(statement)
                return self._scopes.find(target)
            case _:
                self._print(statement)
        return None

    def _assign(self, target: Local, text: str) -> None:
        known = self._current.get(target)
        found = None if known is None else self._scopes.find(known)
        kind = register_type(target.dtype)
        if found is None:
            found = Value(self.source.fresh("x"), kind)
            self.source.line(f"{kind} {found.text} = {text};")
        else:
            self.source.line(f"{found.text} = {text};")
        self._bind_anew(target, found)

    def _bind_anew(self, target: Local, value: Value) -> None:
        self._assignments += 1
        name = Local(f"{target.name}.{self._assignments}", target.dtype)
        self._current[target] = name
        self._scopes.bind(name, value)

    def _renew(self, *blocks: Sequence[Statement]) -> None:
        """What `blocks` assign has another value at their beginning, and behind them."""
        for local in dict.fromkeys(local for block in blocks for local in assigned(block)):
            if local in self._current:
                found = self._scopes.find(self._current[local])
                assert found is not None
                self._bind_anew(local, found)

    def _branch(self, statement: Branch) -> None:
        condition = self._emitter.value(statement.condition).text
        arms = [(f"if ({condition})", statement.then), ("else", statement.otherwise)]
        before = dict(self._current)
        for head, body in arms if statement.otherwise else arms[:1]:
            with self.source.block(head), self._scopes.inside():
                self._renew(body)
                self._steps(body)
            self._current = dict(before)

    def _while(self, statement: While) -> None:
        with self.source.block("while (true)"), self._scopes.inside():
            self._renew(statement.body)
            with self._scopes.inside():
                condition = replaced(statement.condition, self._current)
                self.source.line(f"if (!({self._emitter.value(condition).text})) break;")
            self._steps(statement.body)

    def _store(self, store: Store, *, alone: bool = True) -> None:
        """A store that all threads of a unit reach is done by the first."""
        once = alone and self._threads > 1 and not self._dealt
        first = self.source.block("if (lane == 0)") if once else nullcontext()
        with self._seen(), first, self._scopes.inside():
            self._emitter.store(store.result, store.index, store.value)

    _dealt = False  # whether the iterations of a loop around have been dealt out among threads

    def _loop(self, loop: Loop) -> None:
        if loop.axis.kind != "vector":
            self._serial([loop.axis], lambda: self._block(loop.body))
        elif self._kernel.sequential or (self._threads > 1 and not _is_whole(loop.axis)):
            with self._seen():
                self._share(loop.axis, lambda: self._block(loop.body))
        elif self._threads == 1:
            self._lanes(loop)
        else:
            axes, body = _flattened(loop)
            with self._deal(axes, _accesses(body, self._kernel)):
                self._block(body)

    def _serial(self, axes: Sequence[Axis], body: Callable[[], None]) -> None:
        """Loops that every thread runs for itself."""
        if not axes:
            body()
            return
        axis, *rest = axes
        kind = self._kind(axis)
        start, stop = self._emitter.value(axis.start), self._emitter.value(axis.stop)
        name = self.source.fresh("i")
        head = f"for ({kind} {name} = {start.text}; {name} < {stop.text}; {name} += {axis.step})"
        with self._scopes.inside(self._ranges((axis,))), self.source.block(head):
            self._scopes.bind(axis.var, Value(name, kind))
            self._serial(rest, body)

    @contextmanager
    def _seen(self) -> Iterator[None]:
        """Stores of a sequential kernel, which the threads of a unit see in the same order."""
        together = self._kernel.sequential and self._threads > 1 and not self._dealt
        if together:
            self.source.line("__syncwarp();")
        yield
        if together:
            self.source.line("__syncwarp();")

    def _share(self, axis: Axis, body: Callable[[], None]) -> None:
        """A loop over any range whose iterations the threads of a unit deal out among them."""
        if self._dealt or self._threads == 1:
            self._serial([axis], body)
            return
        kind = self._kind(axis)
        start, stop = self._emitter.value(axis.start), self._emitter.value(axis.stop)
        name = self.source.fresh("i")
        steps = f"{name} < {stop.text}; {name} += {self._threads}"
        head = f"for ({kind} {name} = {start.text} + lane; {steps})"
        with self._scopes.inside(self._ranges((axis,))), self.source.block(head):
            self._scopes.bind(axis.var, Value(name, kind))
            self._dealt = True
            body()
            self._dealt = False

    def _lanes(self, loop: Loop) -> None:
        """A few neighbouring elements of one thread; one by one where the last are fewer."""
        axis, indices = loop.axis, self._scopes.indices
        assert isinstance(axis.start, Var), "lanes begin where a parallel axis stands"
        unit = self._units[axis.start]
        base, stop = self._emitter.value(axis.start), self._emitter.value(axis.stop)
        ranges = {axis.var: (0, indices.dim(unit.stop) - 1)}
        last = indices.dim(axis.start) + unit.step
        whole = indices.decide("equal", indices.dim(axis.stop), last)
        full = nullcontext() if whole else self._full(stop, base, unit.step)
        with full, self._scopes.inside(ranges, Lane(axis.var, base, unit.step)):
            self._block(loop.body)
        if not whole:
            with self.source.block("else"):
                self._serial([axis], lambda: self._block(loop.body))

    def _full(self, stop: Value, base: Value, width: int) -> AbstractContextManager[None]:
        """What runs where a thread has all of its elements."""
        return self.source.block(f"if ({stop.text} - {base.text} == {width})")

    @contextmanager
    def _deal(self, axes: Sequence[Axis], accesses: Sequence[tuple[Expr, DType]]) -> Iterator[None]:
        """Iterations over several axes, dealt out among the threads of a unit in pieces."""
        source = self.source
        ranges = self._ranges(axes)
        with self._scopes.inside(ranges):
            width = self._width(axes, accesses)
        trips = [axis.trips() for axis in axes]
        trips[-1] = trips[-1] // width
        count = dims.product(trips)
        kind = INDEX if isinstance(count, int) and count * width < _LIMIT else LONG
        name = source.fresh("c")
        end = source.size(count)
        head = f"for ({kind} {name} = lane; {name} < {end}; {name} += {self._threads})"
        with source.block(head):
            values: dict[Var, Value] = {}
            rest = name
            for position, (axis, trip) in reversed(list(enumerate(zip(axes, trips, strict=True)))):
                size = source.size(trip)
                index = f"{rest} % {size}" if position else rest
                last = position == len(axes) - 1 and width > 1
                values[axis.var] = self._emitter.define(
                    kind, f"({index}) * {width}" if last else index
                )
                if position:
                    rest = self._emitter.define(kind, f"{rest} / {size}").text
            var = axes[-1].var
            lane = Lane(var, values.pop(var), width) if width > 1 else None
            with self._scopes.inside(ranges, lane):
                for other, value in values.items():
                    self._scopes.bind(other, value)
                dealt, self._dealt = self._dealt, True
                yield
                self._dealt = dealt

    def _width(self, axes: Sequence[Axis], accesses: Sequence[tuple[Expr, DType]]) -> int:
        """How many neighbouring iterations a thread takes at once."""
        indices, axis = self._scopes.indices, axes[-1]
        total = dims.product(other.trips() for other in axes)
        near = [
            dtype.itemsize
            for place, dtype in accesses
            if indices.slope(indices.dim(place), axis.var) == 1
        ]
        if not near:
            return 1
        most = min(8, 16 // min(near))
        for width in (8, 4, 2):
            enough = not isinstance(total, int) or total >= width * self._threads // 2
            if width <= most and enough and dims.is_multiple(axis.trips(), width, {}):
                return width
        return 1

    # Reductions.

    def _fold(self, fold: Fold) -> None:
        shared = self._threads > 1 and not self._dealt and fold.axes[-1].kind == "vector"
        wide = not shared and self._scopes.is_wide(_names(fold))
        width = self._emitter.width if wide else 0
        accumulator = Accumulator.start(self.source, fold.kind, fold.value.dtype, width)
        if shared and (self._kernel.sequential or not all(map(_is_whole, fold.axes))):
            *outer, last = fold.axes
            self._serial(outer, lambda: self._share(last, lambda: self._take(fold, accumulator)))
            accumulator.across(self._threads)
        elif shared:
            accesses = [(load.index[0], load.dtype) for load in loads(fold.value)]
            with self._deal(fold.axes, accesses):
                self._take(fold, accumulator)
            accumulator.across(self._threads)
        else:
            self._serial(list(fold.axes), lambda: self._take(fold, accumulator))
        self._scopes.bind(fold.target, accumulator.result())

    def _take(self, fold: Fold, accumulator: Accumulator) -> None:
        """Fold in the value of one iteration."""
        with self._scopes.inside():
            for inner in fold.inner:
                self._fold(inner)
            value = self._emitter.value(fold.value)
            position = None if fold.position is None else self._emitter.value(fold.position)
            text = accumulator.take(value.text, None if position is None else position.text)
            wide = value.wide or accumulator.width or (position is not None and position.wide)
            self._emitter.each_lane(text) if wide else self.source.line(text)
            for store in fold.stores:
                self._store(store)


def _names(fold: Fold) -> frozenset[Var | Local]:
    """What a fold depends on, its own variables and inner folds aside."""
    exprs = [fold.value] if fold.position is None else [fold.value, fold.position]
    names = frozenset[Var | Local]().union(*(free_names(expr) for expr in exprs))
    names = names.union(*(_names(inner) for inner in fold.inner))
    return names - {axis.var for axis in fold.axes} - {inner.target for inner in fold.inner}


def _is_whole(axis: Axis) -> bool:
    """Whether an axis runs from 0 to a size."""
    at_zero = isinstance(axis.start, Const) and axis.start.value == 0
    return at_zero and isinstance(axis.stop, Size | Const)


def _flattened(loop: Loop) -> tuple[list[Axis], Sequence[Statement]]:
    """The axes of perfectly nested vector loops, outermost first, and what is inside."""
    axes, body = [loop.axis], loop.body
    while len(body) == 1 and isinstance(body[0], Loop) and body[0].axis.kind == "vector":
        axes.append(body[0].axis)
        body = body[0].body
    return axes, body


def _accesses(body: Sequence[Statement], kernel: Kernel) -> list[tuple[Expr, DType]]:
    """Index and element type of what statements load and store."""
    found = [(load.index[0], load.dtype) for expr in expressions(body) for load in loads(expr)]
    stores = [item for item in statements(body) if isinstance(item, Store)]
    return found + [(store.index, kernel.results[store.result].dtype) for store in stores]


def _refuse(statement: Transpose) -> None:
    raise CompileError(
        "kernel: a transposed block is no statement of a GPU kernel",
        cure="report it: the schedule of another target was printed",
    )
