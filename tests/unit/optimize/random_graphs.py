# SPDX-License-Identifier: Apache-2.0
"""Random graphs for differential tests: ops that the rules look for, with telling constants.

Numbers stay moderate, so that before and after agree closely; shapes keep a symbolic batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np

from ingot import dtypes
from ingot.dims import Dim, symbol
from ingot.dtypes import DType
from ingot.ir.graph import Derivation, Graph, SymbolRange, Value
from ingot.ops.build import Builder

N: Final = symbol("n")
TELLING: Final = (0.0, 1.0, 2.0, 0.5, -1.0, 3.0, 6.0, 1.7, 1.4142135, 0.70710677, 0.25)
TAME: Final = ("tanh", "sigmoid", "erf", "relu", "neg", "abs", "sin", "cos", "floor", "identity")
Step: TypeAlias = "Callable[[RandomGraph], Value | None]"


class RandomGraph:
    """One random graph, grown step by step."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.builder = Builder("random", symbols={"n": SymbolRange(1, 9)})
        self.values: list[Value] = [
            self.builder.input("a", dtypes.FLOAT32, (N, 4, 6)),
            self.builder.input("b", dtypes.FLOAT32, (N, 4, 6)),
            self.builder.input("c", dtypes.FLOAT32, (1, 4, 1)),
            self.builder.input("m", dtypes.BOOL, (N, 6)),
            self.builder.input("i", dtypes.INT64, (N, 2)),
        ]

    def grow(self, steps: int) -> Graph:
        """The graph after so many steps; some intermediates are outputs."""
        for _ in range(steps):
            made = self.choose(STEPS)(self)
            if made is not None:
                self.values.append(made)
        count = int(self.rng.integers(1, 4))
        grown = self.values[5:] or self.values
        chosen = dict.fromkeys([grown[-1], *self.several(grown, count)])
        return self.builder.finish(list(chosen))

    def choose(self, options: Any) -> Any:
        return options[int(self.rng.integers(len(options)))]

    def several(self, options: list[Value], count: int) -> list[Value]:
        return [self.choose(options) for _ in range(count)]

    def pick(self, dtype: DType = dtypes.FLOAT32, ranks: tuple[int, ...] = (1, 2, 3, 4)) -> Any:
        """A recent value, most likely; None where there is none of that kind."""
        fitting = [v for v in self.values if v.dtype == dtype and v.rank in ranks]
        recent = fitting[-4:] if self.rng.random() < 0.7 else fitting
        return self.choose(recent) if recent else None

    def node(self, op: str, *inputs: Any, **attributes: Any) -> Value:
        return self.builder.node(
            op, *inputs, origin=(f"{op}_{len(self.builder.nodes)}",), **attributes
        )

    def constant(self, *shape: int) -> Value:
        array = self.rng.uniform(0.5, 1.5, shape).astype(np.float32)
        name = f"w{len(self.builder.weights)}"
        return self.builder.weight(name, array, Derivation.source(name))


def unary(g: RandomGraph) -> Value | None:
    return g.node(g.choose(TAME), g.pick())


def with_number(g: RandomGraph) -> Value | None:
    op = g.choose(("add", "sub", "mul", "div", "minimum", "maximum"))
    number = g.choose(TELLING)
    return g.node(op, g.pick(), 2.0 if op == "div" and number == 0 else number)


def number_first(g: RandomGraph) -> Value | None:
    shape = (1,) * int(g.rng.integers(0, 3))
    number = g.builder.constant(np.full(shape, g.choose(TELLING), np.float32))
    x = g.pick(ranks=(2, 3, 4))
    return None if x is None else g.node(g.choose(("add", "sub", "mul")), number, x)


def power(g: RandomGraph) -> Value | None:
    return g.node("pow", g.node("sigmoid", g.pick()), g.choose((2.0, 3.0, 0.5, 1.0, -1.0, -0.5)))


def binary(g: RandomGraph) -> Value | None:
    x = g.pick()
    partners = [v for v in g.values if v.dtype == x.dtype and v.shape == x.shape]
    return g.node(g.choose(("add", "sub", "mul", "minimum")), x, g.choose(partners))


