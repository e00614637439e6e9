# SPDX-License-Identifier: Apache-2.0
"""Random graphs over the whole op table, and what a right result may be.

A graph grows step by step, with the numbers at hand: a step whose result is not finite, or that
faults, is taken back. Half of the steps take an op of the table with one of its examples, fed with
what the graph has already computed where that can be made to fit; the other half are the patterns
that the optimizer looks for.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from tests.unit.optimize import random_graphs as patterns

from ingot.dims import Dim, ceil_div, evaluate, product, substitute, symbol, symbols
from ingot.dtypes import (
    BFLOAT16,
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT32,
    INT64,
    UINT8,
    DType,
    from_numpy,
)
from ingot.errors import IngotError
from ingot.ir.graph import Array, Graph, Node, SymbolRange, Value
from ingot.ops import OPS, Example, Op, evaluate_graph, evaluate_node
from ingot.ops.example import Sample

LARGEST: Final = 1e3
TYPES: Final = (*[FLOAT32] * 8, FLOAT16, BFLOAT16, FLOAT64, INT64, INT32, UINT8, BOOL)
RENAMED: Final[Mapping[str, Dim]] = {"batch": patterns.N, "length": symbol("m")}
ELEMENTWISE: Final = tuple(op for op in OPS.values() if op.kind == "elementwise")


class TableGraph(patterns.RandomGraph):
    """A random graph whose values are known for one binding of its symbols."""

    @property
    def steps(self) -> tuple[Callable[[Any], Value | None], ...]:
        """What it grows by."""
        return STEPS

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.builder.symbols |= {name: SymbolRange(1 - seed % 2, 64) for name in ("n", "m")}
        sizes = (1, 1, 2, 3, 5, 8, 17, 0) if seed % 2 else (1, 2, 3)
        self.binding = {"n": int(self.choose(sizes)), "m": int(self.choose((1, 3, 7, 12)))}
        self.arrays: dict[Value, Array] = {}
        for value in self.values:
            self.arrays[value] = self.sampled(Sample(value.shape, high=2), value.dtype)
        for dtype in dict.fromkeys(TYPES):
            self.fresh(Sample(self.choose(((4, 6), (patterns.N, 5), (3, 19), (7,)))), dtype)

    def grow(self, steps: int) -> Graph:
        """The graph after so many steps; what nothing uses is an output, and some more."""
        for _ in range(steps):
            self.step(self.choose(self.steps))
        used = {value for node in self.builder.nodes for value in node.inputs}
        made = [value for node in self.builder.nodes for value in node.outputs]
        outputs = [value for value in made if value not in used]
        more = self.several(made, 2) if made else self.values[:1]
        graph = self.builder.finish(list(dict.fromkeys([*outputs, *more])))
        weights = {name: w for name, w in graph.weights.items() if w.value in used}
        return graph.replace(weights=weights)

    def step(self, make: Callable[[Any], Value | None]) -> None:
        """Take a step, or take it back."""
        builder, count = self.builder, len(self.builder.nodes)
        guards, values = dict(builder.guards), list(self.values)
        try:
            made = make(self)
        except (IngotError, FloatingPointError):
            made = None
        if made is not None and made not in values:
            self.values.append(made)
        if made is None:
            del builder.nodes[count:]
            builder.guards, self.values = guards, values

    def node(self, op: str, *inputs: Any, **attributes: Any) -> Value:
        """A node and its value; raises where the value is not one to go on with."""
        count = len(self.builder.nodes)
        value, *_ = self.builder.outputs(op, *inputs, origin=(f"{op}_{count}",), **attributes)
        for guard in self.builder.guards:
            guard.check(self.binding)
        for node in self.builder.nodes[count:]:  # expansions of its inputs come first
            self.compute(node)
        return value

    def compute(self, node: Node) -> None:
        """Know what a node's outputs hold; raises where they are not fit to go on with."""
        constants = {weight.value: weight.data for weight in self.builder.weights.values()}
        known = [None if v is None else self.arrays.get(v, constants.get(v)) for v in node.inputs]
        with np.errstate(all="ignore"):
            arrays = evaluate_node(node, known, self.binding)
            for value, array in zip(node.outputs, arrays, strict=True):
                wide = value.dtype.is_float and np.abs(array.astype(np.float64))
                if not np.all(wide <= LARGEST):
                    raise FloatingPointError
        self.arrays |= zip(node.outputs, arrays, strict=True)

    def sampled(self, sample: Sample, dtype: DType) -> Array:
        """Elements for a sample; raises where the sample lists them for other sizes."""
        count = math.prod(sample.sizes(self.binding))
        if sample.values is not None and len(sample.values) != count:
            raise FloatingPointError
        return sample.array(dtype, self.binding, self.rng)

    def fresh(self, sample: Sample, dtype: DType) -> Value:
        """A new input or weight as the sample says."""
        dtype = sample.dtype or dtype
        array = self.sampled(sample, dtype)
        if self.rng.random() < 0.5 and not any(map(symbols, sample.shape)):
            return self.builder.weight(f"w{len(self.builder.weights)}", array)
        value = self.builder.input(f"x{len(self.arrays)}", dtype, sample.shape)
        self.arrays[value] = array
        self.values.append(value)
        return value

    def fitted(self, sample: Sample, dtype: DType) -> Value:
        """A value of the sample's shape and type: a computed one if possible."""
        if sample.dtype is None and sample.values is None and self.rng.random() < 0.8:
            options = [v for v in self.values if v.dtype == dtype and self.fits(v, sample.shape)]
            if options:
                return self.cut_to(self.choose(options[-4:]), sample.shape)
        return self.fresh(sample, dtype)

    def fits(self, value: Value, shape: tuple[Dim, ...]) -> bool:
        """Whether tiling and cutting make the value one of that shape."""
        first, rest = split(shape)
        own, others = split(value.shape)
        static = isinstance(product(rest), int) and isinstance(product(others), int)
        return first == own and static and product(others) != 0

    def cut_to(self, value: Value, shape: tuple[Dim, ...]) -> Value:
        first, rest = split(shape)
        _, others = split(value.shape)
        if value.shape == shape:
            return value
        have, want = product(others), product(rest)
        assert isinstance(have, int) and isinstance(want, int)
        flat = self.node("reshape", value, shape=(*first, have))
        ones = (1,) * len(first)
        tiled = self.node("tile", flat, repeats=(*ones, max(ceil_div(want, have), 1)))
        cut = self.node(
            "slice", tiled, starts=(0,) * (len(first) + 1), ends=(*first, want), steps=(*ones, 1)
        )
        return self.node("reshape", cut, shape=shape)


