# SPDX-License-Identifier: Apache-2.0
"""Half precision: a float32 graph computed in float16 or bfloat16 where that is safe.

Products, convolutions, attention and normalisations become narrow: kernels accumulate them in
float32 whatever their elements are. Cheap operators around them follow their inputs. All else stays
wide, above all what overflows or cancels (powers, exponentials, sums) and what reads a constant
that the narrow type cannot hold. Inputs and outputs of the graph keep their types.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import ml_dtypes
import numpy as np

from ingot.dtypes import FLOAT32, DType
from ingot.errors import IngotError
from ingot.ir.edit import NearMiss, Record, is_refittable
from ingot.ir.graph import Graph, Node, TensorType, Value, fresh_names
from ingot.ops.table import OPS
from ingot.optimize.typing import typing_of

LEADING: Final = frozenset({
    "matmul", "conv", "conv_transpose", "attention", "softmax", "layer_norm", "rms_norm",
    "instance_norm", "group_norm", "batch_norm",
})  # fmt: skip
FOLLOWING: Final = frozenset({
    "add", "sub", "mul", "div", "minimum", "maximum", "neg", "abs", "clip", "identity", "where",
    "relu", "leaky_relu", "thresholded_relu", "prelu", "elu", "selu", "celu", "hard_sigmoid",
    "hard_swish", "softplus", "softsign", "mish", "silu", "quick_gelu", "gelu", "tanh", "sigmoid",
    "erf", "reshape", "transpose", "expand", "slice", "concat", "pad", "tile", "trilu", "gather",
    "gather_elements", "gather_nd", "resize", "max_pool", "average_pool", "reduce_max",
    "reduce_min", "reduce_mean", "rotary", "cache_update",
})  # fmt: skip
SHARED: Final = ("T", "M")  # type variables of elements, and of what is added to them
SMALL_ELEMENTS: Final = 16


def narrow(graph: Graph, record: Record) -> Graph:
    """`graph` in the record's precision where that is safe; itself where none is asked for."""
    if record.precision is None:
        return graph
    return _Narrowing(graph, record, record.precision).run()


