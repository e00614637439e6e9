# SPDX-License-Identifier: Apache-2.0
"""Runs a script: segments in turn, control flow, lists, and sizes that are read back at the seams.

Each segment is a plan whose sizes are arguments, bound once for each set of sizes and kept. Values
that cross a seam are NumPy arrays of this runner's; control flow and lists mean what their records
say (`ops.script`), with bodies run as scripts of their own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final, Protocol

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.engine import Port
from ingot.errors import RunError
from ingot.ir.graph import Array, Graph, Node, Value, symbols_of
from ingot.jit.segments import SEGMENT, segment_number
from ingot.ops.evaluate import MeasuredSizes, input_sizes
from ingot.ops.script import RunBody, ScriptFault
from ingot.ops.table import SCRIPT_OPS
from ingot.plan import Plan
from ingot.runtime.limits import NO_LIMITS, Limits, Watch
from ingot.runtime.ports import Adopt, fresh, make_outputs, shape_of
from ingot.runtime.profile import Profile, profile_rows
from ingot.targets.base import DeviceArray, Executable

KEPT: Final = 16
Binding = Mapping[str, int]
_Order = list[tuple[Node, list[Value]]]
Sizes = tuple[tuple[str, int], ...]


class Bound(Protocol):
    """A segment's plan bound to sizes."""

    @property
    def executable(self) -> Executable:
        """What runs it."""

    @property
    def memory(self) -> int:
        """Bytes that it holds for itself."""

    def close(self) -> None:
        """Give its memory back."""


Bind = Callable[[Binding], Bound]


class _Ready:
    """A segment bound to sizes: its executable, and the shapes of what it makes."""

    def __init__(self, node: Node, bound: Bound, binding: Binding) -> None:
        self.bound = bound
        self.binding = binding
        self.outputs = [
            (value.name, tuple(_number(size, binding) for size in value.shape), value.dtype.numpy)
            for value in node.outputs
        ]

    def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        made = {name: fresh(name, shape, dtype) for name, shape, dtype in self.outputs}
        self.bound.executable.run(inputs, made)
        return made


class Segment:
    """One segment of a script, with what it was bound to last."""

    def __init__(self, plan: Plan, bind: Bind) -> None:
        self.plan = plan
        self._bind = bind
        self._ready: OrderedDict[Sizes, _Ready] = OrderedDict()
        self._names: tuple[str, ...] | None = None
        self.times: list[tuple[Binding, Sequence[float]]] = []

    def ready(self, node: Node, binding: Binding) -> _Ready:
        """The segment bound to the sizes that it needs."""
        if self._names is None:
            self._names = tuple(sorted({*self.plan.symbols, *_free(node)}))
        key = tuple([(name, binding[name]) for name in self._names])
        found = self._ready.get(key)
        if found is None:
            while len(self._ready) >= KEPT:
                self._ready.popitem(last=False)[1].bound.close()
            found = self._ready[key] = _Ready(node, self._bind(dict(key)), dict(key))
        else:
            self._ready.move_to_end(key)
        return found

    @property
    def memory(self) -> int:
        """Bytes of the largest executable: those of one device share their memory."""
        return max((ready.bound.memory for ready in self._ready.values()), default=0)

    def close(self) -> None:
        """Give all memory back."""
        for ready in self._ready.values():
            ready.bound.close()
        self._ready.clear()


