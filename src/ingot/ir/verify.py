# SPDX-License-Identifier: Apache-2.0
"""The verifier: a table of rules that every Graph keeps, and some that a stage adds.

It runs after reading and loading always, and after every pass in tests and under `verify`. Each
rule yields the faults that it finds; the first fault becomes a GraphError that shows the node with
its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from ingot.dims import Dim, Expression, symbols
from ingot.dtypes import INT64, DType
from ingot.errors import GraphError, IngotError
from ingot.ir.graph import (
    STAGES,
    Graph,
    ListType,
    Node,
    TensorType,
    Value,
    graphs_in,
    sizes_in,
    symbols_of,
)
from ingot.ir.literals import KEYWORDS, TYPE_NAMES
from ingot.ir.text import print_graph

Infer: TypeAlias = Callable[[Node], tuple[TensorType, ...]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, at which node (None: the graph as a whole), and what to do."""

    node: Node | None
    message: str
    cure: str = "check the rule or the reader that made it"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, the stages that keep it, and a search for what breaks it."""

    name: str
    check: Callable[[Graph], Iterable[Fault]]
    stages: tuple[str, ...] = STAGES


def verify(graph: Graph, infer: Infer | None = None) -> None:
    """Raises GraphError at the first rule of `RULES` that `graph` breaks.

    With `infer`, the types of each node's outputs are derived again and compared.
    """
    for rule in RULES:
        if graph.stage in rule.stages or graph.stage not in STAGES:
            for fault in rule.check(graph):
                raise _error(graph, rule.name, fault)
    if infer is not None:
        for fault in types_derived(graph, infer):
            raise _error(graph, "types follow from the op", fault)
    for node in graph.nodes:
        for nested in graphs_in(node.attributes):
            verify(nested, infer)


def stage_known(graph: Graph) -> Iterator[Fault]:
    """The stage is one of the known ones."""
    if graph.stage not in STAGES:
        yield Fault(None, f"stage '{graph.stage}' is unknown", f"use one of {', '.join(STAGES)}")


def names_unique(graph: Graph) -> Iterator[Fault]:
    """Each name is defined once, and by one value."""
    seen: set[str] = set()
    for value, node in _definitions(graph):
        if value.name in seen:
            yield Fault(node, f"value %{value.name} is defined twice", "give it a fresh name")
        seen.add(value.name)


def defined_before_use(graph: Graph) -> Iterator[Fault]:
    """Nodes stand in topological order and read only what is defined."""
    defined = set(graph.inputs) | {weight.value for weight in graph.weights.values()}
    for node in graph.nodes:
        for value in node.inputs:
            if value is not None and value not in defined:
                yield Fault(node, f"input %{value.name} is not defined before it is used")
        defined.update(node.outputs)


def outputs_defined(graph: Graph) -> Iterator[Fault]:
    """Each graph output is defined, and named once."""
    defined = {value for value, _ in _definitions(graph)}
    seen: set[Value] = set()
    for value in graph.outputs:
        if value not in defined:
            yield Fault(None, f"graph output %{value.name} is not defined")
        if value in seen:
            yield Fault(None, f"value %{value.name} is a graph output twice", "insert an identity")
        seen.add(value)


def weights_typed(graph: Graph) -> Iterator[Fault]:
    """Each weight stands under its own name, its data has its type and cannot be written."""
    for key, weight in graph.weights.items():
        value, data = weight.value, weight.data
        if key != value.name:
            yield Fault(None, f"weight %{value.name} is stored under the name '{key}'")
        if data.dtype != value.dtype.numpy or tuple(data.shape) != value.shape:
            found = f"{data.dtype.name}{list(data.shape)}"
            yield Fault(None, f"weight %{value.name} is {value.type}, its data is {found}")
        if data.flags.writeable:
            yield Fault(None, f"the data of weight %{value.name} can be written", "freeze it")


def symbols_declared(graph: Graph) -> Iterator[Fault]:
    """Each symbol of a type, an attribute or a guard is declared, and its range is not empty."""
    for name, span in graph.symbols.items():
        if not name.isidentifier() or name in KEYWORDS or name in TYPE_NAMES:
            yield Fault(None, f"'{name}' cannot name a symbol", "use a plain word")
        if span.lo < 0 or (span.hi is not None and span.hi < span.lo):
            yield Fault(None, f"symbol {name} has the empty range {span.lo}..{span.hi}")
    checked: set[TensorType] = set()
    for value, node in _definitions(graph):
        if value.type not in checked:
            checked.add(value.type)
            yield from _undeclared(graph, node, f"the type of %{value.name}", value.type.shape)
    for node in graph.nodes:
        sizes = list(sizes_in(node.attributes))
        if sizes:
            yield from _undeclared(graph, node, f"an attribute of {node.op}", sizes)
    for guard in graph.guards:
        yield from _undeclared(graph, None, f"guard '{guard.reason}'", (guard.left, guard.right))


def measured_scalars(graph: Graph) -> Iterator[Fault]:
    """Each measured symbol is declared, and its value an int64 scalar of the graph."""
    defined = {value for value, _ in _definitions(graph)} if graph.measured else set()
    for name, value in graph.measured.items():
        if name not in graph.symbols:
            yield Fault(None, f"measured symbol {name} is not declared", "declare its range")
        if value not in defined:
            yield Fault(None, f"measured symbol {name}: value %{value.name} is not defined")
        if value.dtype != INT64 or value.shape != ():
            yield Fault(None, f"measured symbol {name}: {value!r} is no int64 scalar")


def measured_before_use(graph: Graph) -> Iterator[Fault]:
    """A size that the graph measures is known before a value has it.

    A node that makes the scalar itself may have it: control flow tells the sizes of its results.
    """
    if not graph.measured:
        return
    given = (*graph.inputs, *(weight.value for weight in graph.weights.values()))
    for value in graph.inputs:
        names = frozenset[str]().union(*map(symbols, value.shape)) & graph.measured.keys()
        for name in sorted(names):
            yield Fault(None, f"input %{value.name} has the measured size {name}")
    known = {name for name, value in graph.measured.items() if value in given}
    for node in graph.nodes:
        known |= {name for name, value in graph.measured.items() if value in node.outputs}
        for name in sorted((symbols_of(node) & graph.measured.keys()) - known):
            yield Fault(node, f"size {name} is used before %{graph.measured[name].name} is known")


def _undeclared(
    graph: Graph, node: Node | None, where: str, sizes: Iterable[Dim]
) -> Iterator[Fault]:
    for size in sizes:
        if isinstance(size, int):
            continue
        for name in sorted(symbols(size) - graph.symbols.keys()):
            yield Fault(node, f"symbol {name} in {where} is not declared", "declare its range")


def sizes_possible(graph: Graph) -> Iterator[Fault]:
    """No constant size is negative."""
    checked: set[TensorType] = set()
    for value, node in _definitions(graph):
        if value.type not in checked:
            checked.add(value.type)
            lists = isinstance(value.type, ListType)
            if not lists and any(isinstance(size, int) and size < 0 for size in value.shape):
                yield Fault(node, f"{value!r} has a negative size")


def nodes_formed(graph: Graph) -> Iterator[Fault]:
    """Each node has an op name, an output, and attributes of the known kinds."""
    for node in graph.nodes:
        if not node.op.isidentifier():
            yield Fault(node, f"'{node.op}' is no op name")
        if not node.outputs:
            yield Fault(node, "the node has no output")
        for key, value in node.attributes.items():
            if not _is_attribute(value):
                kind = type(value).__name__
                yield Fault(node, f"attribute {key} is of type {kind}, which is no attribute")


def nothing_dead(graph: Graph) -> Iterator[Fault]:
    """Each node reaches a graph output, and each weight is read."""
    live = set(graph.outputs)
    for guard in graph.guards:
        live.update(graph.measured[name] for name in guard.symbols & graph.measured.keys())
    for node in reversed(graph.nodes):
        if not any(value in live for value in node.outputs):
            yield Fault(node, "no graph output depends on this node", "run dead-code removal")
        live.update(value for value in node.inputs if value is not None)
        if graph.measured:
            live.update(graph.measured[name] for name in symbols_of(node) & graph.measured.keys())
    for weight in graph.weights.values():
        if weight.value not in live:
            yield Fault(None, f"nothing reads weight %{weight.value.name}")


def types_derived(graph: Graph, infer: Infer) -> Iterator[Fault]:
    """The stored type of each output is the one that the op's shape rule gives."""
    equal = {(guard.left, guard.right) for guard in graph.guards if guard.kind == "eq"}
    equal |= {(right, left) for left, right in equal}
    for node in graph.nodes:
        try:
            derived = infer(node)
        except IngotError as error:
            yield Fault(node, error.message, error.cure)
            continue
        if len(derived) != len(node.outputs):
            yield Fault(node, f"{node.op} has {len(derived)} outputs, not {len(node.outputs)}")
        for value, found in zip(node.outputs, derived, strict=False):
            if not _agree(value.type, found, equal):
                yield Fault(node, f"%{value.name} is {value.type}, {node.op} gives {found}")


