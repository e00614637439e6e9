# SPDX-License-Identifier: Apache-2.0
"""Which nodes of a model matter, and in which order: live nodes, sorted, cycles named.

The order follows from the structure alone: from the outputs against the arrows, inputs in their
order, producers first. So two files that list the same nodes in other orders give the same graph.
Nodes that no output needs are left out, and what is wrong with them stops nobody.
"""

from __future__ import annotations

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
    roots = _roots(wanted, producers, known)
    return _sorted(_needs(nodes, roots, producers, known, label), roots, label)


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


def _roots(
    wanted: Iterable[str], producers: dict[str, int], known: Callable[[str], bool]
) -> list[int]:
    """The nodes that produce the wanted tensors."""
    roots = []
    for name in wanted:
        if name in producers:
            roots.append(producers[name])
        elif not known(name):
            raise ModelError(
                f"output '{name}': no node, input or initializer produces it",
                cure="name a tensor that the model computes",
            )
    return roots


def _needs(
    nodes: Sequence[NodeRecord],
    roots: Sequence[int],
    producers: dict[str, int],
    known: Callable[[str], bool],
    label: Callable[[int], str],
) -> dict[int, tuple[int, ...]]:
    """Each live node to the live nodes that it reads from."""
    needs: dict[int, tuple[int, ...]] = {}
    pending = list(roots)
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


def _sorted(
    needs: dict[int, tuple[int, ...]], roots: Sequence[int], label: Callable[[int], str]
) -> list[int]:
    """Depth first from the roots, each node after its producers; raises ModelError on a cycle."""
    order: dict[int, None] = {}
    opened: set[int] = set()
    path = list(reversed(roots))
    while path:
        position = path[-1]
        waiting = [p for p in needs[position] if p not in order]
        if position in order or not waiting:
            order[path.pop()] = None
        elif position in opened:
            raise _cycle({p: needs[p] for p in opened if p not in order}, label)
        else:
            opened.add(position)
            path.extend(reversed(waiting))
    return list(order)


def _cycle(needs: dict[int, tuple[int, ...]], label: Callable[[int], str]) -> ModelError:
    """The error that shows one cycle, followed against the arrows until a node comes again.

    `needs` holds the nodes that are being visited: each of them waits for another one of them.
    """
    position, path = min(needs), []
    while position not in path:
        path.append(position)
        position = next(p for p in needs[position] if p in needs)
    loop = [label(p) for p in reversed(path[path.index(position) :])]
    shown = loop if len(loop) <= CYCLE_SHOWN else [*loop[: CYCLE_SHOWN - 1], "…"]
    return ModelError(
        f"the graph has a cycle: {' -> '.join([*shown, loop[0]])}",
        cure="a model must not feed a tensor back into its own computation; export it again",
    )