class ScriptRunner:
    """A script bound to the sizes of its inputs."""

    def __init__(
        self, script: Graph, plans: Sequence[Plan], binds: Sequence[Bind], binding: Binding,
        copy: Callable[[Any, Any], None] = np.copyto, limits: Limits = NO_LIMITS,
    ) -> None:  # fmt: skip
        """`binds` binds the plan of each segment; raises InputError where sizes break a guard.

        `copy(target, source)` copies arrays, also from and to the device's memory. `limits` hold
        for what goes on between segments.
        """
        self._script = script
        self._segments = [Segment(plan, bind) for plan, bind in zip(plans, binds, strict=True)]
        self._binding = dict(binding)
        self._copy = copy
        self._limits = limits
        self._watch: Watch | None = None
        self._repeats = 0
        self._orders: dict[Graph, _Order] = {}
        MeasuredSizes(script, binding)

    def run(
        self,
        ports: Sequence[Port],
        inputs: Mapping[str, Any],
        bound: Mapping[str, Any] | None,
        adopt: Adopt,
    ) -> dict[str, Any]:
        """The outputs; see `Runner`. Raises ResourceError where the run breaks a limit."""
        self._watch = self._watched(1)
        items = self._hosted(inputs)
        found = _apart(self._run(self._script, items, self._binding), items)
        pairs = list(zip(ports, found, strict=True))
        named = {port.name: _delivered(port, item) for port, item in pairs}
        if not bound:
            return named
        arrays = [(port, item) for port, item in pairs if not port.container]
        shapes = tuple(item.shape for _, item in arrays)
        results = make_outputs([port for port, _ in arrays], shapes, bound, items, adopt)
        for name, array in results.items():
            self._copy(array, named[name])
        return {**named, **results}

    def profile(self, ports: Sequence[Port], inputs: Mapping[str, Any], repeats: int) -> Profile:
        """The median time of each step of each turn, turns of the same sizes added up.

        Raises ResourceError as `run` does, after the time of as many runs as there are.
        """
        self._repeats = repeats
        self._watch = self._watched(1 + repeats)
        try:
            self._run(self._script, self._hosted(inputs), self._binding)
            return self._profile()
        finally:
            self._repeats = 0
            for segment in self._segments:
                segment.times.clear()

    def _profile(self) -> Profile:
        rows = []
        for segment in self._segments:
            totals: dict[Sizes, list[float]] = {}
            for binding, seconds in segment.times:
                key = tuple(binding.items())
                before = totals.get(key, [0.0] * len(seconds))
                totals[key] = [a + b for a, b in zip(before, seconds, strict=True)]
            for key, sums in totals.items():
                rows += profile_rows(segment.plan, dict(key), sums)
        return Profile(tuple(rows))

    @property
    def memory(self) -> int:
        """Bytes that the executables hold; what crosses seams is not counted."""
        return max((segment.memory for segment in self._segments), default=0)

    def close(self) -> None:
        """Give all memory back."""
        for segment in self._segments:
            segment.close()

    def _watched(self, runs: int) -> Watch | None:
        """The watch over so many runs at once; None where nothing is limited."""
        return None if self._limits == NO_LIMITS else Watch(self._script.name, self._limits, runs)

    def _hosted(self, inputs: Mapping[str, Any]) -> list[Any]:
        """The inputs in order; those in the device's memory are copied to the host."""
        return [self._on_host(inputs[value.name]) for value in self._script.inputs]

    def _on_host(self, item: Any) -> Any:
        if not isinstance(item, DeviceArray):
            return item
        array: Array = np.empty(item.shape, item.dtype)
        self._copy(array, item)
        return array

    def _run(self, graph: Graph, items: Sequence[Any], around: Binding) -> list[Any]:
        """The outputs of a script for its inputs; `around` are the sizes that are known outside."""
        return self._walk(graph, items, MeasuredSizes(graph, input_sizes(graph, items, around)))

    def _walk(self, graph: Graph, items: Sequence[Any], sizes: MeasuredSizes) -> list[Any]:
        known: dict[Value, Any] = dict(zip(graph.inputs, items, strict=True))
        known |= {weight.value: weight.data for weight in graph.weights.values()}
        sizes.learn(known)
        watch = self._watch
        for node, dying in self._order(graph):
            if watch is not None:
                watch.check_time(node)
            made = self._step(node, known, sizes.binding)
            known |= made
            sizes.learn(made)
            for value in dying:
                del known[value]
        return [known[value] for value in graph.outputs]

    def _step(self, node: Node, known: Mapping[Value, Any], binding: Binding) -> dict[Value, Any]:
        if node.op != SEGMENT:
            return dict(zip(node.outputs, self._execute(node, known, binding), strict=True))
        segment = self._segments[segment_number(node.attributes)]
        ready = segment.ready(node, binding)
        inputs = {value.name: known[value] for value in node.inputs if value is not None}
        made = ready.run(inputs)
        if self._repeats:
            seconds = ready.bound.executable.profile(inputs, made, self._repeats)
            segment.times.append((ready.binding, seconds))
        return {value: made[value.name] for value in node.outputs}

    def _bodies(self, around: Binding) -> RunBody:
        """Runs bodies; a body whose sizes follow from its inputs solves for them once.

        A loop whose tensors grow has other sizes in each turn: only some are kept.
        """
        solved: dict[tuple[Any, ...], MeasuredSizes] = {}

        def run(body: Graph, items: Sequence[Any]) -> Sequence[Any]:
            if body.measured:
                return self._run(body, items, around)
            key = (body, *map(shape_of, items))
            sizes = solved.get(key)
            if sizes is None:
                if len(solved) >= KEPT:
                    solved.clear()
                sizes = solved[key] = MeasuredSizes(body, input_sizes(body, items, around))
            return self._walk(body, items, sizes)

        return run

    def _order(self, graph: Graph) -> _Order:
        if graph not in self._orders:
            self._orders[graph] = _lifetimes(graph)
        return self._orders[graph]

    def _execute(self, node: Node, known: Mapping[Value, Any], binding: Binding) -> Sequence[Any]:
        """Control flow or a list, by its record."""
        items = [None if value is None else known[value] for value in node.inputs]
        op, run = SCRIPT_OPS[node.op], self._bodies(binding)
        around = nullcontext(run) if self._watch is None else self._watch.repeating(node, run)
        try:
            with around as run_body:
                return op.run(items, op.bound(node.attributes, binding), run_body)
        except ScriptFault as error:
            raise RunError(f"{node.op} '{node.name}': {error.message}", cure=error.cure) from None