def gate(g: RandomGraph) -> Value | None:
    x = g.pick()
    form = int(g.rng.integers(5))
    if form == 0:
        return g.node("mul", x, g.node("sigmoid", x))
    if form == 1:
        return g.node("mul", g.node("sigmoid", g.node("mul", x, 1.702)), x)
    if form == 2:
        e = g.node("add", g.node("erf", g.node("div", x, 2**0.5)), 1.0)
        return g.node("mul", g.node("mul", x, e), 0.5)
    if form == 3:
        clipped = g.node("clip", g.node("add", x, 3.0), lo=0.0, hi=6.0)
        return g.node("div", g.node("mul", x, clipped), 6.0)
    return g.node("clip", g.node("clip", x, lo=-1.0, hi=2.0), lo=g.choose((-2.0, 0.0)), hi=1.5)


def spelled(g: RandomGraph) -> Value | None:
    x = g.node("tanh", g.pick())
    form = int(g.rng.integers(6))
    if form == 0:
        return g.node("reciprocal", g.node("add", g.node("exp", g.node("neg", x)), 1.0))
    if form == 1:
        return g.node("log", g.node("add", g.node("exp", x), 1.0))
    if form == 2:
        return g.node("mul", x, g.node("tanh", g.node("softplus", x)))
    if form == 3:
        return g.node("clip", g.node("relu", g.node("relu", x)), lo=-1.0, hi=0.5)
    if form == 4:
        one = g.builder.constant(np.array(1, np.float32))
        return g.node("div", one, g.node("sqrt", g.node("add", g.node("mul", x, x), 0.5)))
    cube = g.node("mul", g.node("mul", x, x), x)
    inner = g.node("mul", g.node("add", x, g.node("mul", cube, 0.044715)), 0.7978845608)
    return g.node("mul", g.node("mul", x, 0.5), g.node("add", g.node("tanh", inner), 1.0))


def positions(g: RandomGraph) -> Value | None:
    """A choice by position, constant or not, and a look-up by batch and position."""
    x = g.pick(ranks=(2, 3))
    if x is None:
        return None
    start, one = (g.builder.constant(np.array(k, np.int64)) for k in (0, 1))
    columns = g.node("iota", start, one, length=x.shape[-1])
    if x.rank == 2 and g.rng.random() < 0.6:
        rows = g.node(
            "reshape", g.node("iota", start, one, length=x.shape[0]), shape=(x.shape[0], 1)
        )
        indices = [
            g.node("reshape", g.node("expand", part, shape=x.shape), shape=(*x.shape, 1))
            for part in (rows, columns)
        ]
        return g.node("gather_nd", x, g.node("concat", *indices, axis=2), batch_dims=0)
    limit = g.builder.constant(np.array(int(g.rng.integers(-1, 2)), np.int64))
    seen = g.node(g.choose(("greater", "greater_equal", "less")), columns, limit)
    return g.node("where", seen, x, g.choose((x, 0.5)))


def reshape(g: RandomGraph) -> Value | None:
    x = g.pick(g.choose((dtypes.FLOAT32, dtypes.BOOL)))
    return g.node("reshape", x, shape=g.choose(shapes_for(x.shape)))


