# SPDX-License-Identifier: Apache-2.0
"""Rewrite rules, and the sweep that applies a list of them to a Graph.

A rule is data: a name, a pattern and a replacement written as formulas over the same variables,
and a condition that gives a reason where it does not hold. A rule that formulas cannot state is a
function of one node. A sweep walks the nodes once, tries the rules by their root op, and edits in
place; it repeats until nothing changes and builds one new Graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from ingot.dims import Guard
from ingot.dtypes import from_numpy
from ingot.errors import GraphError, IngotError
from ingot.ir.edit import Editor, NearMiss, Record, Typing
from ingot.ir.graph import Attributes, Derivation, Graph, Node, TensorType, Value
from ingot.ir.match import Match, Pattern
from ingot.ir.pattern import (
    Apply,
    Given,
    Literal,
    NewWeight,
    Parameter,
    Term,
    Variable,
    bind,
    op,
    parameters,
    roots,
    size,
    trace,
)

Condition: TypeAlias = Callable[..., str | None]
REWRITES_PER_NODE: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that applies: the formula for the node's output, and the nodes that it stands for."""

    term: Term
    nodes: tuple[Node, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Miss:
    """A rule that does not apply, how many of its ops matched, and why."""

    matched: int
    reason: str


@dataclass(frozen=True, eq=False)
class Rule:
    """A named rewrite of the nodes whose op is among `roots`.

    `attempt` finds what to put in a node's place. A rule that `looks_at_weights` depends on the
    values of weights, so refittable builds leave it out; one for `numbers_only` may change what
    becomes of NaNs and infinities, so builds with strict NaNs leave it out.
    """

    name: str
    roots: frozenset[str]
    attempt: Callable[[Editor, Node], Found | Miss]
    total: int = 1
    looks_at_weights: bool = False
    numbers_only: bool = False


class Site:
    """Where a condition or a function rule looks: the node, and the graph around it."""

    def __init__(self, editor: Editor, node: Node, match: Match | None = None) -> None:
        self.editor = editor
        self.node = node
        self.nodes = tuple(match.nodes) if match else (node,)

    def producer(self, value: Value | None) -> Node | None:
        """The node that makes `value`, if any."""
        return self.editor.producer(value)

    def absorb(self, node: Node) -> Node:
        """Count `node` among those that the replacement stands for."""
        if node not in self.nodes:
            self.nodes += (node,)
        return node

    def alone(self, node: Node) -> bool:
        """Whether only one node reads `node`, and no graph output is among its outputs."""
        return sum(map(self.editor.use_count, node.outputs)) == 1 and not any(
            map(self.editor.is_output, node.outputs)
        )


def rule(
    name: str,
    *patterns: Callable[..., Any],
    replacement: Callable[..., Any],
    where: Condition | Sequence[Condition] = (),
    shared: bool = False,
    looks_at_weights: bool = False,
    numbers_only: bool = False,
) -> Rule:
    """A rule written as formulas.

    `patterns` are alternatives. `replacement` and the conditions take the variables that they name
    (None where the pattern that matched has no such variable), and `site` for the Site. Unless
    `shared`, the tensors inside the pattern must have no other reader and be no graph output.
    """
    trees = tuple(map(trace, patterns))
    conditions = tuple(where) if isinstance(where, Sequence) else (where,)
    formula = _Formula(trees, replacement, conditions, shared)
    heads = frozenset().union(*map(roots, trees))
    total = max(map(size, trees))
    return Rule(name, heads, formula.attempt, total, looks_at_weights, numbers_only)


def node_rule(
    name: str,
    ops: str | Iterable[str],
    function: Callable[[Site, Node], Term | Value | str | None],
    *,
    looks_at_weights: bool = False,
) -> Rule:
    """A rule written as a function of a node: it returns the formula or tensor that replaces the
    node's output, a text why the rule fails, or None where it is no concern of the rule.
    """

    def attempt(editor: Editor, node: Node) -> Found | Miss:
        site = Site(editor, node)
        made = function(site, node)
        if isinstance(made, Value):
            made = Given(made)
        if isinstance(made, Term):
            return Found(made, site.nodes, {})
        return Miss(0 if made is None else 1, made or "")

    heads = frozenset((ops,)) if isinstance(ops, str) else frozenset(ops)
    return Rule(name, heads, attempt, 1, looks_at_weights)


def inverse(
    composite: str,
    body: Callable[..., Any],
    inputs: Sequence[str],
    attributes: Sequence[str] = (),
    where: Condition | Sequence[Condition] = (),
) -> Rule:
    """The rule that reads a composite's body backwards: nodes that spell it out become the op.

    `body(formula, *inputs, **attributes)` is the decomposition; it is traced over variables.
    """
    operands = [Variable(name) for name in inputs]
    tree = body(op, *operands, **{name: Parameter(name) for name in attributes})

    def replacement(values: Mapping[str, Any]) -> Apply:
        terms = tuple(Given(values[name]) for name in inputs)
        return Apply(composite, terms, {name: values[name] for name in attributes})

    conditions = tuple(where) if isinstance(where, Sequence) else (where,)
    formula = _Formula((tree,), replacement, conditions, False)
    return Rule(f"lift_{composite}", roots(tree), formula.attempt, size(tree))


NO_MATCH: Final = Miss(-1, "")


class _Formula:
    """The attempt of a rule that is written as formulas."""

    def __init__(
        self,
        patterns: tuple[Term, ...],
        replacement: Callable[..., Any],
        conditions: tuple[Condition, ...],
        shared: bool,
    ) -> None:
        self.patterns = tuple(map(Pattern, patterns))
        self.replacement = replacement
        self.conditions = conditions
        self.shared = shared

    def attempt(self, editor: Editor, node: Node) -> Found | Miss:
        best = NO_MATCH
        for pattern in self.patterns:
            matched, match = pattern.find(editor, node)
            if matched:
                found = self.complete(editor, node, match)
                if isinstance(found, Found):
                    return found
                best = found
            elif match.matched > best.matched and editor.record.explain:
                best = Miss(match.matched, match.reason)
        return best

    def complete(self, editor: Editor, node: Node, match: Match) -> Found | Miss:
        site = Site(editor, node, match)
        reason = "" if self.shared else _read_elsewhere(editor, match)
        values = {**match.values, "site": site, "values": match.values}
        for condition in self.conditions:
            reason = reason or call(condition, values) or ""
        if reason:
            return Miss(len(match.nodes), reason)
        made = call(self.replacement, values)
        if isinstance(made, str):
            return Miss(len(match.nodes), made)
        term = Given(made) if isinstance(made, Value) else made
        return Found(term, site.nodes, match.values)


def call(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """`function` called with the variables that it names; None for those without a binding."""
    return function(*(values.get(name) for name in parameters(function)))


def _read_elsewhere(editor: Editor, match: Match) -> str:
    inside = set(match.nodes)
    for node in match.nodes[1:]:
        for value in node.outputs:
            if editor.is_output(value):
                return f"%{value.name} inside the pattern is a graph output"
            for user in editor.users(value):
                if user not in inside:
                    return f"%{value.name} inside the pattern is also read by '{user.name}'"
    return ""


# the sweep


def rewrite(
    graph: Graph, rules: Sequence[Rule], typing: Typing, record: Record | None = None
) -> Graph:
    """`graph` after the rules have been applied until none applies any more.

    `typing` types new nodes. Raises GraphError where the rules do not come to an end.
    """
    editor = Editor(graph, typing, record)
    by_op: dict[str, list[Rule]] = {}
    for one in rules:
        if _allowed(one, editor.record):
            for head in sorted(one.roots):
                by_op.setdefault(head, []).append(one)
    limit = REWRITES_PER_NODE * len(graph.nodes) + 1000
    done = len(editor.record.rewrites)
    while _sweep(editor, by_op):
        if len(editor.record.rewrites) - done > limit:
            last = ", ".join(sorted({one.rule for one in editor.record.rewrites[-20:]}))
            raise GraphError(f"graph '{graph.name}': rules {last} undo each other without end")
    return editor.finish()


def _allowed(one: Rule, record: Record) -> bool:
    if record.refittable and one.looks_at_weights:
        return False
    return not (record.strict_nans and one.numbers_only)


def _sweep(editor: Editor, by_op: Mapping[str, Sequence[Rule]]) -> bool:
    changed = False
    budget = REWRITES_PER_NODE * len(editor.graph.nodes) + 1000
    node = editor.after(None)
    while node is not None and not editor.record.stopped:
        done = any(_try(editor, one, node) for one in by_op.get(node.op, ()))
        node = editor.after(node)
        changed |= done
        budget -= done
        if budget < 0:
            break
    return changed and not editor.record.stopped


def _try(editor: Editor, one: Rule, node: Node) -> bool:
    if len(node.outputs) != 1:
        return False
    try:
        found = one.attempt(editor, node)
    except IngotError as error:
        error.add_note(f"in rule '{one.name}' at '{node.name}'")
        raise
    if isinstance(found, Found):
        reason = _Construction(editor, one, node, found).apply()
        if not reason:
            editor.record.forget(one.name, found.nodes)
            return True
        found = Miss(one.total, reason)
    if editor.record.explain and one.total > 2 and 2 * found.matched >= one.total:
        miss = NearMiss(one.name, node.name, found.matched, one.total, found.reason)
        editor.record.miss(miss)
    return False


class _Construction:
    """The nodes that a found replacement adds, built from its formula."""

    def __init__(self, editor: Editor, one: Rule, node: Node, found: Found) -> None:
        self.editor = editor
        self.rule = one
        self.node = node
        self.found = found
        self.nodes: list[Node] = []
        self.guards: list[Guard] = []
        self.built: dict[int, Value | None] = {}
        self.origin = tuple(dict.fromkeys(name for n in found.nodes for name in n.origin))

    def apply(self) -> str:
        """Replace the node; the reason where that is impossible, and then nothing changes."""
        target = self.node.output
        try:
            value = self.build(self.found.term)
        except IngotError as error:
            return str(error)
        new = [guard for guard in self.guards if guard not in self.editor.guards]
        if new:
            return f"it would need {new[0]}"
        if value is None or value.type != target.type:
            kind = "nothing" if value is None else str(value.type)
            return f"the replacement is {kind}, not {target.type}"
        if not self.nodes or value is not self.nodes[-1].outputs[0]:
            return self.forward(target, value)
        if not self.editor.record.take(self.rule.name, self.node):
            return "the run stops here"
        self.nodes[-1] = self.nodes[-1].replace(outputs=(target, *self.nodes[-1].outputs[1:]))
        self.editor.replace(self.node, self.nodes)
        return ""

    def forward(self, target: Value, value: Value) -> str:
        if value is target:
            return "the replacement is the node itself"
        rewrites = self.editor.record.rewrites
        if not self.editor.record.take(self.rule.name, self.node):
            return "the run stops here"
        if self.nodes:
            self.editor.insert(self.node, self.nodes)
        if self.editor.forward(target, value):
            return ""
        rewrites.pop()
        for made in reversed(self.nodes):
            self.editor.remove_dead(made)
        return f"%{target.name} is a graph output, and %{value.name} must keep its name"

    def build(self, term: Term | None) -> Value | None:
        """The value of a term, made once; new nodes and weights are appended."""
        if term is None:
            return None
        if id(term) not in self.built:
            self.built[id(term)] = self.make(term)
        return self.built[id(term)]

    def make(self, term: Term) -> Value:
        match term:
            case Given(value):
                return value
            case Variable(name):
                bound = self.found.values[name]
                assert isinstance(bound, Value)
                return bound
            case NewWeight(wish, data, derivation):
                stored = TensorType(from_numpy(data.dtype), tuple(data.shape))
                return self.editor.new_weight(wish, stored, data, derivation)
            case Apply():
                return self.apply_op(term)
        raise TypeError(f"{type(term).__name__} has no place in a replacement")

    def apply_op(self, term: Apply) -> Value:
        inputs: list[Value | None] = []
        for operand in term.inputs:
            inputs.append(None if isinstance(operand, Literal) else self.build(operand))
        like = next((value for value in inputs if value is not None), self.node.outputs[0])
        for position, operand in enumerate(term.inputs):
            if isinstance(operand, Literal):
                inputs[position] = self.literal(operand.value, like)
        while inputs and inputs[-1] is None:
            inputs.pop()
        given: Attributes = {key: bind(v, self.found.values) for key, v in term.attributes.items()}
        typed = self.editor.typing(term.op, inputs, given)
        self.guards += typed.guards
        wish = f"{self.node.outputs[0].name}.{term.op}"
        outputs = tuple(self.editor.new_value(wish, type) for type in typed.types)
        self.nodes.append(
            Node(term.op, tuple(inputs), outputs, typed.attributes, self.origin, self.rule.name)
        )
        return outputs[0]

    def literal(self, number: float, like: Value) -> Value:
        data = np.asarray(number, np.float64).astype(like.dtype.numpy)
        stored = TensorType(like.dtype, ())
        return self.editor.new_weight("constant", stored, data, Derivation.constant(data))
