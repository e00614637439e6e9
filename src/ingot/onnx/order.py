# SPDX-License-Identifier: Apache-2.0
"""Which nodes of a model matter, and in which order: live nodes, sorted, cycles named.

Models should come sorted; those that do not are sorted here, stably. Nodes that no output needs
are left out, so what is wrong with them stops nobody.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence

from ingot.errors import ModelError
from ingot.onnx.records import GraphRecord, NodeRecord

CYCLE_SHOWN = 8


def live_nodes(
    nodes: Sequence[NodeRecord],
    wanted: Iterable[str],
    known: Callable[[str], bool],
    label: Callable[[int], str],
) -> list[int]:
    """Positions of the nodes that `wanted` tensors need, each after its producers.

    `known` tells tensors that exist already; `label` names a node for messages. Raises ModelError
    for a tensor that nothing produces, that two nodes produce, or that depends on itself.
    """
    producers = _producers(nodes, known, label)
    needs = _needs(nodes, wanted, producers, known, label)
    if all(p < node for node, before in needs.items() for p in before):
        return sorted(needs)
    return _sorted(needs, label)


def captured(node: NodeRecord) -> Iterator[str]:
    """The names that a node reads: its inputs, and what its subgraphs take from outside."""
    for name in node.inputs:
        if name:
            yield name
    for attribute in node.attributes.values():
        if attribute.kind in ("graph", "graphs"):
            graphs = attribute.value if attribute.kind == "graphs" else (attribute.value,)
            for graph in graphs if isinstance(graphs, tuple) else ():
                yield from _free_names(graph)


def _free_names(graph: GraphRecord) -> Iterator[str]:
    bound = {value.name for value in graph.inputs}
    bound |= {tensor.name for tensor in graph.initializers}
    for node in graph.nodes:
        yield from (name for name in captured(node) if name not in bound)
        bound.update(node.outputs)
    yield from (value.name for value in graph.outputs if value.name not in bound)


def _producers(
    nodes: Sequence[NodeRecord], known: Callable[[str], bool], label: Callable[[int], str]
) -> dict[str, int]:
    producers: dict[str, int] = {}
    for position, node in enumerate(nodes):
        for name in filter(None, node.outputs):
            if name in producers or known(name):
                other = label(producers[name]) if name in producers else "an input or initializer"
                raise ModelError(
                    f"tensor '{name}': both {other} and {label(position)} produce it",
                    cure="give every tensor of the model its own name",
                )
            producers[name] = position
    return producers


def _needs(
    nodes: Sequence[NodeRecord],
    wanted: Iterable[str],
    producers: dict[str, int],
    known: Callable[[str], bool],
    label: Callable[[int], str],
) -> dict[int, tuple[int, ...]]:
    """Each live node to the live nodes that it reads from."""
    needs: dict[int, tuple[int, ...]] = {}
    pending = []
    for name in wanted:
        if name in producers:
            pending.append(producers[name])
        elif not known(name):
            raise ModelError(
                f"output '{name}': no node, input or initializer produces it",
                cure="name a tensor that the model computes",
            )
    while pending:
        position = pending.pop()
        if position in needs:
            continue
        names = tuple(captured(nodes[position]))
        for name in names:
            if name not in producers and not known(name):
                raise ModelError(
                    f"{label(position)}: input '{name}' is produced by no node, input or "
                    "initializer",
                    cure="the model is incomplete; export it again",
                )
        needs[position] = tuple(producers[name] for name in names if name in producers)
        pending += needs[position]
    return needs


def _sorted(needs: dict[int, tuple[int, ...]], label: Callable[[int], str]) -> list[int]:
    """A topological order, early positions first; raises ModelError on a cycle."""
    users: dict[int, list[int]] = {position: [] for position in needs}
    missing = {position: len(set(before)) for position, before in needs.items()}
    for position, before in needs.items():
        for producer in set(before):
            users[producer].append(position)
    ready = [position for position, count in missing.items() if count == 0]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        position = heapq.heappop(ready)
        order.append(position)
        for user in users[position]:
            missing[user] -= 1
            if missing[user] == 0:
                heapq.heappush(ready, user)
    if len(order) < len(needs):
        raise _cycle({p: needs[p] for p, count in missing.items() if count}, label)
    return order


def _cycle(needs: dict[int, tuple[int, ...]], label: Callable[[int], str]) -> ModelError:
    """The error that shows one cycle, followed against the arrows until a node comes again."""
    position, path = next(iter(needs)), []
    while position not in path:
        path.append(position)
        position = next(p for p in needs[position] if p in needs)
    loop = [label(p) for p in reversed(path[path.index(position) :])]
    shown = loop if len(loop) <= CYCLE_SHOWN else [*loop[: CYCLE_SHOWN - 1], "…"]
    return ModelError(
        f"the graph has a cycle: {' -> '.join([*shown, loop[0]])}",
        cure="a model must not feed a tensor back into its own computation; export it again",
    )
