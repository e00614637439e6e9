# SPDX-License-Identifier: Apache-2.0
"""The cells of recurrent networks: what one turn makes of its gates, stated once.

Formulas are those of ONNX's LSTM, GRU and RNN. They are written over an arithmetic: NumPy gives
their meaning, scalar expressions give kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from ingot.kernel import expr


class Arithmetic(Protocol):
    """Functions of elements; operators are Python's."""

    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    tanh: Callable[[Any], Any]
    abs: Callable[[Any], Any]
    sigmoid: Callable[[Any], Any]
    maximum: Callable[[Any, Any], Any]
    minimum: Callable[[Any, Any], Any]
    where: Callable[[Any, Any, Any], Any]


class NumPy:
    """The arithmetic of arrays."""

    exp = staticmethod(np.exp)
    log = staticmethod(np.log)
    tanh = staticmethod(np.tanh)
    abs = staticmethod(np.abs)
    maximum = staticmethod(np.maximum)
    minimum = staticmethod(np.minimum)
    where = staticmethod(np.where)

    @staticmethod
    def sigmoid(x: Any) -> Any:
        """1 / (1 + e^-x), without overflow."""
        small = np.exp(-np.abs(x))
        return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


class Scalars:
    """The arithmetic of scalar expressions."""

    exp = staticmethod(expr.exp)
    log = staticmethod(expr.log)
    tanh = staticmethod(expr.tanh)
    abs = staticmethod(expr.abs)
    sigmoid = staticmethod(expr.sigmoid)
    maximum = staticmethod(expr.maximum)
    minimum = staticmethod(expr.minimum)
    where = staticmethod(expr.where)


Function = Callable[[Any, Any, float, float], Any]


def _softplus(m: Any, x: Any, a: float, b: float) -> Any:
    return m.maximum(x, 0.0) + m.log(m.exp(-m.abs(x)) + 1.0)


def _elu(m: Any, x: Any, a: float, b: float) -> Any:
    return m.where(x > 0.0, x, (m.exp(m.minimum(x, 0.0)) - 1.0) * a)


@dataclass(frozen=True)
class Activation:
    """A function of (arithmetic, x, alpha, beta), and its usual parameters."""

    function: Function
    usual: tuple[float, float] = (0.0, 0.0)


# Each by its name in ONNX, in small letters.
ACTIVATIONS: Final[dict[str, Activation]] = {
    "relu": Activation(lambda m, x, a, b: m.maximum(x, 0.0)),
    "tanh": Activation(lambda m, x, a, b: m.tanh(x)),
    "sigmoid": Activation(lambda m, x, a, b: m.sigmoid(x)),
    "affine": Activation(lambda m, x, a, b: x * a + b, (1.0, 0.0)),
    "leakyrelu": Activation(lambda m, x, a, b: m.where(x >= 0.0, x, x * a), (0.01, 0.0)),
    "thresholdedrelu": Activation(lambda m, x, a, b: m.where(x > a, x, x * 0.0), (1.0, 0.0)),
    "scaledtanh": Activation(lambda m, x, a, b: m.tanh(x * b) * a, (1.0, 1.0)),
    "hardsigmoid": Activation(
        lambda m, x, a, b: m.maximum(m.minimum(x * a + b, 1.0), 0.0), (0.2, 0.5)
    ),
    "elu": Activation(_elu, (1.0, 0.0)),
    "softsign": Activation(lambda m, x, a, b: x / (m.abs(x) + 1.0)),
    "softplus": Activation(_softplus),
}
GATES: Final = {"lstm": 4, "gru": 3, "rnn": 1}
DEFAULTS: Final = {
    "lstm": ("sigmoid", "tanh", "tanh"), "gru": ("sigmoid", "tanh"), "rnn": ("tanh",),
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One kind of cell with its activations; `clip` 0 is none."""

    kind: str
    activations: tuple[str, ...]
    alphas: tuple[float, ...]
    betas: tuple[float, ...]
    clip: float
    coupled: bool
    math: Any

    def activate(self, number: int, x: Any, *, clip: bool = True) -> Any:
        """Activation `number` of clipped `x`."""
        m = self.math
        if clip and self.clip:
            x = m.maximum(m.minimum(x, self.clip), -self.clip)
        function = ACTIVATIONS[self.activations[number]].function
        return function(m, x, self.alphas[number], self.betas[number])

    def lstm(self, gates: Sequence[Any], c: Any, peepholes: Sequence[Any]) -> tuple[Any, Any]:
        """(h, c) from the sums of the gates i, o, f, c and the cell before."""
        i, o, f, g = gates
        if peepholes:
            i, f = i + peepholes[0] * c, f + peepholes[2] * c
        entry = self.activate(0, i)
        keep = 1.0 - entry if self.coupled else self.activate(0, f)
        cell = keep * c + entry * self.activate(1, g)
        if peepholes:
            o = o + peepholes[1] * cell
        return self.activate(0, o) * self.activate(2, cell, clip=False), cell

    def reset(self, r: Any) -> Any:
        """The reset gate of a GRU."""
        return self.activate(0, r)

    def gru(self, z: Any, candidate: Any, h: Any) -> Any:
        """h from the sums of the update gate and of the candidate, and h before."""
        update = self.activate(0, z)
        return (1.0 - update) * self.activate(1, candidate) + update * h

    def rnn(self, total: Any) -> Any:
        """h from its sum."""
        return self.activate(0, total)
