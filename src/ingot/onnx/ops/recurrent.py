# SPDX-License-Identifier: Apache-2.0
"""LSTM, GRU and RNN: one product for all steps with the input, then the cell step by step.

Every option of ONNX is read: both directions, initial states, lengths, peepholes, activations and
their parameters, clipping, coupled gates, `linear_before_reset`, and both layouts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.ir.graph import Value
from ingot.onnx.attributes import REPORT
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Result
from ingot.ops.cells import ACTIVATIONS, DEFAULTS, GATES
from ingot.ops.recurrent import BLOCK, blocks_of

DIRECTIONS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}


def reader(cell: str) -> Callable[[Call], Result]:
    """The mapping of the operator with this cell."""

    def read(call: Call) -> Result:
        return _Recurrent.of(call, cell).read()

    return read


@dataclass(frozen=True)
class _Recurrent:
    """One call: its cell, its sizes, its directions."""

    call: Call
    cell: str
    hidden: int
    backwards: tuple[bool, ...]
    batch_first: bool
    reset_after: bool

    @staticmethod
    def of(call: Call, cell: str) -> _Recurrent:
        kind = call.choice_attribute("direction", "forward", tuple(DIRECTIONS))
        if call.rank(0) != 3 or call.rank(1) != 3 or call.rank(2) != 3:
            call.fail("its data and weights must have rank 3", "correct the model")
        columns = call.shape(2)[-1]
        hidden = call.integer(columns, "the hidden size")
        if call.given("hidden_size") and call.int_attribute("hidden_size") != hidden:
            call.fail("hidden_size is not that of the recurrent weights", "correct the model")
        if call.shape(1)[:2] != (len(DIRECTIONS[kind]), GATES[cell] * hidden):
            call.fail(f"its weights have the shape {call.shape(1)}", "correct the model")
        after = cell == "gru" and call.bool_attribute("linear_before_reset")
        first = call.bool_attribute("layout")
        return _Recurrent(call, cell, hidden, DIRECTIONS[kind], first, after)

    def read(self) -> Result:
        """(Y, Y_h) and, of an LSTM, Y_c."""
        call = self.call
        x = call[0]
        if self.batch_first:
            x = call.make("transpose", x, permutation=(1, 0, 2))
        made = [self._direction(x, number) for number in range(len(self.backwards))]
        steps, batch = x.shape[0], x.shape[1]
        whole = self._joined([one[0] for one in made], (steps, 1, batch, self.hidden), 1, 0)
        states = [
            self._joined([one[k] for one in made], (1, batch, self.hidden), 0, k)
            for k in range(1, len(made[0]))
        ]
        return (whole, *states)

    def _direction(self, x: Value, number: int) -> tuple[Value, ...]:
        """The outputs of one direction."""
        call = self.call
        weights = self._part(1, number, 0)
        gates = call.make("matmul", x, call.make("transpose", weights, permutation=(1, 0)))
        bias, after = self._bias(number)
        if bias is not None:
            gates = call.make("add", gates, bias)
        inputs = (
            gates, self._blocks(self._part(2, number, 0)), self._state(5, number),
            self._state(6, number) if self.cell == "lstm" else None, self._lengths(),
            self._peepholes(number), after,
        )  # fmt: skip
        names, alphas, betas = self._activations(number)
        return call.builder.outputs(
            "recurrent", *inputs, origin=(call.label,),
            names=[f"{call.label}/{what}" for what in ("y", "h", "c")],
            cell=self.cell, hidden=self.hidden, activations=names, alphas=alphas, betas=betas,
            clip=call.float_attribute("clip", 0.0),
            coupled=self.cell == "lstm" and call.bool_attribute("input_forget"),
            reverse=self.backwards[number], reset_after=self.reset_after,
        )  # fmt: skip

    def _part(self, index: int, number: int, axis: int) -> Value:
        """The part of an input that belongs to one direction, without that axis."""
        call, value = self.call, self.call[index]
        shape = value.shape
        rest = (*shape[:axis], *shape[axis + 1 :])
        if shape[axis] != 1:
            starts, ends = [0] * value.rank, list(shape)
            starts[axis], ends[axis] = number, number + 1
            value = call.make(
                "slice", value, starts=tuple(starts), ends=tuple(ends), steps=(1,) * value.rank
            )
        return call.make("reshape", value, shape=rest)

    def _blocks(self, weights: Value) -> Value:
        """Recurrent weights [gates x hidden, hidden] as [block, k, gate, lane], padded with 0."""
        call, gates, hidden = self.call, GATES[self.cell], self.hidden
        count = blocks_of(hidden)
        apart = call.make("reshape", weights, shape=(gates, hidden, hidden))
        if hidden % BLOCK:
            after = (0, count * BLOCK - hidden, 0)
            apart = call.make("pad", apart, before=(0, 0, 0), after=after, mode="constant")
        split = call.make("reshape", apart, shape=(gates, count, BLOCK, hidden))
        return call.make("transpose", split, permutation=(1, 3, 0, 2))

    def _bias(self, number: int) -> tuple[Value | None, Value | None]:
        """What is added to the gates of the input, and to a candidate before its reset."""
        if not self.call.has(3):
            return None, None
        whole, size = self._part(3, number, 0), GATES[self.cell] * self.hidden
        input_bias, state_bias = self._run(whole, 0, size), self._run(whole, size, 2 * size)
        if not self.reset_after:
            return self.call.make("add", input_bias, state_bias), None
        kept = self._run(state_bias, 0, 2 * self.hidden)
        padded = self.call.make("pad", kept, before=(0,), after=(self.hidden,), mode="constant")
        after = self._run(state_bias, 2 * self.hidden, 3 * self.hidden)
        return self.call.make("add", input_bias, padded), after

    def _run(self, value: Value, start: int, end: int) -> Value:
        return self.call.make("slice", value, starts=(start,), ends=(end,), steps=(1,))

    def _state(self, index: int, number: int) -> Value | None:
        if not self.call.has(index):
            return None
        return self._part(index, number, 1 if self.batch_first else 0)

    def _lengths(self) -> Value | None:
        lengths = self.call.get(4)
        if lengths is None or lengths.dtype == INT64:
            return lengths
        return self.call.make("cast", lengths, to=INT64)

    def _peepholes(self, number: int) -> Value | None:
        if self.cell != "lstm" or not self.call.has(7):
            return None
        return self.call.make("reshape", self._part(7, number, 0), shape=(3, self.hidden))

    def _activations(self, number: int) -> tuple[str, tuple[float, ...], tuple[float, ...]]:
        """Names, alphas and betas of one direction; given parameters go to those that take one."""
        call, usual = self.call, DEFAULTS[self.cell]
        names = list(usual) * len(self.backwards)
        if call.given("activations"):
            names = [name.lower() for name in call.texts_attribute("activations")]
        if len(names) != len(usual) * len(self.backwards):
            call.fail(f"{len(names)} activations are given", "give them for each direction")
        for name in names:
            if name not in ACTIVATIONS:
                call.refuse(f"activation '{name}' is not supported", REPORT)
        alphas = _parameters(names, list(call.floats_attribute("activation_alpha", ())), 0)
        betas = _parameters(names, list(call.floats_attribute("activation_beta", ())), 1)
        own = slice(number * len(usual), (number + 1) * len(usual))
        return ",".join(names[own]), tuple(alphas[own]), tuple(betas[own])

    def _joined(self, parts: list[Value], shape: tuple[Dim, ...], axis: int, output: int) -> Value:
        """The directions side by side on a new axis, in the layout asked for."""
        call = self.call
        if not self.batch_first:
            if len(parts) == 1:
                return call.result("reshape", parts[0], output=output, shape=shape)
            apart = [call.make("reshape", part, shape=shape) for part in parts]
            return call.result("concat", *apart, output=output, axis=axis)
        apart = [call.make("reshape", part, shape=shape) for part in parts]
        whole = apart[0] if len(apart) == 1 else call.make("concat", *apart, axis=axis)
        order = (2, 0, 1, 3) if axis else (1, 0, 2)
        return call.result("transpose", whole, output=output, permutation=order)


PARAMETERS = {  # how many of alpha and beta an activation takes from the lists
    "affine": (1, 1), "leakyrelu": (1, 0), "thresholdedrelu": (1, 0), "scaledtanh": (1, 1),
    "hardsigmoid": (1, 1), "elu": (1, 0),
}  # fmt: skip


def _parameters(names: list[str], given: list[float], which: int) -> list[float]:
    """One parameter of each activation: from the list as far as it goes, else the usual one."""
    found = []
    for name in names:
        takes = PARAMETERS.get(name, (0, 0))[which]
        usual = ACTIVATIONS[name].usual[which]
        found.append(float(given.pop(0)) if takes and given else usual)
    return found


OPERATORS = (
    Operator("LSTM", reader("lstm"), since=7),
    Operator("GRU", reader("gru"), since=7),
    Operator("RNN", reader("rnn"), since=7),
)
