# SPDX-License-Identifier: Apache-2.0
"""The definition as a Target: a kernel is the text of a one-node Graph.

Nothing is fused and nothing is reordered: what a plan computes here is what the op records say.
Above the graph stand the strides of each tensor, one line each. Symbolic sizes reach a kernel as
arguments, in the order of their names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingot.dims import Dim, product, symbol, symbols
from ingot.ir.graph import Graph, Node, SymbolRange, Value
from ingot.ir.text import print_graph
from ingot.kernel.view import View
from ingot.plan import SizeUse
from ingot.spec import DeviceSpec, by_name
from ingot.targets.base import (
    Candidate,
    Device,
    Emission,
    Join,
    Launch,
    LaunchArgument,
    Order,
    Placed,
    Progress,
    Region,
    ViewUse,
)
from ingot.targets.reference.device import ReferenceDevice

PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Interpreted:
    """The one candidate: any single node, on tensors of any layout."""

    name: str = "interpreted"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """Any single node."""
        return None if len(region.nodes) == 1 else "nodes are interpreted one by one"

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Nothing to choose from, so nothing to estimate."""
        return 1.0

    def order(self, region: Region, value: Value) -> Order | None:
        """As it comes."""
        return None

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Any strides."""
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch that evaluates the node."""
        region = placed.region
        outputs = [value for value in region.nodes[0].outputs if value in placed.views]
        views = [placed.view(value) for value in (*region.inputs, *outputs)]
        text, names = kernel_text(region, views)
        arguments: tuple[LaunchArgument, ...] = (
            *map(ViewUse, views[: len(region.inputs)]),
            *(ViewUse(view, "w") for view in views[len(region.inputs) :]),
            *(SizeUse(symbol(name)) for name in names),
        )
        size: Dim = sum((product(view.shape) * view.dtype.itemsize for view in views), 0)
        return Emission((Launch(text, arguments, extent=1, bytes=size),))


def kernel_text(region: Region, views: Sequence[View]) -> tuple[str, list[str]]:
    """Strides and the region's node as a graph without names, and its symbols in order."""
    (node,) = region.nodes
    renamed = {value: Value(f"x{k}", value.type) for k, value in enumerate(region.inputs)}
    outputs = tuple(Value(f"y{k}", value.type) for k, value in enumerate(node.outputs))
    wanted = zip(outputs, node.outputs, strict=True)
    used = tuple(new for new, value in wanted if value in region.outputs)
    inputs = tuple(None if value is None else renamed[value] for value in node.inputs)
    plain = node.replace(inputs=inputs, outputs=outputs, origin=(), made_by="")
    names = sorted(frozenset[str]().union(*map(symbols, _sizes(plain, views))))
    ranges = {name: SymbolRange() for name in names}
    graph = Graph("kernel", tuple(renamed.values()), used, (plain,), {}, ranges)
    strides = ("; ".join(map(str, view.strides)) for view in views)
    return "\n".join((*strides, print_graph(graph))), names


def _sizes(node: Node, views: Sequence[View]) -> Iterator[Dim]:
    """Every size that the kernel's text may mention."""
    for view in views:
        yield from (*view.shape, *view.strides)
    for attribute in node.attributes.values():
        parts = attribute if isinstance(attribute, tuple) else (attribute,)
        yield from (part for part in parts if isinstance(part, Dim))


class ReferenceAssembler:
    """A kernel is its text: the device reads it."""

    def __init__(self) -> None:
        self._images: dict[str, bytes] = {}

    def add(self, key: str, text: str) -> None:
        """One more kernel."""
        self._images[key] = text.encode()

    def finish(self) -> Mapping[str, bytes]:
        """All images."""
        return self._images

    def close(self) -> None:
        """Nothing is running."""


@dataclass(frozen=True)
class ReferenceTarget:
    """Compiles to one-node graphs in text form."""

    spec: DeviceSpec
    name: str = "reference"
    fuses: bool = False
    join: Join | None = None

    def candidates(self, options: Mapping[str, bool]) -> tuple[Candidate, ...]:
        """The interpreter, whatever the options."""
        return (Interpreted(),)

    def generator(self) -> str:
        """A digest of the records, the text form and what makes plans."""
        return f"reference {_digest()}"

    def stand_in(self, spec: DeviceSpec, generator: str) -> None:
        """There is one spec only."""

    def support(self) -> Mapping[str, str]:
        """Nothing but kernels."""
        return {}

    def assembler(self, progress: Progress | None = None) -> ReferenceAssembler:
        """Keeps the texts as they are."""
        return ReferenceAssembler()

    def open(self, threads: int | None = None) -> Device:
        """The interpreter; it always uses one thread."""
        return ReferenceDevice()


def make_target(spec: DeviceSpec | None = None) -> ReferenceTarget:
    """The reference target."""
    return ReferenceTarget(by_name("reference") if spec is None else spec)


@cache
def _digest() -> str:
    digest = hashlib.sha256()
    for folder in ("ops", "ir", "jit", "plan", "targets/reference"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
