# SPDX-License-Identifier: Apache-2.0
"""The protocols between `jit`, the targets and the runtime.

A Target is the compile side: a spec, a table of candidates, an assembler; it touches no device. A
Device is the run side: memory, modules, executables. Between them stands the Plan. A Region is a
piece of the Graph that becomes one candidate's launches; a Placed region also knows, for each value
that it touches, where that value lies in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ingot.dims import Dim
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.plan import Plan, ScratchUse, SizeUse
from ingot.plan.plan import Mode
from ingot.spec import DeviceSpec

Ranges = Mapping[str, tuple[int, int | None]]
Order = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Region:
    """Nodes that run together.

    `nodes` are in topological order, `inputs` are the values read from outside in order of first
    use, `outputs` the values that others read. `anchor` is the node whose loop structure the region
    has (a contraction, reduction, pool or row operator); a pointwise region has none. `weights` are
    the inputs whose data is known when the plan is set up. `ranges` bound the free sizes. So many
    regions as `twins` tells, this one included, do the same to the same input and may run as one.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    anchor: Node | None
    weights: frozenset[Value] = frozenset()
    ranges: Ranges | None = None
    twins: int = 1

    @property
    def name(self) -> str:
        """What an error or a profile calls the region: its source nodes or its operators."""
        origins = dict.fromkeys(origin for node in self.nodes for origin in node.origin)
        return "+".join(origins) if origins else "+".join(node.op for node in self.nodes)


@dataclass(frozen=True, eq=False)
class Placed:
    """A region and the memory view of each of its inputs and outputs."""

    region: Region
    views: Mapping[Value, View]

    def view(self, value: Value) -> View:
        """Where `value` lies."""
        return self.views[value]


@dataclass(frozen=True, slots=True)
class ViewUse:
    """A pointer argument to the first element of a view."""

    view: View
    mode: Mode = "r"


@dataclass(frozen=True, slots=True)
class PackedUse:
    """A pointer argument to a weight that was packed for this device, or to a temporary."""

    key: str
    mode: Mode = "r"


LaunchArgument = ViewUse | PackedUse | SizeUse | ScratchUse


@dataclass(frozen=True)
class Launch:
    """One kernel call: source text, arguments in slot order, and the work that workers share.

    `extent` work units are claimed `grain` at a time. `text` holds no names of values, so equal
    kernels have equal texts.
    """

    text: str
    arguments: tuple[LaunchArgument, ...]
    extent: Dim
    grain: Dim = 1
    flops: Dim = 0
    bytes: Dim = 0
    label: str = ""


@dataclass(frozen=True)
class Packed:
    """Memory that `launch` fills once after loading, from weights alone.

    `key` names content and layout (weight name, layout); regions that ask for the same key share
    it. The launch writes `PackedUse(key, "w")`.
    """

    key: str
    bytes: Dim
    launch: Launch


@dataclass(frozen=True)
class Temporary:
    """Arena memory that the launches of one emission share, reached by `PackedUse(key)`."""

    key: str
    bytes: Dim


@dataclass(frozen=True)
class Emission:
    """What a candidate makes of a placed region."""

    launches: tuple[Launch, ...]
    packed: tuple[Packed, ...] = ()
    temporaries: tuple[Temporary, ...] = ()


class Candidate(Protocol):
    """One way to run a region: a row of a target's catalogue."""

    @property
    def name(self) -> str:
        """The name that plans, profiles and caches show."""

    @property
    def option(self) -> str | None:
        """The compile option that must be on for this candidate, None for always."""

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None when the candidate can run the region, else the reason why not."""

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Estimated seconds on one core of `spec`."""

    def order(self, region: Region, value: Value) -> Order | None:
        """The wished axis order in memory of an input or output, outermost first; None for any."""

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Whether the candidate can read or write `value` at `view`."""

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """The launches that compute the region's outputs."""


