# SPDX-License-Identifier: Apache-2.0
"""Common subexpressions: equal ops on equal inputs are computed once, equal constants kept once."""

from __future__ import annotations

from typing import Any

from ingot.ir.edit import Editor, Record, is_refittable
from ingot.ir.graph import Graph, Node, Weight
from ingot.optimize.typing import typing_of

SMALL_ELEMENTS = 64


def share(graph: Graph, record: Record) -> Graph:
    """`graph` with one node for each distinct computation, and one weight for each constant."""
    editor = Editor(graph, typing_of(graph), record)
    _share_weights(editor)
    first: dict[tuple[Any, ...], Node | None] = {}
    for node in editor.nodes():
        if record.stopped:
            break
        key = _key(node)
        other = first.get(key)
        if other is None or other not in editor:
            first[key] = node
        elif _can_merge(editor, node) and record.take("share", node):
            first[key] = _merge(editor, node, other)
    return editor.finish()


def _can_merge(editor: Editor, node: Node) -> bool:
    """An output that must keep its name can be moved to another node only if it is alone."""
    if not any(map(editor.is_output, node.outputs)):
        return True
    return len(node.outputs) == 1 and node.op != "identity"


def _merge(editor: Editor, node: Node, other: Node) -> Node | None:
    for mine, theirs in zip(node.outputs, other.outputs, strict=True):
        if node in editor:  # it goes with the last output that is read
            editor.forward(mine, theirs)
    return editor.producer(other.outputs[0]) or editor.producer(node.outputs[0])


def _share_weights(editor: Editor) -> None:
    first: dict[tuple[Any, ...], Weight] = {}
    for weight in list(editor.weights.values()):
        other = first.setdefault(_weight_key(editor, weight), weight)
        if other is not weight and not editor.is_output(weight.value):
            editor.redirect(weight.value, other.value)


def _weight_key(editor: Editor, weight: Weight) -> tuple[Any, ...]:
    origin = weight.derivation if editor.record.refittable and is_refittable(weight) else None
    if weight.data.size <= SMALL_ELEMENTS:
        return (weight.value.type, weight.data.tobytes(), origin)
    place = weight.data.__array_interface__["data"][0]
    return (weight.value.type, place, weight.data.strides, origin)


def _key(node: Node) -> tuple[Any, ...]:
    attributes = tuple((key, type(value), value) for key, value in sorted(node.attributes.items()))
    types = tuple(value.type for value in node.outputs)
    return (node.op, node.inputs, attributes, types)