def split(shape: tuple[Dim, ...]) -> tuple[tuple[Dim, ...], tuple[Dim, ...]]:
    """The symbolic sizes that a shape begins with, and the other sizes."""
    count = next((k for k, size in enumerate(shape) if isinstance(size, int)), len(shape))
    return shape[:count], shape[count:]


def from_table(g: TableGraph) -> Value | None:
    """An op of the table as one of its examples has it."""
    return apply(g, g.choose(tuple(OPS.values())))


def pointwise(g: TableGraph) -> Value | None:
    """An elementwise op over values of the graph."""
    op = g.choose(ELEMENTWISE)
    x = g.choose([v for v in g.values[-6:] if v.dtype in op.inputs[-1].domain] or [None])
    if x is None:
        return None
    example = g.choose(op.examples)
    inputs = [partner(g, x, BOOL if spec.variable == "C" else x.dtype) for spec in op.inputs[1:]]
    if op.inputs[0].variable == "C":
        return g.node(op.name, partner(g, x, BOOL), x, inputs[-1], **example.attributes)
    return g.node(op.name, x, *inputs, **example.attributes)


def partner(g: TableGraph, x: Value, dtype: DType) -> Value:
    """A value that broadcasts with x, one of the graph's most likely."""
    options = [
        v for v in g.values
        if v.dtype == dtype and v.rank <= x.rank
        and all(a in (1, b) for a, b in zip(v.shape[::-1], x.shape[::-1], strict=False))
    ]  # fmt: skip
    if options and g.rng.random() < 0.8:
        return g.choose(options)
    rank = int(g.rng.integers(x.rank + 1))
    shape = [1 if g.rng.random() < 0.3 else size for size in x.shape[x.rank - rank :]]
    return g.fresh(Sample(tuple(shape), least=0.5), dtype)