def shapes_for(shape: tuple[Dim, ...]) -> list[tuple[Dim, ...]]:
    """Shapes with as many elements."""
    found: list[tuple[Dim, ...]] = [shape, (1, *shape), (*shape, 1)]
    for axis in range(len(shape) - 1):
        found.append((*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2 :]))
    for axis, size in enumerate(shape):
        if isinstance(size, int) and size % 2 == 0 and size > 0 and len(shape) < 5:
            found.append((*shape[:axis], 2, size // 2, *shape[axis + 1 :]))
        if size == 1:
            found.append((*shape[:axis], *shape[axis + 1 :]))
    return [one for one in found if 1 <= len(one) <= 5]


def transpose(g: RandomGraph) -> Value | None:
    x = g.pick(g.choose((dtypes.FLOAT32, dtypes.BOOL)), (2, 3, 4, 5))
    if x is None:
        return None
    return g.node("transpose", x, permutation=tuple(g.rng.permutation(x.rank).tolist()))


def keys(g: RandomGraph) -> Value | None:
    x = g.pick(ranks=(3, 4))
    if x is None:
        return None
    if x.rank == 3:
        x = g.node("transpose", g.node("reshape", x, shape=(*x.shape, 1)), permutation=(0, 2, 1, 3))
    a, b, c, d = x.shape
    merged = g.node("reshape", x, shape=(a * b, c, d))
    turned = g.node("transpose", merged, permutation=(0, 2, 1))
    return g.node("reshape", turned, shape=(a, b, d, c))


def expand(g: RandomGraph) -> Value | None:
    x = g.pick(g.choose((dtypes.FLOAT32, dtypes.BOOL)))
    shape = tuple(N if size == 1 and g.rng.random() < 0.5 else size for size in x.shape)
    return g.node("expand", x, shape=shape if x.rank > 3 else (1, *shape))


def cut(g: RandomGraph) -> Value | None:
    x = g.pick()
    spans = [
        (0, size) if not isinstance(size, int) or size < 2 or g.rng.random() < 0.5
        else (int(g.rng.integers(0, size - 1)), size)
        for size in x.shape
    ]  # fmt: skip
    steps = tuple(2 if g.rng.random() < 0.1 else 1 for _ in spans)
    starts, ends = zip(*spans, strict=True)
    return g.node("slice", x, starts=starts, ends=ends, steps=steps)


def join(g: RandomGraph) -> Value | None:
    x = g.pick()
    axis = int(g.rng.integers(x.rank))
    size = x.shape[axis]
    if isinstance(size, int) and size >= 2 and g.rng.random() < 0.5:
        middle = int(g.rng.integers(1, size))
        parts = [_span(g, x, axis, 0, middle), _span(g, x, axis, middle, size)]
        return g.node("concat", *(parts if g.rng.random() < 0.6 else parts[::-1]), axis=axis)
    return g.node("concat", *[x] * int(g.rng.integers(1, 3)), axis=axis)


def _span(g: RandomGraph, x: Value, axis: int, start: int, end: int) -> Value:
    starts = tuple(start if other == axis else 0 for other in range(x.rank))
    ends = tuple(end if other == axis else size for other, size in enumerate(x.shape))
    return g.node("slice", x, starts=starts, ends=ends, steps=(1,) * x.rank)


def reduce(g: RandomGraph) -> Value | None:
    x = g.pick(ranks=(2, 3, 4))
    if x is None:
        return None
    axes = tuple(sorted(set(g.rng.integers(0, x.rank, 2).tolist())))
    kept = g.rng.random() < 0.6 or len(axes) == x.rank
    op = g.choose(("reduce_mean", "reduce_max", "reduce_min"))
    made = g.node(op, x, axes=axes, keep_dims=bool(kept))
    if kept and g.rng.random() < 0.5 and len(axes) < x.rank:
        left = tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
        return g.node("reshape", made, shape=left)
    return made


def norm(g: RandomGraph) -> Value | None:
    x = g.pick(ranks=(2, 3, 4))
    if x is None or not isinstance(x.shape[-1], int) or x.shape[-1] < 2:
        return None
    axes = (x.rank - 1,)
    c = x
    if g.rng.random() < 0.6:
        c = g.node("sub", x, g.node("reduce_mean", x, axes=axes, keep_dims=True))
    square = g.node("pow", c, 2.0) if g.rng.random() < 0.5 else g.node("mul", c, c)
    v = g.node("add", g.node("reduce_mean", square, axes=axes, keep_dims=True), 0.25)
    y = g.node("div", c, g.node("sqrt", v))
    if g.rng.random() < 0.7:
        y = g.node("mul", y, g.constant(x.shape[-1]))
    return g.node("add", y, g.constant(x.shape[-1])) if g.rng.random() < 0.5 else y


def linear(g: RandomGraph) -> Value | None:
    x = g.pick(ranks=(2, 3, 4))
    if x is None or not isinstance(x.shape[-1], int):
        return None
    w = g.constant(4, x.shape[-1])
    y = g.node("matmul", x, g.node("transpose", w, permutation=(1, 0)))
    y = g.node("add", y, g.constant(4)) if g.rng.random() < 0.7 else y
    return g.node("mul", y, 0.125)


def convolve(g: RandomGraph) -> Value | None:
    x = g.pick(ranks=(3,))
    if x is None or not isinstance(x.shape[1], int) or not 0 < x.shape[1] < 20:
        return None
    if not isinstance(x.shape[2], int) or x.shape[2] < 1:
        return None
    channels = x.shape[1]
    y = g.node("mul", x, 1 / channels)
    inputs = [y, g.constant(3, channels, 3)] + [g.constant(3)] * int(g.rng.integers(0, 2))
    y = g.node("conv", *inputs, strides=(1,), dilations=(1,), pads=(1, 1), group=1)
    form = int(g.rng.integers(4))
    if form == 0:
        return g.node("batch_norm", y, *(g.constant(3) for _ in range(4)), epsilon=0.1)
    if form == 1:
        return g.node("add", y, g.constant(3, 1))
    if form == 2:
        return g.node("mul", g.node("add", y, g.constant(1, 3, 1)), g.constant(3, 1))
    return y


def attend(g: RandomGraph) -> Value | None:
    x = g.pick(ranks=(3, 4))
    if x is None:
        return None
    order = (*range(x.rank - 2), x.rank - 1, x.rank - 2)
    k = g.node("transpose", g.node("tanh", x), permutation=order)
    q, k = (g.node("mul", part, 0.7) if g.rng.random() < 0.5 else part for part in (x, k))
    scores = g.node("matmul", g.node("tanh", q), k)
    if g.rng.random() < 0.5:
        scores = g.node("div", scores, 2.0)
    if g.rng.random() < 0.5:
        scores = g.node("add", scores, g.builder.constant(np.array([[0.5]], np.float32)))
    p = g.node("softmax", scores, axis=x.rank - 1)
    if g.rng.random() < 0.5:
        p = g.node("where", g.node("is_nan", p), 0.0, p)
    return g.node("matmul", p, x)


def choose_where(g: RandomGraph) -> Value | None:
    x = g.pick()
    condition = g.node(g.choose(("greater", "less", "equal")), x, g.choose(TELLING))
    if g.rng.random() < 0.3:
        condition = g.node("logical_not", g.node("logical_not", condition))
    if g.rng.random() < 0.3:
        condition = g.node("logical_and", condition, g.builder.constant(np.array(True)))
    return g.node("where", condition, x, g.choose(TELLING))


def cast(g: RandomGraph) -> Value | None:
    x = g.pick()
    wide = g.node("cast", x, to=g.choose((dtypes.FLOAT64, dtypes.FLOAT32)))
    return g.node("cast", wide, to=dtypes.FLOAT32)


def look_up(g: RandomGraph) -> Value | None:
    x = g.pick(ranks=(2, 3))
    if x is None or not isinstance(x.shape[-1], int) or x.shape[-1] < 1:
        return None
    start, one = (g.builder.constant(np.array(k, np.int64)) for k in (0, 1))
    length = int(g.rng.integers(1, x.shape[-1] + 1))
    indices = g.node("iota", start, one, length=length)
    if g.rng.random() < 0.4:
        indices = g.node("mul", indices, g.builder.constant(np.array(0, np.int64)))
    elif g.rng.random() < 0.4:
        indices = g.node("reshape", indices, shape=(1, length, 1))
    return g.node("gather", x, indices, axis=x.rank - 1)


def table(g: RandomGraph) -> Value | None:
    indices = g.pick(dtypes.INT64, (1, 2))
    return None if indices is None else g.node("gather", g.constant(2, 4), indices, axis=0)


STEPS: Final[tuple[Step, ...]] = (
    unary, with_number, number_first, power, binary, gate, reshape, transpose, keys, expand, cut,
    join, reduce, norm, linear, convolve, attend, choose_where, cast, look_up, table, spelled,
    positions,
)  # fmt: skip


def random_inputs(graph: Graph, rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Inputs of `graph` for a batch of n."""
    made: dict[str, Any] = {}
    for value in graph.inputs:
        shape = tuple(n if size == N else size for size in value.shape)
        if value.dtype == dtypes.FLOAT32:
            made[value.name] = rng.normal(size=shape).astype(np.float32)
        else:
            made[value.name] = rng.integers(0, 2, shape).astype(value.dtype.numpy)
    return made