Progress = Callable[[str, int, int], None]
Join = Callable[[Sequence[Launch]], Launch | None]


class Assembler(Protocol):
    """Turns kernel texts into loadable images, perhaps while more texts are being printed."""

    def add(self, key: str, text: str) -> None:
        """One more text, by the key that its image will have."""

    def finish(self) -> Mapping[str, bytes]:
        """The images of all texts; raises CompileError naming the kernel that fails."""

    def close(self) -> None:
        """Drop what is not finished."""


class Target(Protocol):
    """The compile side of a kind of device."""

    @property
    def name(self) -> str:
        """`cpu`, `reference`, …"""

    @property
    def spec(self) -> DeviceSpec:
        """The device that is compiled for."""

    @property
    def fuses(self) -> bool:
        """Whether regions may hold more than one node."""

    @property
    def join(self) -> Join | None:
        """Makes one launch of several of one kernel that do not depend on each other.

        It may give None for some; a target that has no use for it has None instead.
        """

    def candidates(self, options: Mapping[str, bool]) -> tuple[Candidate, ...]:
        """The catalogue without candidates whose option is off."""

    def generator(self) -> str:
        """A text that changes whenever the same plan would compile to other code."""

    def stand_in(self, spec: DeviceSpec, generator: str) -> Target | None:
        """This device, served with what was forged elsewhere for `spec` by that generator.

        None where the device cannot run such code, or where its plans are made otherwise here.
        """

    def support(self) -> Mapping[str, str]:
        """Sources of code that the device needs beside a plan's kernels, by key."""

    def assembler(self, progress: Progress | None = None) -> Assembler:
        """A maker of loadable images."""

    def open(self, threads: int | None = None) -> Device:
        """A handle on the real device; raises DeviceError when there is none."""


class Module(Protocol):
    """Images that are loaded and ready to launch."""


@dataclass(frozen=True, slots=True)
class DeviceArray:
    """A C-contiguous array in a device's memory; `keep` is what it belongs to."""

    address: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    keep: object


class Executable(Protocol):
    """A plan bound to sizes and memory."""

    def run(self, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Compute; arrays are C-contiguous with the bound shapes. Raises RunError on a fault.

        Arrays are NumPy's, and those that the device has adopted.
        """

    def profile(
        self,
        inputs: Mapping[str, np.ndarray],
        outputs: Mapping[str, np.ndarray],
        repeats: int,
    ) -> Sequence[float]:
        """Median seconds of each step of the plan."""

    @property
    def memory(self) -> int:
        """Bytes that this executable holds for itself."""

    def close(self) -> None:
        """Give its memory back."""


class Device(Protocol):
    """The run side: memory, code and threads of one device."""

    def load(self, images: Mapping[str, bytes]) -> Module:
        """Make compiled images callable; those of the target's support are among them."""

    def setup(
        self,
        plan: Plan,
        module: Any,
        weights: Mapping[str, np.ndarray],
        release: Callable[[], None] = lambda: None,
    ) -> Any:
        """Run the setup steps; the packed weights and raw weights that executables share.

        Calls `release` from time to time, for the caller to give memory of weights back.
        """

    def bind(
        self, plan: Plan, module: Any, binding: Mapping[str, int], constants: Any
    ) -> Executable:
        """Fix every size, plan memory and fill argument frames."""

    def adopt(self, value: object) -> DeviceArray | None:
        """An array of another library in this device's memory; None where it is not one."""

    def copy(self, target: Any, source: Any) -> None:
        """Fill an array with another of its shape and type, each NumPy's or one that is adopted.

        Returns when it is done.
        """

    def use_stream(self, stream: int | None) -> None:
        """Queue the runs that follow in a stream of the caller's, in its own where None.

        Raises UsageError where the device has no streams.
        """

    def clone(self) -> Device:
        """Another handle with its own threads, to run beside this one."""

    def close(self) -> None:
        """Stop threads and release memory."""