def apply(g: TableGraph, op: Op) -> Value | None:
    """`op` as one of its examples has it, over computed values where they fit."""
    example: Example = g.choose(op.examples)
    allowed = [
        dtype for dtype in TYPES
        if dtype in (example.only or domain(op)) and dtype in domain(op)
    ]  # fmt: skip
    if not allowed:
        return None
    dtype = g.choose(allowed)
    inputs = [
        None if sample is None else g.fitted(renamed(sample), dtype) for sample in example.inputs
    ]
    attributes = {name: rename(value) for name, value in example.attributes.items()}
    return g.node(op.name, *inputs, **attributes)


def domain(op: Op) -> tuple[DType, ...]:
    """The element types that an op is tried with."""
    return next((spec.domain for spec in op.inputs if spec.variable == "T"), (INT64,))


def renamed(sample: Sample) -> Sample:
    return Sample(
        rename(sample.shape), sample.dtype, sample.low, sample.high, sample.least, sample.values
    )


def rename(value: Any) -> Any:
    """An attribute or shape over the graph's own symbols."""
    if isinstance(value, tuple):
        return tuple(map(rename, value))
    if isinstance(value, (bool, int, float, str, DType)) or value is None:
        return value
    return substitute(value, RENAMED)


def convert(g: TableGraph) -> Value | None:
    """A cast of a recent value."""
    return g.node("cast", g.choose(g.values[-6:]), to=g.choose(TYPES))


STEPS: Final = (
    *[from_table] * 10, *[pointwise] * 8, convert, *patterns.STEPS,
)  # fmt: skip


# --- what a right result may be

ROUNDS: Final = frozenset({"elementwise", "reduce", "contract", "composite"})
FACTOR: Final = 4.0
TRIALS: Final = 6
WINOGRAD: Final = 16.0  # see docs/numerics.md


class Expected:
    """The outputs of a graph, and how far off each element may be.

    Every float that a node computes is off by the bound of its op and one rounding. What that does
    to the outputs is tried out, in the graph and in `forms` of it with other ops: all errors
    upwards, all downwards, and at random. An element may be off by a few times the most that was
    seen; integers and booleans that move are not judged.
    """

    def __init__(
        self, graph: Graph, inputs: Mapping[str, Array], *forms: Graph, winograd: bool = False
    ) -> None:
        self.norms = {"conv": WINOGRAD} if winograd else {}
        with np.errstate(all="ignore"):
            self.outputs = evaluate_graph(graph, inputs)
            self.spread = {name: 0.0 * distance(a, a) for name, a in self.outputs.items()}
            for form in (graph, *forms):
                self._widen(form, inputs)

    def _widen(self, form: Graph, inputs: Mapping[str, Array]) -> None:
        """Add what errors do to the outputs of `form`."""
        rng = np.random.default_rng(len(form.nodes))
        plain = evaluate_graph(form, inputs)
        runs = [perturbed(form, inputs, self.norms, rng, trial) for trial in range(TRIALS)]
        for name, array in plain.items():
            moves = [distance(run[name], array) for run in runs if run]
            if moves and array.shape == self.spread[name].shape:
                self.spread[name] = self.spread[name] + np.max(moves, axis=0)

    @property
    def finite(self) -> bool:
        """Whether there are neither infinities nor NaNs nor elements without a bound."""
        arrays = [*self.outputs.values(), *self.spread.values()]
        return all(np.isfinite(array.astype(np.float64)).all() for array in arrays)

    def complaint(self, found: Mapping[str, Array]) -> str:
        """What is wrong with these outputs; empty where nothing is."""
        for name, array in self.outputs.items():
            got = found[name]
            if got.shape != array.shape or got.dtype != array.dtype:
                return f"{name}: {got.dtype}{got.shape}, not {array.dtype}{array.shape}"
            wrong = ~self._right(name, got)
            if wrong.any():
                where = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
                return (
                    f"{name}: {int(wrong.sum())} of {wrong.size} elements are off; "
                    f"{name}{list(map(int, where))} is {got[where]}, not {array[where]}, "
                    f"by at most {FACTOR * self.spread[name][where]:.3g}"
                )
        return ""

    def _right(self, name: str, got: Array) -> Array:
        array, spread = self.outputs[name], self.spread[name]
        dtype = from_numpy(got.dtype)
        if not dtype.is_float:
            return np.asarray((got == array) | (spread > 0))
        off = distance(got, array)
        rounding = 2 * epsilon(dtype) * np.abs(array.astype(np.float64))
        return np.asarray((off <= FACTOR * spread + rounding) | np.isnan(spread))


