# SPDX-License-Identifier: Apache-2.0
"""Constant folding: a node whose inputs are all weights is computed now, by the op's record.

The result keeps its derivation from the source model's initializers, so strip and refit stay
exact. A result much larger than its inputs (an expanded scalar) is not worth its bytes in the
engine file and is left to the kernels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ingot.dims import Expression
from ingot.errors import IngotError
from ingot.ir.edit import Editor, Record, is_refittable
from ingot.ir.graph import Array, Attribute, Derivation, Graph, Node, Weight
from ingot.ops.evaluate import evaluate_node
from ingot.ops.table import SCRIPT_OPS
from ingot.optimize.typing import typing_of

SMALL_BYTES: Final = 16 << 10
GROWTH: Final = 2
ROOM: Final = 32 << 20  # what folding may make in all, at least
WORK: Final = 16  # what it may make in all, by what is stored: packing codes takes many steps
SMALL_ELEMENTS: Final = 16
LONGEST: Final = 200


def fold(graph: Graph, record: Record, quantized: bool = False) -> Graph:
    """`graph` with every node computed whose inputs are constants.

    What is stored in a narrow type stays so, for rules to see that it is, unless `quantized`.
    """
    editor = Editor(graph, typing_of(graph), record)
    if record.room is None:
        stored = sum(weight.data.nbytes for weight in graph.weights.values())
        record.room = max(ROOM, WORK * stored)
    for node in editor.nodes():
        if record.stopped:
            break
        made = _made(node)
        allowed = quantized or node.op != "dequantize"
        if allowed and made <= record.room and _fold_node(editor, node):
            record.room -= made
            _forget(editor, node)
    return editor.finish()


def _forget(editor: Editor, node: Node) -> None:
    """Drop the weights that only the folded `node` read: each step of a chain makes new ones."""
    for value in node.inputs:
        if editor.weight(value) is not None and value is not None and not editor.use_count(value):
            del editor.weights[value.name]


def _made(node: Node) -> int:
    """Bytes of a node's outputs, as far as they are fixed."""
    fixed = [value for value in node.outputs if all(isinstance(size, int) for size in value.shape)]
    return sum(_bytes(value.shape, value.dtype.itemsize) for value in fixed)


def fold_quantized(graph: Graph, record: Record) -> Graph:
    """`graph` with every node computed whose inputs are constants, from narrow types too."""
    return fold(graph, record, quantized=True)


def _fold_node(editor: Editor, node: Node) -> bool:
    """Whether the node was folded."""
    if node.op in SCRIPT_OPS:
        return False
    if any(value is not None and editor.weight(value) is None for value in node.inputs):
        return False
    if any(map(editor.is_output, node.outputs)) or _has_symbols(node) or _too_large(node):
        return False
    weights = [editor.weight(value) for value in node.inputs]
    origin = _derivation(node, weights)
    if origin is None and editor.record.refittable and any(w and is_refittable(w) for w in weights):
        return False
    try:
        arrays = evaluate_node(node, [None if w is None else w.data for w in weights])
    except IngotError:  # a fault in the data is the run's to report
        return False
    if not editor.record.take("fold", node):
        return False
    editor.replace_by_weights(node, arrays, [_shortest(origin, array) for array in arrays])
    return True


def _has_symbols(node: Node) -> bool:
    return any(map(_symbolic, node.attributes.values())) or any(
        isinstance(size, Expression) for value in node.outputs for size in value.shape
    )


def _symbolic(attribute: Attribute) -> bool:
    if isinstance(attribute, tuple):
        return any(map(_symbolic, attribute))
    return isinstance(attribute, Expression | Graph)


def _too_large(node: Node) -> bool:
    made = sum(_bytes(value.shape, value.dtype.itemsize) for value in node.outputs)
    read = sum(_bytes(v.shape, v.dtype.itemsize) for v in set(node.inputs) if v is not None)
    return made > SMALL_BYTES and made > GROWTH * read


def _bytes(shape: Sequence[object], itemsize: int) -> int:
    total = itemsize
    for size in shape:
        assert isinstance(size, int)
        total *= size
    return total


def _derivation(node: Node, weights: list[Weight | None]) -> Derivation | None:
    """Where the output comes from; None where that cannot be said, or only at great length."""
    args = [_argument(weight) for weight in weights if weight is not None]
    if len(node.outputs) != 1 or None in args or None in node.inputs:
        return None
    made = Derivation.apply(node.op, *(arg for arg in args if arg), **node.attributes)
    return made if _length(made) <= LONGEST else None


def _argument(weight: Weight) -> Derivation | None:
    return weight.derivation or _shortest(None, weight.data)


def _shortest(origin: Derivation | None, array: Array) -> Derivation | None:
    """What depends on no initializer and is small is a constant."""
    if array.size > SMALL_ELEMENTS or (origin is not None and origin.sources()):
        return origin
    return Derivation.constant(array)


def _length(derivation: Derivation) -> int:
    return 1 + sum(map(_length, derivation.args))
