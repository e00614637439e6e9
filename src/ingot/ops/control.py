# SPDX-License-Identifier: Apache-2.0
"""Control flow: `if`, `loop` and `scan`, whose bodies are graphs.

Values that a body takes from around it are inputs of the node like all others and come last among
the inputs of the body. Semantics are those of ONNX's If, Loop and Scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from ingot.ir.graph import Array, Graph, Node, TensorType
from ingot.ops.script import Item, RunBody, ScriptOp, Types, join_types, truth, whole

Shapes = tuple[tuple[int, ...], ...]
Items = Sequence[Item]


def first_stacked(node: Node) -> int | None:
    """Which result of its body is the first that a loop or scan stacks; None for other nodes."""
    carried = node.attributes.get("carried")
    return carried + (node.op == "loop") if isinstance(carried, int) else None


def _branch_results(types: Types, then_body: Graph, else_body: Graph, **_: Any) -> list[TensorType]:
    pairs = zip(then_body.outputs, else_body.outputs, strict=True)
    return [join_types(one.type, other.type) or one.type for one, other in pairs]


def _if(items: Items, run: RunBody, then_body: Graph, else_body: Graph, shapes: Shapes) -> Items:
    return run(then_body if truth(items[0]) else else_body, items[1:])


def _loop_results(types: Types, body: Graph, **_: Any) -> list[TensorType]:
    return [value.type for value in body.outputs[1:]]


def _loop(items: Items, run: RunBody, body: Graph, carried: int, shapes: Shapes) -> Items:
    limit, condition, *rest = items
    state, captured = rest[:carried], rest[carried:]
    turns = None if limit is None else whole(limit)
    going = condition is None or truth(condition)
    made: list[list[Item]] = [[] for _ in body.outputs[1 + carried :]]
    turn = 0
    while going and (turns is None or turn < turns):
        index, flag = np.array(turn, np.int64), np.array(True)
        again, *results = run(body, (index, flag, *state, *captured))
        state, going = list(results[:carried]), truth(again)
        for kept, item in zip(made, results[carried:], strict=True):
            kept.append(item)
        turn += 1
    stacks = zip(made, body.outputs[1 + carried :], shapes[carried:], strict=True)
    return [*state, *(_stack(kept, 0, value.type, shape) for kept, value, shape in stacks)]


def _scan_results(types: Types, body: Graph, **_: Any) -> list[TensorType]:
    return [value.type for value in body.outputs]


def _scan(
    items: Items,
    run: RunBody,
    body: Graph,
    carried: int,
    scanned: int,
    input_axes: tuple[int, ...],
    input_reversed: tuple[bool, ...],
    output_axes: tuple[int, ...],
    output_reversed: tuple[bool, ...],
    shapes: Shapes,
) -> Items:
    state = list(items[:carried])
    inputs, captured = items[carried : carried + scanned], items[carried + scanned :]
    made: list[list[Item]] = [[] for _ in body.outputs[carried:]]
    for parts in _turns(inputs, input_axes, input_reversed):
        results = run(body, (*state, *parts, *captured))
        state = list(results[:carried])
        for kept, item in zip(made, results[carried:], strict=True):
            kept.append(item)
    stacks = []
    for number, kept in enumerate(made):
        ordered = kept[::-1] if output_reversed[number] else kept
        type_, shape = body.outputs[carried + number].type, shapes[carried + number]
        stacks.append(_stack(ordered, output_axes[number], type_, shape))
    return [*state, *stacks]


def _turns(
    inputs: Items, axes: Sequence[int], backwards: Sequence[bool]
) -> Iterator[tuple[Array, ...]]:
    """What each turn of a scan takes of the scanned inputs."""
    views = [np.moveaxis(array, axis, 0) for array, axis in zip(inputs, axes, strict=True)]
    ordered = [view[::-1] if back else view for view, back in zip(views, backwards, strict=True)]
    for parts in zip(*ordered, strict=True):
        yield tuple(np.ascontiguousarray(part).reshape(np.shape(part)) for part in parts)


def _stack(items: list[Item], axis: int, type_: TensorType, shape: tuple[int, ...]) -> Array:
    """The items of all turns as one tensor with a new axis; where there is none an empty one."""
    if items:
        return np.stack(items, axis)
    return np.empty(shape, type_.dtype.numpy)


OPS: Final = (
    ScriptOp(
        "if", _branch_results, _if,
        "The results of `then_body` where the first input is true, else of `else_body`.",
        ("then_body", "else_body"),
    ),
    ScriptOp(
        "loop", _loop_results, _loop,
        "Runs `body` while its condition holds, at most as often as the first input says. Inputs: "
        "limit?, condition?, the `carried` values, captured values. The body takes (turn, "
        "condition, carried values, captured values) and gives (condition, carried values, items "
        "to stack).",
        ("body", "carried"),
    ),
    ScriptOp(
        "scan", _scan_results, _scan,
        "Runs `body` for each slice of the `scanned` inputs. Inputs: the `carried` values, the "
        "scanned tensors, captured values. The body gives (carried values, items to stack).",
        (
            "body", "carried", "scanned", "input_axes", "input_reversed", "output_axes",
            "output_reversed",
        ),
    ),
)  # fmt: skip