class _Narrowing:
    """One sweep in running order: each node is narrow or wide, with casts where they meet."""

    def __init__(self, graph: Graph, record: Record, dtype: DType) -> None:
        self._graph = graph
        self._record = record
        self._dtype = dtype
        information: Any = ml_dtypes.finfo
        self._limits = information(dtype.numpy)
        self._rule = f"narrow_{dtype.name}"
        self._typing = typing_of(graph)
        self._fresh: Callable[[str], str] = fresh_names(value.name for value in graph.values())
        self._narrow: dict[Value, Value] = {}  # the narrow form of a float32 value
        self._wide: dict[Value, Value] = {}  # the float32 form of a value that was made narrow
        self._made: set[Value] = set()  # values that nodes now make in narrow form
        self._large: set[Value] = set()  # wide values that may be beyond the narrow range
        self._nodes: list[Node] = []

    def run(self) -> Graph:
        """The graph with casts where narrow and wide nodes meet."""
        for node in self._graph.nodes:
            refusal = self._refusal(node)
            types = self._narrow_types(node) if refusal is None else None
            if types is not None and self._record.take(self._rule, node):
                self._convert(node, types)
                continue
            if self._record.explain and self._shared_inputs(node):
                told = refusal or "it has no form in this type"
                self._record.miss(NearMiss(self._rule, node.name, 0, 1, told))
            self._keep(node)
        return self._graph.replace(nodes=tuple(self._nodes)) if self._made else self._graph

    # Choices.

    def _refusal(self, node: Node) -> str | None:
        """Why the node must stay wide; None where it may be narrow."""
        shared = self._shared_inputs(node)
        known = [value for value in shared if self._graph.constant(value) is not None]
        moving = [value for value in shared if value not in known]
        if not shared:
            return "no input is float32"
        if lost := [value.name for value in known if not self._fits(value)]:
            return f"{self._dtype} cannot hold the constant '{lost[0]}'"
        if node.op in LEADING or (node.op == "gather" and known):
            return None
        if node.op not in FOLLOWING:
            return "the operator may overflow or cancel"
        if not moving or not self._made.issuperset(moving):
            return "it follows its inputs, which are float32"
        return None

    def _narrow_types(self, node: Node) -> tuple[TensorType, ...] | None:
        """The output types of the node on narrow inputs; None where there is no such form."""
        shared = self._shared_inputs(node)
        inputs = [
            Value(value.name, self._narrow_type(value)) if value in shared and value else value
            for value in node.inputs
        ]
        try:
            return self._typing(node.op, inputs, node.attributes).types
        except IngotError:  # an operator that has no narrow form
            return None

    def _shared_inputs(self, node: Node) -> list[Value]:
        """The float32 inputs of the operator's element type."""
        if node.op not in OPS:  # control flow and lists
            return []
        specs = OPS[node.op].specs(len(node.inputs))
        return [
            value for spec, value in zip(specs, node.inputs, strict=False)
            if value is not None and value.dtype == FLOAT32 and spec.variable in SHARED
        ]  # fmt: skip

    def _fits(self, value: Value) -> bool:
        """Whether a constant keeps its meaning: none too large, and no factor or epsilon lost."""
        weight = self._graph.weights[value.name]
        if self._record.refittable and is_refittable(weight):
            return True
        data = weight.data
        most = max(-float(data.min()), float(data.max())) if data.size else 0.0
        if not most <= float(self._limits.max):
            finite = data[np.isfinite(data)]
            if np.abs(finite).max(initial=0) > float(self._limits.max):
                return False
        if data.size > SMALL_ELEMENTS:
            return True
        return all(not 0 < abs(one) < float(self._limits.tiny) for one in data.flat)

    # Nodes.

    def _convert(self, node: Node, types: tuple[TensorType, ...]) -> None:
        """The node in narrow form; what the graph gives out is cast back."""
        shared = self._shared_inputs(node)
        inputs = tuple(self._as_narrow(v) if v in shared else self._as_wide(v) for v in node.inputs)
        outputs = tuple(
            value if value.type == type_ else self._new(value, type_)
            for value, type_ in zip(node.outputs, types, strict=True)
        )
        self._nodes.append(node.replace(inputs=inputs, outputs=outputs))
        for value, made in zip(node.outputs, outputs, strict=True):
            if value is not made:
                self._made.add(value)
                self._narrow[value] = made
                if value in self._graph.outputs:
                    self._cast(made, value, node)
                    self._wide[value] = value

    def _keep(self, node: Node) -> None:
        """The node as it is, on float32."""
        known = [v for v in self._shared_inputs(node) if self._graph.constant(v) is not None]
        moved = node.op in FOLLOWING and not self._large.isdisjoint(filter(None, node.inputs))
        if moved or not all(map(self._fits, known)):
            self._large.update(node.outputs)
        inputs = tuple(map(self._as_wide, node.inputs))
        self._nodes.append(node if inputs == node.inputs else node.replace(inputs=inputs))

    # Values.

    def _as_narrow(self, value: Value | None) -> Value | None:
        """The narrow form of a value; what may be too large ends at the type's range."""
        if value is None or value in self._narrow:
            return None if value is None else self._narrow[value]
        given, source = value, self._graph.producer(value)
        if value in self._large:
            given = self._new(value, value.type)
            limits = {"lo": -float(self._limits.max), "hi": float(self._limits.max)}
            self._nodes.append(Node("clip", (value,), (given,), limits, _origin(source), "narrow"))
        self._narrow[value] = self._new(value, self._narrow_type(value))
        self._cast(given, self._narrow[value], source)
        return self._narrow[value]

    def _as_wide(self, value: Value | None) -> Value | None:
        """The float32 form of a value; a cast where it is made narrow."""
        if value is None or value not in self._made:
            return value
        if value not in self._wide:
            self._wide[value] = self._new(value, value.type)
            self._cast(self._narrow[value], self._wide[value], self._graph.producer(value))
        return self._wide[value]

    def _narrow_type(self, value: Value) -> TensorType:
        return TensorType(self._dtype, value.shape)

    def _new(self, value: Value, type_: TensorType) -> Value:
        return Value(self._fresh(f"{value.name}.{type_.dtype.name}"), type_)

    def _cast(self, value: Value, made: Value, source: Node | None) -> None:
        attributes = {"to": made.dtype}
        self._nodes.append(Node("cast", (value,), (made,), attributes, _origin(source), "narrow"))


def _origin(source: Node | None) -> tuple[str, ...]:
    return () if source is None else source.origin
