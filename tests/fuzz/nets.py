# SPDX-License-Identifier: Apache-2.0
"""Random small networks: blocks as convolutional nets and transformers have them, odd sizes.

What random ops seldom make, these make always: layouts that travel from step to step, epilogues
with residuals, several readers of one tensor, heads split and joined, one plan for many sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from tests.fuzz.graphs import TableGraph

from ingot.dims import symbol
from ingot.dtypes import FLOAT32
from ingot.ir.graph import SymbolRange, Value
from ingot.ops import Builder
from ingot.ops.example import Sample

SIZES: Final = ("n", "h", "w")
ACTIVATIONS: Final = ("relu", "silu", "hard_swish", "gelu", "sigmoid", "tanh", "mish")
WIDTHS: Final = (1, 3, 4, 6, 8, 12, 16, 17, 24, 32, 40)


class RandomNet(TableGraph):
    """A network over an image of free sizes, grown block by block."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 1])
        self.builder = Builder("net", symbols={name: SymbolRange(1, 64) for name in SIZES})
        self.binding = {"n": self.choose((1, 2, 3)), "h": self.choose((7, 8, 13)),
                        "w": self.choose((6, 9, 16))}  # fmt: skip
        self.values, self.arrays = [], {}
        shape = (symbol("n"), self.choose(WIDTHS), symbol("h"), symbol("w"))
        x = self.builder.input("image", FLOAT32, shape)
        self.arrays[x] = self.sampled(Sample(shape), FLOAT32)
        self.values.append(x)

    @property
    def steps(self) -> tuple[Callable[[Any], Value | None], ...]:
        """The blocks."""
        return BLOCKS

    def drawn(self, *shape: int, fan: int = 1) -> Value:
        """A weight; `fan` products with it are summed."""
        array = (self.rng.standard_normal(shape) / fan**0.5).astype(np.float32)
        return self.builder.weight(f"w{len(self.builder.weights)}", array)

    def image(self) -> Value | None:
        return self.pick(ranks=(4,))

    def tokens(self) -> Value | None:
        return self.pick(ranks=(3,))


def channels(x: Value) -> int:
    size = x.shape[1]
    assert isinstance(size, int)
    return size


