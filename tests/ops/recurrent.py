# SPDX-License-Identifier: Apache-2.0
"""The oracle of the recurrent cells: ONNX's formulas, one output at a time in Python's floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def _activation(name: str, x: float, alpha: float, beta: float) -> float:
    match name:
        case "relu":
            return max(x, 0.0)
        case "tanh":
            return math.tanh(x)
        case "sigmoid":
            return 1 / (1 + math.exp(-x))
        case "affine":
            return alpha * x + beta
        case "leakyrelu":
            return x if x >= 0 else alpha * x
        case "thresholdedrelu":
            return x if x > alpha else 0.0
        case "scaledtanh":
            return alpha * math.tanh(beta * x)
        case "hardsigmoid":
            return min(max(alpha * x + beta, 0.0), 1.0)
        case "elu":
            return x if x > 0 else alpha * math.expm1(x)
        case "softsign":
            return x / (1 + abs(x))
    assert name == "softplus"
    return math.log1p(math.exp(x))


def recurrent(
    x: Any, r: Any, h: Any = None, c: Any = None, lengths: Any = None, peepholes: Any = None,
    bias: Any = None, *, cell: str, hidden: int, activations: str, alphas: Any, betas: Any,
    clip: float, coupled: bool, reverse: bool, reset_after: bool,
) -> Any:  # fmt: skip
    steps, batch = x.shape[:2]
    names = activations.split(",")

    def act(number: int, value: float, *, clipped: bool = True) -> float:
        if clipped and clip:
            value = min(max(value, -clip), clip)
        return _activation(names[number], value, alphas[number], betas[number])

    def product(state: list[float], gate: int, j: int) -> float:
        block, lane = divmod(j, 16)
        return math.fsum(state[k] * float(r[block, k, gate, lane]) for k in range(hidden))

    y = np.zeros((steps, batch, hidden))
    last, cells = np.zeros((batch, hidden)), np.zeros((batch, hidden))
    for row in range(batch):
        state = [0.0] * hidden if h is None else [float(v) for v in h[row]]
        memory = [0.0] * hidden if c is None else [float(v) for v in c[row]]
        count = steps if lengths is None else min(max(int(lengths[row]), 0), steps)
        order = range(count - 1, -1, -1) if reverse else range(count)
        for t in order:
            gate = [[float(v) for v in x[t, row, g * hidden : (g + 1) * hidden]]
                    for g in range(x.shape[2] // max(hidden, 1))]  # fmt: skip
            before = list(state)
            if cell == "gru":
                resets = [act(0, gate[1][j] + product(before, 1, j)) for j in range(hidden)]
                scaled = [a * b for a, b in zip(resets, before, strict=True)]
            for j in range(hidden):
                if cell == "rnn":
                    state[j] = act(0, gate[0][j] + product(before, 0, j))
                elif cell == "gru":
                    z = act(0, gate[0][j] + product(before, 0, j))
                    if reset_after:
                        extra = 0.0 if bias is None else float(bias[j])
                        inner = resets[j] * (product(before, 2, j) + extra)
                    else:
                        inner = product(scaled, 2, j)
                    state[j] = (1 - z) * act(1, gate[2][j] + inner) + z * before[j]
                else:
                    hole = [0.0] * 3 if peepholes is None else [float(p[j]) for p in peepholes]
                    i = act(0, gate[0][j] + product(before, 0, j) + hole[0] * memory[j])
                    f = act(0, gate[2][j] + product(before, 2, j) + hole[2] * memory[j])
                    g = act(1, gate[3][j] + product(before, 3, j))
                    old, new = (1 - i if coupled else f) * memory[j], i * g
                    memory[j] = old + new
                    o = act(0, gate[1][j] + product(before, 1, j) + hole[1] * memory[j])
                    state[j] = o * act(2, memory[j], clipped=False)
            y[t, row] = state
        last[row], cells[row] = state, memory
    return (y, last, cells) if cell == "lstm" else (y, last)
