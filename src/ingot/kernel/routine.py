# SPDX-License-Identifier: Apache-2.0
"""Routine: writes a sequential Kernel as Python reads, with loops, branches and variables.

For what no expression of one element says, such as sorting. `with routine.loop(0, n) as i:` opens a
block; what is called inside becomes its statements. An expression is computed where a statement
takes it; `let` computes one now and gives a variable that `set` can change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import INT64, DType
from ingot.kernel.loops import (
    Assign,
    Axis,
    Branch,
    Fold,
    Kernel,
    Loop,
    LoopKind,
    Statement,
    Store,
    While,
)
from ingot.kernel.nodes import Const, Expr, Load, Local, ReduceKind, Size, Var
from ingot.kernel.view import View

Bound = Expr | Dim
_CHUNK = 20_000  # scalar operations that one claim of a worker should hold


@dataclass(frozen=True)
class Tensor:
    """An operand or result of a Routine: element (i, j, …) lies where its view says."""

    operand: int
    view: View
    result: int | None = None

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The sizes of the axes."""
        return self.view.shape

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.view.dtype

    def place(self, *index: Bound) -> Expr:
        """The element offset of an index."""
        total: Expr = Const(0, INT64)
        for part, stride in zip(index, self.view.strides, strict=True):
            total = total + as_index(part) * Size(stride)
        return total

    def __getitem__(self, index: Bound | tuple[Bound, ...]) -> Expr:
        """The element at an index, loaded where a statement takes it."""
        parts = index if isinstance(index, tuple) else (index,)
        return Load(self.operand, (self.place(*parts),), self.dtype)


def as_index(value: Bound) -> Expr:
    """An index or size as an INT64 expression."""
    return value if isinstance(value, Expr) else Size(value)


class Routine:
    """A Kernel under construction; `lanes` is the vector length for its vector loops."""

    def __init__(self, reads: Sequence[View], writes: Sequence[View], vector_bits: int) -> None:
        self.reads = tuple(Tensor(number, view) for number, view in enumerate(reads))
        self.writes = tuple(
            Tensor(len(reads) + number, view, number) for number, view in enumerate(writes)
        )
        widest = max(max(view.dtype.bits, 8) for view in (*reads, *writes))
        self._lanes = max(1, vector_bits // widest)
        self._blocks: list[list[Statement]] = [[]]
        self._names = 0
        self._work: Dim = _CHUNK

    def kernel(self) -> Kernel:
        """What has been written."""
        operands = tuple(tensor.view for tensor in (*self.reads, *self.writes))
        return Kernel(
            operands,
            tuple(tensor.view for tensor in self.writes),
            tuple(self._blocks[0]),
            kept=len(self.writes),
            lanes=self._lanes,
            grain=dims.maximum(1, dims.ceil_div(_CHUNK, dims.maximum(self._work, 1))),
        )

    # Blocks.

    @contextmanager
    def parallel(self, extent: Dim, work: Dim = _CHUNK) -> Iterator[Var]:
        """The units that workers share, each of about `work` operations; it stands outermost."""
        assert len(self._blocks) == 1, "a parallel loop is the outermost"
        self._work = work
        with self._axis(0, extent, "parallel") as var:
            yield var

    @contextmanager
    def loop(self, start: Bound, stop: Bound) -> Iterator[Var]:
        """Every index from `start` to `stop`, in order."""
        with self._axis(start, stop, "serial") as var:
            yield var

    @contextmanager
    def vector(self, start: Bound, stop: Bound) -> Iterator[Var]:
        """Every index from `start` to `stop`, several at once; no variable outside is set."""
        with self._axis(start, stop, "vector") as var:
            yield var

    @contextmanager
    def when(self, condition: Expr) -> Iterator[None]:
        """What runs where `condition` holds."""
        with self._block() as body:
            yield
        self._add(Branch(condition, tuple(body)))

    @contextmanager
    def otherwise(self) -> Iterator[None]:
        """What runs where the condition of the `when` before does not hold."""
        branch = self._blocks[-1].pop()
        assert isinstance(branch, Branch), "there is no `when` before"
        with self._block() as body:
            yield
        self._add(Branch(branch.condition, branch.then, tuple(body)))

    @contextmanager
    def repeat(self, condition: Expr) -> Iterator[None]:
        """What runs again and again, as long as `condition` holds."""
        with self._block() as body:
            yield
        self._add(While(condition, tuple(body)))

    # Statements.

    def let(self, value: Bound) -> Local:
        """A new variable with the present value of an expression."""
        value = as_index(value)
        local = Local(self._name("v"), value.dtype)
        self._add(Assign(local, value))
        return local

    def set(self, local: Local, value: Bound) -> None:
        """Let a variable have another value."""
        self._add(Assign(local, as_index(value)))

    def store(self, tensor: Tensor, value: Expr, *index: Bound) -> None:
        """Write an element of a result."""
        assert tensor.result is not None, "an operand is not written"
        self._add(Store(tensor.result, tensor.place(*index), value))

    def fold(
        self,
        kind: ReduceKind,
        start: Bound,
        stop: Bound,
        body: Callable[[Var], Expr],
        axis: LoopKind = "vector",
    ) -> Local:
        """`body` of every index from `start` to `stop` reduced to one value."""
        var = Var(self._name("i"))
        value = body(var)
        position = var if kind.startswith("arg") else None
        local = Local(self._name("v"), INT64 if position is not None else value.dtype)
        over = Axis(var, as_index(start), as_index(stop), axis)
        self._add(Fold(local, kind, (over,), value, position))
        return local

    def _add(self, statement: Statement) -> None:
        self._blocks[-1].append(statement)

    def _name(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    @contextmanager
    def _block(self) -> Iterator[list[Statement]]:
        self._blocks.append([])
        yield self._blocks[-1]
        self._blocks.pop()

    @contextmanager
    def _axis(self, start: Bound, stop: Bound, kind: LoopKind) -> Iterator[Var]:
        var = Var(self._name("i"))
        with self._block() as body:
            yield var
        axis = Axis(var, as_index(start), as_index(stop), kind)
        self._add(Loop(axis, tuple(body)))