def conv(g: RandomNet) -> Value | None:
    x = g.image()
    if x is None:
        return None
    given = channels(x)
    group = g.choose((1, 1, 1, given, *(k for k in (2, 3, 4) if given % k == 0)))
    wanted = group * g.choose([k for k in WIDTHS if k * group <= 48] or [1])
    kernel = g.choose(((1, 1), (1, 1), (3, 3), (3, 3), (3, 3), (5, 5), (1, 3), (2, 2)))
    dilation, stride = g.choose((1, 1, 1, 2)), g.choose((1, 1, 1, 2))
    same = [dilation * (size - 1) // 2 for size in kernel]
    pads = (*same, *same) if g.rng.random() < 0.8 else tuple(g.rng.integers(0, 2, 4).tolist())
    fan = given // group * kernel[0] * kernel[1]
    bias = [g.drawn(wanted)] if g.rng.random() < 0.5 else []
    weight = g.drawn(wanted, given // group, *kernel, fan=fan)
    y = g.node(
        "conv", x, weight, *bias, strides=(stride,) * 2, dilations=(dilation,) * 2, pads=pads,
        group=group,
    )  # fmt: skip
    return finished(g, y)


def finished(g: RandomNet, y: Value) -> Value:
    """Normalisation, activation and residual, each or none, in the orders that networks use."""
    if y.rank == 4 and g.rng.random() < 0.3:
        count = channels(y)
        variance = g.builder.weight(f"v{len(g.builder.weights)}",
                                    g.rng.uniform(0.5, 2, count).astype(np.float32))  # fmt: skip
        y = g.node("batch_norm", y, *(g.drawn(count) for _ in range(3)), variance, epsilon=1e-3)
    early = g.rng.random() < 0.5
    if early:
        y = activated(g, y)
    partners = [v for v in g.values if v.shape == y.shape]
    if partners and g.rng.random() < 0.6:
        y = g.node(g.choose(("add", "add", "mul", "sub")), *shuffled(g, y, g.choose(partners)))
    return y if early else activated(g, y)


def activated(g: RandomNet, y: Value) -> Value:
    return g.node(g.choose(ACTIVATIONS), y) if g.rng.random() < 0.6 else y


def shuffled(g: RandomNet, *values: Value) -> list[Value]:
    return [values[k] for k in g.rng.permutation(len(values))]


def pool(g: RandomNet) -> Value | None:
    x = g.image()
    if x is None:
        return None
    size, stride = g.choose(((3, 2), (2, 2), (3, 1)))
    op = g.choose(("max_pool", "average_pool"))
    return g.node(
        op, x, kernel=(size,) * 2, strides=(stride,) * 2, pads=(size // 2,) * 4,
        dilations=(1, 1), ceil_mode=bool(g.rng.random() < 0.3),
    )  # fmt: skip


def excite(g: RandomNet) -> Value | None:
    """Squeeze and excite: a factor for each channel."""
    x = g.image()
    if x is None:
        return None
    count, narrow = channels(x), g.choose((1, 4, 6))
    mean = g.node("reduce_mean", x, axes=(2, 3), keep_dims=True)
    ones = {"strides": (1, 1), "dilations": (1, 1), "pads": (0, 0, 0, 0), "group": 1}
    y = g.node("conv", mean, g.drawn(narrow, count, 1, 1, fan=count), g.drawn(narrow), **ones)
    y = g.node("conv", g.node("relu", y), g.drawn(count, narrow, 1, 1, fan=narrow), **ones)
    return g.node("mul", *shuffled(g, x, g.node(g.choose(("sigmoid", "hard_sigmoid")), y)))


def join(g: RandomNet) -> Value | None:
    x = g.image()
    partners = [v for v in g.values if x and v.rank == 4 and v.shape[2:] == x.shape[2:]]
    if x is None or channels(x) > 40:
        return None
    return g.node("concat", x, g.choose(partners), axis=1)


def part(g: RandomNet) -> Value | None:
    x = g.image()
    if x is None or channels(x) < 2:
        return None
    cut = int(g.rng.integers(1, channels(x)))
    starts = (0, cut, 0, 0) if g.rng.random() < 0.5 else (0,) * 4
    ends = x.shape if starts[1] else (x.shape[0], cut, *x.shape[2:])
    return g.node("slice", x, starts=starts, ends=ends, steps=(1,) * 4)


def flatten(g: RandomNet) -> Value | None:
    """An image to tokens."""
    x = g.image()
    if x is None:
        return None
    n, c, h, w = x.shape
    y = g.node("reshape", x, shape=(n, c, h * w))
    return g.node("transpose", y, permutation=(0, 2, 1))


def norm(g: RandomNet) -> Value | None:
    x = g.tokens()
    if x is None:
        return None
    size = x.shape[-1]
    assert isinstance(size, int)
    return g.node("layer_norm", x, g.drawn(size), g.drawn(size), axis=2, epsilon=1e-2)


def linear(g: RandomNet) -> Value | None:
    x = g.tokens()
    if x is None:
        return None
    size, wanted = x.shape[-1], g.choose(WIDTHS)
    assert isinstance(size, int)
    y = g.node("matmul", x, g.drawn(size, wanted, fan=size))
    return finished(g, g.node("add", y, g.drawn(wanted)) if g.rng.random() < 0.7 else y)


def attend(g: RandomNet) -> Value | None:
    """Heads of queries, keys and values from tokens, some of them the tokens themselves."""
    x = g.tokens()
    if x is None:
        return None
    n, length, size = x.shape
    heads, depth = g.choose((1, 2, 3)), g.choose((1, 4, 8, 12))
    assert isinstance(size, int)

    def projected() -> Value:
        y = g.node("matmul", x, g.drawn(size, heads * depth, fan=size))
        y = g.node("reshape", y, shape=(n, length, heads, depth))
        return g.node("transpose", y, permutation=(0, 2, 1, 3))

    q, k = projected(), projected()
    k, v = (q if g.rng.random() < 0.2 else k), (k if g.rng.random() < 0.2 else projected())
    scores = g.node("matmul", q, g.node("transpose", k, permutation=(0, 1, 3, 2)))
    scores = g.node(*g.choose((("mul", scores, depth**-0.5), ("div", scores, depth**0.5))))
    mixed = g.node("matmul", g.node("softmax", scores, axis=3), v)
    y = g.node("transpose", mixed, permutation=(0, 2, 1, 3))
    y = g.node("reshape", y, shape=(n, length, heads * depth))
    return finished(g, g.node("matmul", y, g.drawn(heads * depth, size, fan=heads * depth)))


def enlarge(g: RandomNet) -> Value | None:
    x = g.image()
    if x is None or g.arrays[x].size > 20_000:
        return None
    n, c, h, w = x.shape
    options: dict[str, Any] = {"mode": g.choose(("nearest", "linear")), "scales": ()}
    return g.node("resize", x, shape=(n, c, 2 * h, 2 * w), **options)


BLOCKS: Final = (
    *[conv] * 8, pool, excite, join, part, flatten, norm, linear, linear, attend, attend, enlarge,
)  # fmt: skip