def distance(found: Array, wanted: Array) -> Array:
    """How far off each element is; 0 where both are the same infinity or NaN."""
    a, b = found.astype(np.float64), wanted.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))


def perturbed(
    graph: Graph,
    inputs: Mapping[str, Array],
    norms: Mapping[str, float],
    rng: np.random.Generator,
    trial: int,
) -> dict[str, Array]:
    """The outputs where every node's result is off as its bound allows; empty after a fault.

    `norms` has factors for the norms of some ops' bounds.
    """
    binding = bound_sizes(graph, inputs)
    known = {value: inputs[value.name] for value in graph.inputs}
    known |= {weight.value: weight.data for weight in graph.weights.values()}
    try:
        for node in graph.nodes:
            arrays = [None if value is None else known[value] for value in node.inputs]
            results = evaluate_node(node, arrays, binding)
            for value, array in zip(node.outputs, results, strict=True):
                factor = norms.get(node.op, 1.0)
                known[value] = moved(node, value, array, factor, rng, trial)
    except IngotError:
        return {}
    return {value.name: known[value] for value in graph.outputs}


def moved(
    node: Node, value: Value, array: Array, factor: float, rng: np.random.Generator, trial: int
) -> Array:
    """A result that is off: upwards in trial 0, downwards in trial 1, at random in others."""
    op = OPS[node.op]
    if not value.dtype.is_float or not array.size:
        return array
    bound = op.bound(value.dtype)
    wide = array.astype(np.float64)
    size = np.abs(wide)
    largest = size[np.isfinite(size)].max(initial=0.0)
    off = bound.relative * size + bound.absolute + factor * bound.norm * largest
    if op.kind in ROUNDS and op.name not in EXACT:
        off = off + epsilon(value.dtype) * size
    sign = (1.0, -1.0)[trial] if trial < 2 else rng.uniform(-1.5, 1.5, array.shape)
    return np.asarray(wide + sign * off).astype(array.dtype)


EXACT: Final = frozenset(
    {"identity", "relu", "neg", "abs", "minimum", "maximum", "where", "clip", "floor", "ceil",
     "round", "sign", "reduce_max", "reduce_min", "max_pool", "thresholded_relu"}
)  # fmt: skip


def epsilon(dtype: DType) -> float:
    return float(2.0 ** -{FLOAT64: 52, FLOAT32: 23, FLOAT16: 10, BFLOAT16: 7}[dtype])


def bound_sizes(graph: Graph, inputs: Mapping[str, Array]) -> dict[str, int]:
    """The size of each symbol for these inputs."""
    found: dict[str, int] = {}
    for value in graph.inputs:
        for size, actual in zip(value.shape, inputs[value.name].shape, strict=True):
            if not isinstance(size, int) and str(size) in graph.symbols:
                found[str(size)] = actual
    return found


def other_inputs(
    graph: Graph, inputs: Mapping[str, Array], binding: Mapping[str, int]
) -> dict[str, Array]:
    """Inputs for other sizes: rows of the given ones, drawn with repetition."""
    rng = np.random.default_rng(len(graph.nodes))
    made: dict[str, Array] = {}
    for value in graph.inputs:
        array = inputs[value.name]
        for axis, size in enumerate(value.shape):
            wanted = evaluate(size, binding)
            if wanted != array.shape[axis]:
                array = np.take(array, rng.integers(array.shape[axis], size=wanted), axis)
        made[value.name] = np.ascontiguousarray(array)
    return made


SEED: Final = int(os.environ.get("INGOT_TEST_SEED", "0"))
