# SPDX-License-Identifier: Apache-2.0
"""The Graph as text, and back: what engines store, dumps show and tests compare.

One line an item, so that a diff reads well and a parser needs one regular expression a line:

    graph mlp portable
      symbol batch 1..64
      input %x: float32[batch, 8]
      weight %w: float32[8, 8] = @w from transpose(source("fc.weight"), permutation=(1, 0))
      weight %half: float32[] = {0.5}
      %h: float32[batch, 8] = matmul(%x, %w) from /fc/MatMul by fold
      %y: float32[batch, 8] = mul(%h, %half) from /Mul
      output %y

A size that the graph computes itself, as the content of a scalar, is told where it is known:
`measure n %count`. Constants of up to 16 elements are written out, larger ones are references
(`@name`). A graph inside an attribute is its own paragraph below, referred to as `graph("name")`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from ingot.dims import Guard
from ingot.errors import IngotError, TextError
from ingot.ir.graph import (
    NO_ATTRIBUTES,
    STAGES,
    Array,
    Attributes,
    Derivation,
    Graph,
    Node,
    SymbolRange,
    TensorType,
    Value,
    Weight,
    fresh_names,
)
from ingot.ir.literals import (
    INLINE_ELEMENTS,
    QUOTED,
    parse_attribute,
    parse_derivation,
    parse_elements,
    parse_name,
    parse_type,
    print_attribute,
    print_derivation,
    print_elements,
    print_name,
    split,
)

WeightSource: TypeAlias = Mapping[str, Array] | Callable[[str, TensorType], Array]

_NAME: Final = rf"(?:[\w./$-]+|{QUOTED})"
_OUTPUT: Final = rf"%{_NAME}: \w+\[[^\]]*\]"
_INPUT: Final = rf"(?:%{_NAME}|none)"
_NODE: Final = re.compile(
    rf"({_OUTPUT}(?:, {_OUTPUT})*) = (\w+)\(({_INPUT}(?:, {_INPUT})*|)\)"
    rf"(?: \{{([^\"{{}}]*(?:{QUOTED}[^\"{{}}]*)*)\}})?"
    rf"(?: from ({_NAME}(?:, {_NAME})*))?(?: by ({_NAME}))?"
)
_TYPED: Final = re.compile(rf"%({_NAME}): (\w+\[[^\]]*\])")
_OPERAND: Final = re.compile(rf"%({_NAME})|none")
_ORIGIN: Final = re.compile(_NAME)
_HEADER: Final = re.compile(rf"graph ({_NAME}) (\w+)")
_SYMBOL: Final = re.compile(r"symbol (\S+) (\d+)\.\.(\d*)")
_MEASURE: Final = re.compile(rf"measure (\S+) %({_NAME})")
_GUARD: Final = re.compile(rf"guard (\w+) (.*) ({QUOTED})")
_WEIGHT: Final = re.compile(
    rf"weight %({_NAME}): (\w+\[[^\]]*\]) = (?:@({_NAME})|(\{{.*?\}}))(?: from (.*))?"
)


def print_graph(graph: Graph, references: Mapping[str, str] | None = None) -> str:
    """The text of `graph`; `references` renames the stored tensors of weights by value name."""
    return _Printer(references or {}).print(graph)


class _Printer:
    def __init__(self, references: Mapping[str, str]) -> None:
        self.references = references
        self.nested: list[Graph] = []
        self.names: dict[int, str] = {}
        self.fresh = fresh_names(())
        self.types: dict[TensorType, str] = {}

    def print(self, graph: Graph) -> str:
        self.name_of(graph)
        paragraphs = []
        for current in self.nested:  # grows while nested graphs are found
            paragraphs.append("\n".join(self.lines(current)))
        return "\n\n".join(paragraphs) + "\n"

    def name_of(self, graph: Graph) -> str:
        if id(graph) not in self.names:
            self.names[id(graph)] = self.fresh(graph.name)
            self.nested.append(graph)
        return self.names[id(graph)]

    def lines(self, graph: Graph) -> list[str]:
        out = [f"graph {print_name(self.names[id(graph)])} {graph.stage}"]
        for name, span in graph.symbols.items():
            out.append(f"  symbol {name} {span.lo}..{'' if span.hi is None else span.hi}")
        for guard in graph.guards:
            sides = print_attribute((guard.left, guard.right), self.name_of)
            reason = print_attribute(guard.reason, self.name_of)
            out.append(f"  guard {guard.kind} {sides} {reason}")
        out += [f"  input {self.typed(value)}" for value in graph.inputs]
        out += [f"  weight {self.weight(weight)}" for weight in graph.weights.values()]
        measures: dict[Value, list[str]] = {}
        for name, value in graph.measured.items():
            measures.setdefault(value, []).append(_measure(name, value))
        for value in graph.values() if measures else ():
            if graph.producer(value) is None:
                out += measures.get(value, ())
        for node in graph.nodes:
            out.append(f"  {self.node(node)}")
            for value in node.outputs if measures else ():
                out += measures.get(value, ())
        out += [f"  output %{print_name(value.name)}" for value in graph.outputs]
        return out

    def typed(self, value: Value) -> str:
        text = self.types.get(value.type)
        if text is None:
            text = self.types[value.type] = str(value.type)
        return f"%{print_name(value.name)}: {text}"

    def weight(self, weight: Weight) -> str:
        name = weight.value.name
        if weight.data.size <= INLINE_ELEMENTS and name not in self.references:
            content = print_elements(weight.data)
        else:
            content = f"@{print_name(self.references.get(name, name))}"
        text = f"{self.typed(weight.value)} = {content}"
        if weight.derivation is not None:
            text += f" from {print_derivation(weight.derivation)}"
        return text

    def node(self, node: Node) -> str:
        outputs = ", ".join(map(self.typed, node.outputs))
        inputs = ", ".join(
            "none" if value is None else f"%{print_name(value.name)}" for value in node.inputs
        )
        text = f"{outputs} = {node.op}({inputs})"
        if node.attributes:
            pairs = sorted(node.attributes.items())
            inner = ", ".join(f"{key}={print_attribute(v, self.name_of)}" for key, v in pairs)
            text += f" {{{inner}}}"
        if node.origin:
            text += f" from {', '.join(map(print_name, node.origin))}"
        return f"{text} by {print_name(node.made_by)}" if node.made_by else text


def _measure(symbol: str, value: Value) -> str:
    return f"  measure {symbol} %{print_name(value.name)}"


def parse_graph(text: str, weights: WeightSource | None = None) -> Graph:
    """The graph that `print_graph` wrote.

    `weights` gives the arrays of referenced weights: a mapping by stored name, or a function of
    stored name and type. Raises TextError with the line where the text is not well formed.
    """
    paragraphs: list[list[tuple[int, str]]] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("graph "):
            paragraphs.append([])
        if not paragraphs:
            raise TextError("a graph starts with 'graph NAME STAGE'", line=number)
        paragraphs[-1].append((number, line))
    if not paragraphs:
        raise TextError("there is no graph in the text", line=1)
    return _Parser(paragraphs, weights).graph(0)


class _Parser:
    def __init__(
        self, paragraphs: list[list[tuple[int, str]]], weights: WeightSource | None
    ) -> None:
        self.paragraphs = paragraphs
        self.weights = weights
        self.done: dict[int, Graph] = {}
        self.open: set[int] = set()
        self.types: dict[str, TensorType] = {}
        self.attribute_cache: dict[str, Attributes] = {}
        self.index: dict[str, int] = {}
        for position, paragraph in enumerate(paragraphs):
            header = _HEADER.fullmatch(paragraph[0][1])
            if header is not None:
                self.index[parse_name(header[1])] = position

    def graph(self, position: int) -> Graph:
        if position not in self.done:
            self.open.add(position)
            self.done[position] = _Paragraph(self).parse(self.paragraphs[position])
            self.open.remove(position)
        return self.done[position]

    def nested(self, name: str) -> Graph:
        position = self.index.get(name)
        if position is None or position in self.open:
            raise TextError(f"there is no graph '{name}' to nest here")
        return self.graph(position)

    def type(self, text: str) -> TensorType:
        found = self.types.get(text)
        if found is None:
            found = self.types[text] = parse_type(text)
        return found

    def attributes(self, text: str | None) -> Attributes:
        if not text:
            return NO_ATTRIBUTES
        found = self.attribute_cache.get(text)
        if found is None:
            pairs = (part.split("=", 1) for part in split(text))
            table = {key: parse_attribute(value, self.nested) for key, value in pairs}
            found = self.attribute_cache[text] = MappingProxyType(table)
        return found

    def array(self, name: str, type: TensorType) -> Array:
        if self.weights is None:
            raise TextError(f"weight '{name}' is a reference; pass the weights")
        if not isinstance(self.weights, Mapping):
            return self.weights(name, type)
        if name not in self.weights:
            raise TextError(f"weight '{name}' is not among the {len(self.weights)} given weights")
        return self.weights[name]


class _Paragraph:
    """One graph's lines, parsed into its fields."""

    def __init__(self, parser: _Parser) -> None:
        self.parser = parser
        self.values: dict[str, Value] = {}
        self.inputs: list[Value] = []
        self.outputs: list[Value] = []
        self.nodes: list[Node] = []
        self.weights: dict[str, Weight] = {}
        self.symbols: dict[str, SymbolRange] = {}
        self.guards: list[Guard] = []
        self.measured: dict[str, Value] = {}

    def parse(self, lines: list[tuple[int, str]]) -> Graph:
        number = lines[0][0]
        try:
            name, stage = self.header(lines[0][1])
            for number, line in lines[1:]:  # noqa: B007  (the handlers below tell it)
                if line[0] == "%":
                    self.node(line)
                else:
                    self.item(line)
        except TextError as error:
            if error.line:
                raise
            raise TextError(error.message, cure=error.cure, line=number) from error
        except (IngotError, ValueError, OverflowError, TypeError) as error:
            raise TextError(f"{error}", line=number) from error
        return Graph(
            name, tuple(self.inputs), tuple(self.outputs), tuple(self.nodes), self.weights,
            self.symbols, tuple(self.guards), stage, self.measured,
        )  # fmt: skip

    def header(self, line: str) -> tuple[str, str]:
        match = _HEADER.fullmatch(line)
        if match is None or match[2] not in STAGES:
            cure = f"write 'graph NAME STAGE', stage one of {', '.join(STAGES)}"
            raise TextError(f"'{line}' starts no graph", cure=cure)
        return parse_name(match[1]), match[2]

    def node(self, line: str) -> None:
        match = _NODE.fullmatch(line)
        if match is None:
            cure = "write '%output: type = op(%input, ...) {attribute=...} from origin by rule'"
            raise TextError(f"'{_shorten(line)}' is no node", cure=cure)
        outputs, op, inputs, attributes, origin, made_by = match.groups()
        operands = tuple([self.operand(text) for text in _OPERAND.findall(inputs)])
        results = tuple([self.define(name, type) for name, type in _TYPED.findall(outputs)])
        names = tuple(map(parse_name, _ORIGIN.findall(origin))) if origin else ()
        table = self.parser.attributes(attributes)
        rule = parse_name(made_by) if made_by else ""
        self.nodes.append(Node(op, operands, results, table, names, rule))

    def operand(self, text: str) -> Value | None:
        if not text:
            return None
        value = self.values.get(parse_name(text))
        if value is None:
            raise TextError(f"value %{text} is used before it is defined")
        return value

    def define(self, text: str, type: str) -> Value:
        name = parse_name(text)
        if name in self.values:
            raise TextError(f"value %{text} is defined twice")
        value = self.values[name] = Value(name, self.parser.type(type))
        return value

    def item(self, line: str) -> None:
        kind = line.split(" ", 1)[0]
        match kind:
            case "input" if match := _TYPED.fullmatch(line[len("input ") :]):
                self.inputs.append(self.define(match[1], match[2]))
            case "output" if match := _OPERAND.fullmatch(line[len("output ") :]):
                value = self.operand(match[1] or "")
                if value is None:
                    raise TextError("an output is a value, not none")
                self.outputs.append(value)
            case "weight" if match := _WEIGHT.fullmatch(line):
                self.weight(*match.groups())
            case "symbol" if match := _SYMBOL.fullmatch(line):
                name, low, high = match.groups()
                self.symbols[name] = SymbolRange(int(low), int(high) if high else None)
            case "measure" if match := _MEASURE.fullmatch(line):
                self.measure(*match.groups())
            case "guard" if match := _GUARD.fullmatch(line):
                self.guard(*match.groups())
            case _:
                raise TextError(f"'{_shorten(line)}' is no item of a graph")

    def weight(self, name: str, type: str, stored: str, elements: str, derivation: str) -> None:
        value = self.define(name, type)
        if stored:
            array = self.parser.array(parse_name(stored), value.type)
        else:
            array = parse_elements(elements, value.type)
        if tuple(array.shape) != value.shape or array.dtype != value.dtype.numpy:
            found = f"{array.dtype.name}{list(array.shape)}"
            raise TextError(f"weight %{name} is declared {value.type}, its data is {found}")
        origin: Derivation | None = parse_derivation(derivation) if derivation else None
        self.weights[value.name] = Weight(value, array, origin)

    def measure(self, symbol: str, name: str) -> None:
        value = self.operand(name)
        if symbol in self.measured or value is None:
            raise TextError(f"symbol {symbol} is measured twice")
        self.measured[symbol] = value

    def guard(self, kind: str, sides: str, reason: str) -> None:
        pair = parse_attribute(sides, self.parser.nested)
        if not (isinstance(pair, tuple) and len(pair) == 2):
            raise TextError(f"a guard compares two sizes, '{sides}' is not a pair")
        left, right = pair
        text = parse_attribute(reason, self.parser.nested)
        self.guards.append(Guard(kind, left, right, str(text)))  # type: ignore[arg-type]


def _shorten(line: str) -> str:
    return line if len(line) <= 80 else f"{line[:77]}..."
