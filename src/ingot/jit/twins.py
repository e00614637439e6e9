# SPDX-License-Identifier: Apache-2.0
"""Equal launches side by side: independent uses of one kernel become one launch.

The projections of an attention, or the branches of a block, run the same kernel on other memory.
Where none of them needs what another makes, the target may run them at once: one launch instead of
several, and more blocks at a time for a device that small launches leave empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ingot.ir.graph import Graph, Node
from ingot.ops.table import OPS
from ingot.targets.base import Candidate, Join, Launch, PackedUse, Region, ViewUse

_LOOK_BACK: Final = 8  # how many launches a twin may overtake
_MOST: Final = 8  # launches in one


@dataclass(frozen=True)
class Call:
    """A launch, whose regions it computes, and what its temporaries are called in the plan."""

    regions: tuple[Region, ...]
    candidate: Candidate
    launch: Launch

    @property
    def reads(self) -> set[str]:
        """Buffers that it uses in any way."""
        return {name for name, _ in _uses(self.launch)}

    @property
    def writes(self) -> set[str]:
        """Buffers that it changes."""
        return {name for name, mode in _uses(self.launch) if mode != "r"}


def twins_of(anchor: Node, graph: Graph) -> int:
    """How many nodes, `anchor` included, do the same to its first input with weights alike."""
    if OPS[anchor.op].kind != "contract" or anchor.inputs[0] is None:
        return 1
    users = graph.users().get(anchor.inputs[0], ())
    return max(1, sum(_signature(node) == _signature(anchor) for node in users))


def _signature(node: Node) -> tuple[object, ...]:
    types = tuple(None if value is None else value.type for value in node.inputs)
    return node.op, node.inputs[0], types, tuple(node.attributes.items())


def join_twins(calls: Sequence[Call], join: Join | None) -> list[Call]:
    """The calls in an order that computes the same, twins as one where `join` can."""
    if join is None:
        return list(calls)
    groups: list[list[Call]] = []
    for call in calls:
        place = _place(call, groups)
        if place is None:
            groups.append([call])
        else:
            groups[place].append(call)
    return [call for group in groups for call in _joined(group, join)]


def _place(call: Call, groups: Sequence[Sequence[Call]]) -> int | None:
    """The group of twins that the call can join; it then runs ahead of the groups behind that."""
    for number in range(len(groups) - 1, max(len(groups) - 1 - _LOOK_BACK, -1), -1):
        group = groups[number]
        if any(_conflict(call, other) for other in group):
            return None
        if len(group) < _MOST and _twins(call, group[0]):
            return number
    return None


def _twins(one: Call, other: Call) -> bool:
    same = one.launch.text == other.launch.text and one.candidate is other.candidate
    return same and one.launch.extent == other.launch.extent


def _conflict(one: Call, other: Call) -> bool:
    return bool(one.writes & other.reads or other.writes & one.reads)


def _joined(group: list[Call], join: Join) -> list[Call]:
    if len(group) == 1:
        return group
    launch = join([call.launch for call in group])
    if launch is None:
        return group
    regions = tuple(region for call in group for region in call.regions)
    return [Call(regions, group[0].candidate, launch)]


def _uses(launch: Launch) -> Iterable[tuple[str, str]]:
    for argument in launch.arguments:
        match argument:
            case ViewUse(view, mode):
                yield view.buffer, mode
            case PackedUse(key, mode):
                yield key, mode
