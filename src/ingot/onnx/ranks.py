# SPDX-License-Identifier: Apache-2.0
"""The rank of an input that declares none, as far as its readers tell it.

A convolution's weights, a permutation, pads and repeats all say how many axes their input has;
operators on single elements pass the question on to what they make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingot.onnx.attributes import Attributes
from ingot.onnx.records import GraphRecord, NodeRecord
from ingot.onnx.tensors import TensorReader

# As many axes as the weights that are the input of this number.
LIKE_WEIGHTS: Final[Mapping[str, int]] = {
    "Conv": 1, "ConvInteger": 1, "ConvTranspose": 1, "QLinearConv": 3,
}  # fmt: skip
FIXED: Final[Mapping[str, int]] = {
    "Gemm": 2, "GRU": 3, "LSTM": 3, "RNN": 3, "DepthToSpace": 4, "SpaceToDepth": 4, "RoiAlign": 4,
}  # fmt: skip
# One number for each axis: in an attribute, or in the input of this number; and how many an axis.
COUNTED: Final[Mapping[str, tuple[str, int, int]]] = {
    "Transpose": ("perm", 0, 1), "Pad": ("pads", 1, 2), "Tile": ("repeats", 1, 1),
    "Upsample": ("scales", 1, 1),
}  # fmt: skip
WINDOWS: Final = ("AveragePool", "LpPool", "MaxPool")
ELEMENTWISE: Final = frozenset((
    "Abs", "BatchNormalization", "Cast", "Clip", "Elu", "Erf", "Exp", "Gelu", "HardSigmoid",
    "HardSwish", "Identity", "InstanceNormalization", "LayerNormalization", "LeakyRelu", "Log",
    "LogSoftmax", "Neg", "Relu", "Sigmoid", "Softmax", "Sqrt", "Tanh",
))  # fmt: skip


def rank_told(graph: GraphRecord, name: str, stored: TensorReader) -> int | None:
    """The rank that the readers of the input `name` give it, or None where none does."""
    sizes = {tensor.name: tensor.dims for tensor in graph.initializers}
    declared = {value.name: value.shape for value in (*graph.declared, *graph.outputs)}
    pending, seen = [name], {name}
    while pending:
        current = pending.pop()
        shape = declared.get(current)
        if shape is not None:
            return len(shape)
        for node in graph.nodes:
            if not node.inputs or node.inputs[0] != current or node.domain:
                continue
            rank = _told_by(node, sizes, stored)
            if rank is not None:
                return rank
            new = node.outputs[0] if node.op in ELEMENTWISE and node.outputs else ""
            if new and new not in seen:
                seen.add(new)
                pending.append(new)
    return None


def _told_by(
    node: NodeRecord, sizes: Mapping[str, tuple[int, ...]], stored: TensorReader
) -> int | None:
    attributes = Attributes(node, node.name or node.op, stored)
    if node.op in FIXED:
        return FIXED[node.op]
    if node.op in WINDOWS and attributes.given("kernel_shape"):
        return len(attributes.ints_attribute("kernel_shape")) + 2
    if node.op in LIKE_WEIGHTS and len(node.inputs) > LIKE_WEIGHTS[node.op]:
        weights = sizes.get(node.inputs[LIKE_WEIGHTS[node.op]])
        return None if weights is None else len(weights)
    if node.op in COUNTED:
        attribute, index, each = COUNTED[node.op]
        if attributes.given(attribute):
            value = node.attributes[attribute].value
            return len(value) // each if isinstance(value, tuple) else None
        counts = sizes.get(node.inputs[index]) if index and len(node.inputs) > index else None
        return counts[0] // each if counts else None
    return None
