# SPDX-License-Identifier: Apache-2.0
"""LSTM, GRU and simple RNN: the part that has to go step by step.

The products with the input are one ordinary matmul over all steps ahead of it. What is left, the
product with the state and the cell, runs here as one kernel for all steps. The recurrent weights
come in blocks of 16 outputs, r[block, k, gate, lane], so that a turn reads them straight through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ingot.dims import Dim, ceil_div
from ingot.dtypes import FLOAT32, FLOAT64, INT64, DType
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Expr
from ingot.kernel.nodes import Const, Size, cast, replaced
from ingot.kernel.routine import Routine, Tensor
from ingot.kernel.view import View
from ingot.ops.cells import ACTIVATIONS, DEFAULTS, GATES, Cell, NumPy, Scalars
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.op import AttributeSpec, InputSpec, Op
from ingot.ops.require import Require
from ingot.ops.steps import Steps

BLOCK = 16
# Finishes an output: (step, batch entry, output, half that holds the state, sums of the gates).
_Finish = Callable[[Expr, Expr, Expr, Expr, Sequence[Expr]], None]
ROWS = 4  # batch entries that share what is loaded of the weights


def blocks_of(size: int) -> int:
    """How many blocks hold `size` outputs."""
    return -(-size // BLOCK)


def _infer(
    require: Require, x: TensorType, r: TensorType, h: TensorType | None, c: TensorType | None,
    lengths: TensorType | None, peepholes: TensorType | None, bias: TensorType | None,
    *, cell: str, hidden: int, activations: str, **_: object,
) -> tuple[TensorType, ...]:  # fmt: skip
    gates = GATES[cell]
    names = activations.split(",")
    require.that(len(names) == len(DEFAULTS[cell]), f"{cell} has {len(DEFAULTS[cell])} activations")
    for name in names:
        require.that(name in ACTIVATIONS, f"activation '{name}' is unknown")
    require.that(x.rank == 3, "x must have rank 3: steps, batch, gates x hidden")
    require.equal(x.shape[2], gates * hidden, "columns of x and gates x hidden")
    require.that(r.shape == (blocks_of(hidden), hidden, gates, BLOCK), f"r has the shape {r.shape}")
    steps, batch = x.shape[:2]
    shapes = ((h, (batch, hidden)), (c, (batch, hidden)), (lengths, (batch,)),
              (peepholes, (3, hidden)), (bias, (hidden,)))  # fmt: skip
    for given, shape in shapes:
        if given is not None:
            require.that(given.rank == len(shape), f"an input has rank {given.rank}")
            for a, b in zip(given.shape, shape, strict=True):
                require.equal(a, b, "sizes of a state and of the cell")
    state = TensorType(x.dtype, (batch, hidden))
    y = TensorType(x.dtype, (steps, batch, hidden))
    return (y, state, state) if cell == "lstm" else (y, state)


def _cell(
    math: object, cell: str, activations: str, alphas: tuple[float, ...],
    betas: tuple[float, ...], clip: float, coupled: bool,
) -> Cell:  # fmt: skip
    return Cell(cell, tuple(activations.split(",")), alphas, betas, clip, coupled, math)


def _evaluate(
    x: Array, r: Array, h: Array | None, c: Array | None, lengths: Array | None,
    peepholes: Array | None, bias: Array | None,
    *, cell: str, hidden: int, activations: str, alphas: tuple[float, ...],
    betas: tuple[float, ...], clip: float, coupled: bool, reverse: bool, reset_after: bool,
) -> tuple[Array, ...]:  # fmt: skip
    made = _cell(NumPy, cell, activations, alphas, betas, clip, coupled)
    steps, batch = x.shape[:2]
    wide = np.moveaxis(r.astype(np.float64), 0, 2)  # [k, gate, block, lane]
    weights = wide.reshape(hidden, GATES[cell], -1)[:, :, :hidden]
    state, memory = (
        np.zeros((batch, hidden)) if part is None else part.astype(np.float64) for part in (h, c)
    )
    holes = () if peepholes is None else tuple(peepholes.astype(np.float64))
    extra = None if bias is None else bias.astype(np.float64)
    counts = np.full(batch, steps) if lengths is None else np.clip(lengths, 0, steps)
    y = np.zeros((steps, batch, hidden))
    for turn in range(steps):
        for row in range(batch):
            if turn >= counts[row]:
                continue
            t = counts[row] - 1 - turn if reverse else turn
            gates = x[t, row].astype(np.float64).reshape(-1, hidden)
            before, cells = state[row], memory[row]
            state[row], memory[row] = _turn(
                made, gates, weights, (before, cells), holes, extra, reset_after
            )
            y[t, row] = state[row]
    outputs = (y, state, memory) if cell == "lstm" else (y, state)
    return tuple(array.astype(x.dtype) for array in outputs)


def _turn(
    cell: Cell, gates: Array, weights: Array, state: tuple[Array, Array],
    holes: tuple[Array, ...], bias: Array | None, reset_after: bool,
) -> tuple[Array, Array]:  # fmt: skip
    """h and c of one batch entry after one turn."""
    h, c = state
    sums = np.einsum("k,kgj->gj", h, weights)
    if cell.kind == "lstm":
        new, memory = cell.lstm(tuple(gates + sums), c, holes)
        return new, memory
    if cell.kind == "rnn":
        return cell.rnn(gates[0] + sums[0]), c
    reset = cell.reset(gates[1] + sums[1])
    if reset_after:
        candidate = gates[2] + reset * (sums[2] if bias is None else sums[2] + bias)
    else:
        candidate = gates[2] + np.einsum("k,kj->j", reset * h, weights[:, 2])
    return cell.gru(gates[0] + sums[0], candidate, h), c


# --- the kernel


def _steps(
    steps: Steps, x: View, r: View, h: View | None, c: View | None, lengths: View | None,
    peepholes: View | None, bias: View | None, *outputs: View | None,
    cell: str, hidden: int, activations: str, alphas: tuple[float, ...],
    betas: tuple[float, ...], clip: float, coupled: bool, reverse: bool, reset_after: bool,
) -> None:  # fmt: skip
    """One unit of work for up to four batch entries, one each where their lengths differ."""
    batch = x.shape[1]
    wide = FLOAT64 if x.dtype == FLOAT64 else FLOAT32
    states = steps.temporary(wide, 2, batch, hidden)
    others = steps.temporary(wide, 2, batch, hidden)
    sums = steps.temporary(wide, batch, GATES[cell], BLOCK)
    given = [view for view in (x, r, h, c, lengths, peepholes, bias) if view is not None]
    made = [view for view in outputs if view is not None]
    with steps.kernel(given, (*made, states, others, sums)) as routine:
        reads, writes = iter(routine.reads), iter(routine.writes)
        named = [
            None if view is None else next(reads) for view in (x, r, h, c, lengths, peepholes, bias)
        ]
        results = [None if view is None else next(writes) for view in outputs]
        code = _Code(
            routine, named, [*results, None][:3], (next(writes), next(writes)), next(writes),
            _cell(Scalars, cell, activations, alphas, betas, clip, coupled),
            hidden, reverse, reset_after,
        )  # fmt: skip
        rows = 1 if lengths is not None or batch == 1 else ROWS
        work = 2 * GATES[cell] * hidden * hidden * rows
        with routine.parallel(ceil_div(batch, rows), work * 8) as unit:
            if rows == 1:
                code.rows([unit])
            else:
                _grouped(routine, code, unit, batch)


def _grouped(routine: Routine, code: _Code, unit: Expr, batch: Dim) -> None:
    """Four batch entries at once, the last few one by one."""
    first = routine.let(unit * Size(ROWS))
    whole = first + Size(ROWS) <= Size(batch)
    with routine.when(whole):
        code.rows([first + Size(k) for k in range(ROWS)])
    with routine.otherwise(), routine.loop(first, Size(batch)) as row:
        code.rows([row])


@dataclass
class _Code:
    """The code for some batch entries, from the first step to the last."""

    routine: Routine
    inputs: Sequence[Tensor | None]
    results: Sequence[Tensor | None]
    scratch: tuple[Tensor, Tensor]
    sums: Tensor
    cell: Cell
    hidden: int
    reverse: bool
    reset_after: bool

    def rows(self, rows: Sequence[Expr]) -> None:
        """Begin, all turns, end."""
        routine, x = self.routine, self._x
        self._begin(rows)
        current = routine.let(0)
        count = self._count(rows[0])
        with routine.loop(0, count) as turn:
            t = count - turn - Size(1) if self.reverse else turn
            self._turn(t, rows, current)
            routine.set(current, Size(1) - current)
        if self.inputs[4] is not None and self.results[0] is not None:
            with routine.loop(count, x.shape[0]) as late, routine.vector(0, self.hidden) as j:
                routine.store(self.results[0], Const(0.0, x.dtype), late, rows[0], j)
        self._end(rows, current)

    @property
    def _x(self) -> Tensor:
        x = self.inputs[0]
        assert x is not None
        return x

    @property
    def _wide(self) -> DType:
        return self.scratch[0].dtype

    def _count(self, row: Expr) -> Expr:
        """How many turns a batch entry takes."""
        lengths, most = self.inputs[4], Size(self._x.shape[0])
        if lengths is None:
            return most
        told = cast(lengths[row], INT64)
        return self.routine.let(expr.maximum(expr.minimum(told, most), Size(0)))

    def _begin(self, rows: Sequence[Expr]) -> None:
        """The first states, or 0."""
        for given, target in zip(self.inputs[2:4], self.scratch, strict=True):
            for row in rows:
                with self.routine.vector(0, self.hidden) as j:
                    first: Expr = Const(0.0, self._wide)
                    if given is not None:
                        first = cast(given[row, j], self._wide)
                    self.routine.store(target, first, 0, row, j)

    def _end(self, rows: Sequence[Expr], current: Expr) -> None:
        """The last states as results."""
        places = (
            (self.results[1], self.scratch[0], current),
            (self.results[2], self.scratch[1], 0),
        )
        for result, source, at in places:
            for row in rows if result is not None else ():
                assert result is not None
                with self.routine.vector(0, self.hidden) as j:
                    value = cast(source[at, row, j], result.dtype)
                    self.routine.store(result, value, row, j)

    def _turn(self, t: Expr, rows: Sequence[Expr], current: Expr) -> None:
        kind = self.cell.kind
        if kind == "gru" and not self.reset_after:
            self._each(t, rows, current, (0, 1), self._reset)
            self._each(t, rows, current, (2,), self._candidate, self.scratch[1])
        else:
            self._each(t, rows, current, tuple(range(GATES[kind])), getattr(self, f"_{kind}"))

    def _each(
        self, t: Expr, rows: Sequence[Expr], current: Expr, gates: tuple[int, ...],
        finish: _Finish, source: Tensor | None = None,
    ) -> None:  # fmt: skip
        """`finish` for every output, whole blocks first, with the sums of `gates` over the state.

        The state is read from half 0 of `source` where given.
        """
        whole, rest = divmod(self.hidden, BLOCK)
        if whole:
            with self.routine.loop(0, whole) as block:
                self._block(t, rows, current, gates, finish, source, block, BLOCK)
        if rest:
            last = Const(whole, INT64)
            self._block(t, rows, current, gates, finish, source, last, rest)

    def _block(
        self, t: Expr, rows: Sequence[Expr], current: Expr, gates: tuple[int, ...],
        finish: _Finish, source: Tensor | None, block: Expr, width: int,
    ) -> None:  # fmt: skip
        """The cell of several batch entries is printed once: their sums go through memory."""
        routine, weights = self.routine, self.inputs[1]
        assert weights is not None
        with routine.vector(0, width) as lane:
            j = block * Size(BLOCK) + lane
            zero = Const(0.0, self._wide)
            sums = [[routine.let(zero) for _ in gates] for _ in rows]
            with routine.loop(0, self.hidden) as k:
                parts = [routine.let(cast(weights[block, k, g, lane], self._wide)) for g in gates]
                for row, totals in zip(rows, sums, strict=True):
                    state = self._state(row, k, current) if source is None else source[0, row, k]
                    value = routine.let(state)
                    for total, part in zip(totals, parts, strict=True):
                        routine.set(total, expr.fma(value, part, total))
            if len(rows) == 1:
                finish(t, rows[0], j, current, sums[0])
                return
            for row, totals in zip(rows, sums, strict=True):
                for number, total in enumerate(totals):
                    routine.store(self.sums, total, row, number, lane)
        last = rows[0] + Size(len(rows))
        with routine.loop(rows[0], last) as row, routine.vector(0, width) as lane:
            kept = [routine.let(self.sums[row, number, lane]) for number in range(len(gates))]
            finish(t, row, block * Size(BLOCK) + lane, current, kept)

    def _state(self, row: Expr, j: Expr, current: Expr) -> Expr:
        return self.scratch[0][current, row, j]

    def _input(self, t: Expr, row: Expr, j: Expr, gate: int) -> Expr:
        return cast(self._x[t, row, j + Size(gate * self.hidden)], self._wide)

    def _store(self, t: Expr, row: Expr, j: Expr, current: Expr, h: Expr) -> None:
        """The new state, and what the step gives."""
        value, y = self.routine.let(h), self.results[0]
        self.routine.store(self.scratch[0], value, Size(1) - current, row, j)
        if y is not None:
            self.routine.store(y, cast(value, y.dtype), t, row, j)

    def _lstm(self, t: Expr, row: Expr, j: Expr, current: Expr, sums: Sequence[Expr]) -> None:
        gates = [self._input(t, row, j, g) + total for g, total in enumerate(sums)]
        holes = self.inputs[5]
        peep = () if holes is None else tuple(cast(holes[k, j], self._wide) for k in range(3))
        before = self.routine.let(self.scratch[1][0, row, j])
        h, c = self.cell.lstm(gates, before, peep)
        kept = self.routine.let(c)
        self.routine.store(self.scratch[1], kept, 0, row, j)
        self._store(t, row, j, current, replaced(h, {c: kept}))

    def _rnn(self, t: Expr, row: Expr, j: Expr, current: Expr, sums: Sequence[Expr]) -> None:
        self._store(t, row, j, current, self.cell.rnn(self._input(t, row, j, 0) + sums[0]))

    def _gru(self, t: Expr, row: Expr, j: Expr, current: Expr, sums: Sequence[Expr]) -> None:
        bias = self.inputs[6]
        inner: Expr = sums[2]
        if bias is not None:
            inner = inner + cast(bias[j], self._wide)
        reset = self.cell.reset(self._input(t, row, j, 1) + sums[1])
        candidate = self._input(t, row, j, 2) + reset * inner
        update = self._input(t, row, j, 0) + sums[0]
        h = self.cell.gru(update, candidate, self._state(row, j, current))
        self._store(t, row, j, current, h)

    def _reset(self, t: Expr, row: Expr, j: Expr, current: Expr, sums: Sequence[Expr]) -> None:
        """What the candidate's product reads, and the update gate's sum."""
        reset = self.cell.reset(self._input(t, row, j, 1) + sums[1])
        held = self.routine.let(reset * self._state(row, j, current))
        update = self.routine.let(self._input(t, row, j, 0) + sums[0])
        self.routine.store(self.scratch[1], held, 0, row, j)
        self.routine.store(self.scratch[1], update, 1, row, j)

    def _candidate(self, t: Expr, row: Expr, j: Expr, current: Expr, sums: Sequence[Expr]) -> None:
        update = self.routine.let(self.scratch[1][1, row, j])
        before = self.routine.let(self._state(row, j, current))
        candidate = self._input(t, row, j, 2) + sums[0]
        self._store(t, row, j, current, self.cell.gru(update, candidate, before))


def _case(
    cell: str, sizes: tuple[int, Dim, int], *, states: bool = False, lengths: bool = False,
    peepholes: bool = False, bias: bool = False, activations: str = "", **attributes: object,
) -> Example:  # fmt: skip
    (steps, batch, hidden), gates = sizes, GATES[cell]
    names = activations or ",".join(DEFAULTS[cell])
    usual = [ACTIVATIONS[name].usual for name in names.split(",")]
    weights = Sample((blocks_of(hidden), hidden, gates, BLOCK), low=-0.5, high=0.5)
    state = Sample((batch, hidden), low=-1.0, high=1.0) if states else None
    counts = (3.0, 0.0, 1.0, 5.0, 2.0) if batch == 5 else (1.0, 4.0, 3.0)
    return Example(
        (
            Sample((steps, batch, gates * hidden), low=-2.0, high=2.0), weights, state,
            state if cell == "lstm" else None,
            Sample((batch,), INT64, values=counts) if lengths else None,
            Sample((3, hidden)) if peepholes else None,
            Sample((hidden,)) if bias else None,
        ),
        {
            "cell": cell, "hidden": hidden, "activations": names,
            "alphas": tuple(alpha for alpha, _ in usual),
            "betas": tuple(beta for _, beta in usual), **attributes,
        },
        {"batch": 3},
    )  # fmt: skip


RECURRENT = Op(
    name="recurrent", kind="special",
    inputs=(
        InputSpec("x", REALS), InputSpec("r", REALS), InputSpec("h", REALS, optional=True),
        InputSpec("c", REALS, optional=True),
        InputSpec("lengths", (INT64,), "L", optional=True),
        InputSpec("peepholes", REALS, optional=True), InputSpec("bias", REALS, optional=True),
    ),
    attributes=(
        AttributeSpec("cell", "str", choices=tuple(GATES), doc="which kind of cell"),
        AttributeSpec("hidden", "int", doc="outputs of the cell"),
        AttributeSpec("activations", "str", doc="names, separated by commas"),
        AttributeSpec("alphas", "floats", doc="first parameter of each activation"),
        AttributeSpec("betas", "floats", doc="second parameter of each activation"),
        AttributeSpec("clip", "float", 0.0, doc="limit of what activations take; 0 is none"),
        AttributeSpec("coupled", "bool", False, doc="the forget gate is 1 - the input gate"),
        AttributeSpec("reverse", "bool", False, doc="from the last step to the first"),
        AttributeSpec("reset_after", "bool", False, doc="a GRU resets behind the product"),
    ),
    infer_rule=_infer, evaluate_rule=_evaluate, steps_rule=_steps,
    precision=Bound(relative=4, norm=32),
    doc="The steps of an LSTM (gates i, o, f, c), GRU (z, r, h) or RNN: gates = x[t] + h r, then "
    "the cell. Gives every h, the last h and, of an LSTM, the last c. `lengths` ends batch entries "
    "early, with zeros behind; `peepholes` are those of i, o, f; `bias` is added to the product of "
    "a candidate before the reset.",
    examples=(
        _case("lstm", (4, 1, 16)),
        _case("lstm", (3, 5, 19), states=True, peepholes=True, clip=0.7, reverse=True),
        _case("lstm", (5, 5, 6), lengths=True, coupled=True, activations="hardsigmoid,elu,affine"),
        _case("lstm", (2, BATCH, 4), states=True, lengths=True, reverse=True),
        _case("gru", (4, 6, 17), states=True),
        _case("gru", (3, 4, 33), reset_after=True, bias=True, activations="softsign,leakyrelu"),
        _case("gru", (4, 3, 5), lengths=True, reverse=True, activations="sigmoid,scaledtanh"),
        _case("rnn", (6, 2, 20), states=True, activations="thresholdedrelu"),
        _case("rnn", (0, 2, 3), states=True, activations="softplus"),
        _case("rnn", (3, 1, 1), activations="relu", clip=1.0),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (RECURRENT,)