def _lifetimes(graph: Graph) -> _Order:
    """Each node with the values that nothing needs after it."""
    last: dict[Value, Node] = {}
    for node in graph.nodes:
        last |= {value: node for value in (*node.inputs, *node.outputs) if value is not None}
    dying: dict[Node, list[Value]] = {node: [] for node in graph.nodes}
    for value, node in last.items():
        if value not in graph.outputs:
            dying[node].append(value)
    return list(dying.items())


def _apart(items: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """The items as arrays of their own: what lies in an input, a weight or another is copied."""
    taken = list(_arrays(inputs))

    def own(item: Any) -> Any:
        if isinstance(item, list):
            return [own(part) for part in item]
        shared = any(np.may_share_memory(item, other) for other in taken)
        kept = np.array(item) if shared or not item.flags.writeable else item
        taken.append(kept)
        return kept

    return [own(item) for item in items]


def _arrays(items: Sequence[Any]) -> Iterator[Any]:
    """The arrays among items, inside lists too."""
    for item in items:
        if isinstance(item, list):
            yield from _arrays(item)
        elif isinstance(item, np.ndarray):
            yield item


def _delivered(port: Port, item: Any) -> Any:
    """What the caller gets: of an optional its content, or None."""
    if port.container.startswith("optional_"):
        return item[0] if item else None
    return item


def _free(node: Node) -> frozenset[str]:
    """The symbols that a segment's tensors have."""
    found = symbols_of(node)
    shapes = [value.shape for value in node.inputs if value is not None]
    return found.union(*(dims.symbols(size) for shape in shapes for size in shape))


def _number(size: Dim, binding: Binding) -> int:
    return size if isinstance(size, int) else dims.evaluate(size, binding)
