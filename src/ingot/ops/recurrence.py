# SPDX-License-Identifier: Apache-2.0
"""Linear attention: a state for each head that every token decays, corrects and reads.

The state S is a matrix of key by value elements. A token fades it (gated rules), looks up what it
holds for its key and takes the difference (delta rules), adds the outer product of key and value,
and asks it with each query of the group that shares the head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from ingot.dims import Dim, product
from ingot.dtypes import FLOAT32, FLOAT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Expr
from ingot.kernel.nodes import Const, Size, cast
from ingot.kernel.routine import Routine, Tensor
from ingot.kernel.view import View
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.lines import split_index
from ingot.ops.op import AttributeSpec, InputSpec, Op
from ingot.ops.require import Require, Shape
from ingot.ops.steps import Steps

RULES = ("linear", "gated", "delta", "gated_delta")
GATED, DELTA = ("gated", "gated_delta"), ("delta", "gated_delta")


def _infer(
    require: Require, q: TensorType, k: TensorType, v: TensorType, state: TensorType | None,
    decay: TensorType | None, beta: TensorType | None, *, rule: str, scale: float,
) -> tuple[TensorType, TensorType]:  # fmt: skip
    require.that(q.rank == k.rank == v.rank == 4, "q, k and v must have rank 4")
    require.that((decay is not None) == (rule in GATED), f"decay and the rule '{rule}' disagree")
    require.that((beta is not None) == (rule in DELTA), f"beta and the rule '{rule}' disagree")
    batch, heads, length, depth = k.shape
    for other, name in ((q, "q"), (v, "v"), (decay, "decay"), (beta, "beta")):
        if other is not None:
            require.that(other.rank == 4, f"{name} must have rank 4")
            require.equal(other.shape[0], batch, f"batch entries of {name} and k")
            require.equal(other.shape[2], length, f"lengths of {name} and k")
    require.equal(q.shape[3], depth, "depths of q and k")
    require.equal(v.shape[1], heads, "heads of v and k")
    if decay is not None:
        require.equal(decay.shape[1], heads, "heads of decay and k")
        require.that(decay.shape[3] in (1, depth), "decay is one a head or one a key element")
    if beta is not None:
        require.that(beta.shape[1] in (1, heads) and beta.shape[3] == 1, "beta is one a head")
    _check_heads(require, q.shape[1], heads)
    whole: Shape = (batch, heads, depth, v.shape[3])
    if state is not None:
        require.that(state.rank == 4, "the state must have rank 4")
        for axis, size in enumerate(whole):
            require.equal(state.shape[axis], size, f"sizes of the state on axis {axis}")
    kept = k.dtype if state is None else state.dtype
    return TensorType(q.dtype, (*q.shape[:3], v.shape[3])), TensorType(kept, whole)


def _check_heads(require: Require, queries: Dim, keys: Dim) -> None:
    known = isinstance(queries, int) and isinstance(keys, int) and keys > 0
    require.that(known, "the numbers of heads must be known")
    require.that(queries % keys == 0, f"{queries} query heads do not share {keys} key heads evenly")


def _evaluate(
    q: Array, k: Array, v: Array, state: Array | None, decay: Array | None, beta: Array | None,
    *, rule: str, scale: float,
) -> tuple[Array, Array]:  # fmt: skip
    queries, keys, values = (x.astype(np.float64) for x in (q, k, v))
    batch, heads, length, depth = k.shape
    shape = (batch, heads, depth, v.shape[3])
    memory = np.zeros(shape) if state is None else state.astype(np.float64)
    group = q.shape[1] // heads
    result = np.zeros((*q.shape[:3], v.shape[3]))
    for t in range(length):
        if decay is not None:
            memory = memory * np.exp(decay[:, :, t].astype(np.float64))[..., None]
        change = values[:, :, t]
        if beta is not None:
            held = (memory * keys[:, :, t, :, None]).sum(2)
            change = (change - held) * beta[:, :, t].astype(np.float64)
        memory = memory + keys[:, :, t, :, None] * change[:, :, None, :]
        asked = np.repeat(memory, group, 1) * queries[:, :, t, :, None]
        result[:, :, t] = scale * asked.sum(2)
    kept = k.dtype if state is None else state.dtype
    return result.astype(q.dtype), memory.astype(kept)


def _steps(
    steps: Steps, q: View, k: View, v: View, state: View | None, decay: View | None,
    beta: View | None, y: View, present: View, *, rule: str, scale: float,
) -> None:  # fmt: skip
    """One unit of work for each head; states and rows lie in wide temporaries."""
    batch, heads, length, depth = k.shape
    units, width = product((batch, heads)), v.shape[3]
    wide = FLOAT64 if q.dtype == FLOAT64 else FLOAT32
    memory = steps.scratch(wide, units, depth, width)
    rows = steps.scratch(wide, units, 2, width)
    given = [view for view in (q, k, v, state, decay, beta) if view is not None]
    with steps.kernel(given, (y, present, memory, rows)) as routine:
        reads = iter(routine.reads)
        named = [None if view is None else next(reads) for view in (q, k, v, state, decay, beta)]
        with routine.parallel(units, 4 * length * depth * width) as unit:
            head = _Head(routine, named, unit, (batch, heads), scale)
            head.begin()
            with routine.loop(0, length) as t:
                head.token(t)
            head.end()


class _Head:
    """The code for one head of one batch entry."""

    def __init__(
        self, routine: Routine, named: Sequence[Tensor | None], unit: Expr,
        shape: tuple[Dim, Dim], scale: float,
    ) -> None:  # fmt: skip
        self._routine, self._unit, self._scale = routine, unit, scale
        q, k, v, self._state, self._decay, self._beta = named
        assert q is not None and k is not None and v is not None
        self._q, self._k, self._v = q, k, v
        self._y, self._present, self._memory, self._rows = routine.writes
        self._entry, self._head = split_index(unit, shape)
        self._depth, self._width = k.shape[3], v.shape[3]
        self._wide = self._memory.dtype

    def begin(self) -> None:
        """The memory from the state before, or 0."""
        with self._elements() as (i, j):
            first: Expr = Const(0.0, self._wide)
            if self._state is not None:
                first = cast(self._state[self._entry, self._head, i, j], self._wide)
            self._routine.store(self._memory, first, self._unit, i, j)

    def token(self, t: Expr) -> None:
        """Fade, correct, add, ask."""
        self._fill(0, lambda j: Const(0.0, self._wide))
        if self._decay is not None or self._beta is not None:
            self._fade(t)
        self._fill(0, lambda j: self._change(t, j))
        with self._routine.loop(0, self._depth) as i:
            key = self._routine.let(self._key(t, i))
            with self._routine.vector(0, self._width) as j:
                grown = self._at(i, j) + key * self._row(0, j)
                self._routine.store(self._memory, grown, self._unit, i, j)
        kept = self._k.shape[1]
        group = self._q.shape[1] // kept
        with self._routine.loop(0, group) as member:
            self._ask(t, self._head * Size(group) + member)

    def end(self) -> None:
        """The memory as the state behind."""
        with self._elements() as (i, j):
            last = cast(self._at(i, j), self._present.dtype)
            self._routine.store(self._present, last, self._entry, self._head, i, j)

    def _fade(self, t: Expr) -> None:
        """The decayed memory, and what it holds for the key in row 0."""
        with self._routine.loop(0, self._depth) as i:
            factor = self._routine.let(self._factor(t, i))
            key = self._routine.let(self._key(t, i))
            with self._routine.vector(0, self._width) as j:
                faded = self._at(i, j) * factor
                if self._beta is not None:  # before the store: it reads what that changes
                    held = self._row(0, j) + faded * key
                    self._routine.store(self._rows, held, self._unit, 0, j)
                if self._decay is not None:
                    self._routine.store(self._memory, faded, self._unit, i, j)

    def _factor(self, t: Expr, i: Expr) -> Expr:
        if self._decay is None:
            return Const(1.0, self._wide)
        each = i if self._decay.shape[3] == self._depth else Const(0, i.dtype)
        return expr.exp(cast(self._decay[self._entry, self._head, t, each], self._wide))

    def _change(self, t: Expr, j: Expr) -> Expr:
        value = cast(self._v[self._entry, self._head, t, j], self._wide)
        if self._beta is None:
            return value
        head = self._head if self._beta.shape[1] != 1 else Const(0, j.dtype)
        rate = cast(self._beta[self._entry, head, t, 0], self._wide)
        return (value - self._row(0, j)) * rate

    def _ask(self, t: Expr, head: Expr) -> None:
        self._fill(1, lambda j: Const(0.0, self._wide))
        with self._routine.loop(0, self._depth) as i:
            query = self._routine.let(cast(self._q[self._entry, head, t, i], self._wide))
            with self._routine.vector(0, self._width) as j:
                total = self._row(1, j) + self._at(i, j) * query
                self._routine.store(self._rows, total, self._unit, 1, j)
        with self._routine.vector(0, self._width) as j:
            answer = cast(self._row(1, j) * Const(self._scale, self._wide), self._y.dtype)
            self._routine.store(self._y, answer, self._entry, head, t, j)

    @contextmanager
    def _elements(self) -> Iterator[tuple[Expr, Expr]]:
        """Every element of the memory, several of a row at once."""
        with self._routine.loop(0, self._depth) as i, self._routine.vector(0, self._width) as j:
            yield i, j

    def _fill(self, row: int, element: Callable[[Expr], Expr]) -> None:
        with self._routine.vector(0, self._width) as j:
            self._routine.store(self._rows, element(j), self._unit, row, j)

    def _row(self, row: int, j: Expr) -> Expr:
        return self._rows[self._unit, row, j]

    def _at(self, i: Expr, j: Expr) -> Expr:
        return self._memory[self._unit, i, j]

    def _key(self, t: Expr, i: Expr) -> Expr:
        return cast(self._k[self._entry, self._head, t, i], self._wide)


def _case(
    heads: tuple[int, int], sizes: tuple[Dim, Dim, int, int], rule: str, state: bool = False,
    decay: int = 0, beta: int = 0,
) -> Example:  # fmt: skip
    (queries, kept), (batch, length, depth, width) = heads, sizes
    return Example(
        (
            Sample((batch, queries, length, depth)),
            Sample((batch, kept, length, depth), low=-0.6, high=0.6),
            Sample((batch, kept, length, width)),
            Sample((batch, kept, depth, width)) if state else None,
            Sample((batch, kept, length, decay), low=-1.0, high=0.0) if decay else None,
            Sample((batch, beta, length, 1), low=0.0, high=1.0) if beta else None,
        ),
        {"rule": rule, "scale": 0.5}, {"batch": 3},
    )  # fmt: skip


LINEAR_ATTENTION = Op(
    name="linear_attention", kind="special",
    inputs=(
        InputSpec("q", REALS), InputSpec("k", REALS), InputSpec("v", REALS),
        InputSpec("state", REALS, "S", optional=True),
        InputSpec("decay", REALS, optional=True), InputSpec("beta", REALS, optional=True),
    ),
    attributes=(
        AttributeSpec("rule", "str", choices=RULES, doc="how a token changes the state"),
        AttributeSpec("scale", "float", doc="factor of the result"),
    ),
    infer_rule=_infer, evaluate_rule=_evaluate, steps_rule=_steps,
    precision=Bound(relative=2, norm=16),
    doc="Tokens change a state for each head and ask it: S = e^decay · S, then S = S + k (v - Sᵀ k "
    "beta-wise where there is a delta), then y = scale · qᵀ S.",
    examples=(
        _case((2, 2), (2, 5, 4, 6), "linear"),
        _case((4, 2), (1, 3, 8, 9), "gated", state=True, decay=8),
        _case((2, 2), (1, 4, 3, 5), "delta", beta=2),
        _case((2, 1), (2, 7, 8, 8), "gated_delta", state=True, decay=1, beta=1),
        _case((1, 1), (1, 1, 4, 1), "gated_delta", decay=4, beta=1),
        _case((2, 2), (1, 0, 4, 4), "linear", state=True),
        _case((2, 2), (BATCH, 2, 4, 4), "delta", state=True, beta=1),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (LINEAR_ATTENTION,)