def _agree(stored: TensorType, derived: TensorType, equal: set[tuple[Dim, Dim]]) -> bool:
    if stored == derived:
        return True
    if stored.dtype != derived.dtype or stored.rank != derived.rank:
        return False
    pairs = zip(stored.shape, derived.shape, strict=True)
    return all(left == right or (left, right) in equal for left, right in pairs)


RULES: Final = (
    Rule("the stage is known", stage_known),
    Rule("nodes are well formed", nodes_formed),
    Rule("names are unique", names_unique),
    Rule("values are defined before use", defined_before_use),
    Rule("outputs are defined", outputs_defined),
    Rule("weights are typed as their data", weights_typed),
    Rule("symbols are declared", symbols_declared),
    Rule("measured sizes are scalars", measured_scalars),
    Rule("measured sizes are known before use", measured_before_use),
    Rule("sizes are possible", sizes_possible),
    Rule("nothing is dead", nothing_dead, stages=("portable", "legal")),
)


def _definitions(graph: Graph) -> Iterator[tuple[Value, Node | None]]:
    for value in graph.inputs:
        yield value, None
    for weight in graph.weights.values():
        yield weight.value, None
    for node in graph.nodes:
        for value in node.outputs:
            yield value, node


def _is_attribute(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_attribute, value))
    return value is None or isinstance(value, int | float | bool | str | DType | Expression | Graph)


def _error(graph: Graph, rule: str, fault: Fault) -> GraphError:
    if fault.node is None:
        return GraphError(f"graph '{graph.name}': {fault.message} ({rule})", cure=fault.cure)
    message = f"{fault.node.op} '{fault.node.name}': {fault.message} ({rule})"
    return GraphError(message, cure=f"{fault.cure}\n{neighbourhood(graph, fault.node)}")


def neighbourhood(graph: Graph, node: Node, reach: int = 4) -> str:
    """The lines of `node`, marked, and of up to `reach` nodes that feed it and that read it."""
    reads, makes = set(node.inputs), set(node.outputs)
    others = [other for other in graph.nodes if other is not node]
    feeders = [other for other in others if not reads.isdisjoint(other.outputs)]
    readers = [other for other in others if not makes.isdisjoint(other.inputs)]
    lines = [f"    {_line(other)}" for other in feeders[-reach:]]
    lines.append(f"  > {_line(node)}")
    return "\n".join([*lines, *(f"    {_line(other)}" for other in readers[:reach])])


def _line(node: Node) -> str:
    try:
        return print_graph(Graph("near", (), (), (node,))).split("\n")[1].strip()
    except TypeError:  # an attribute that is none
        return repr(node)
