# SPDX-License-Identifier: Apache-2.0
"""Plan, Step and Buffer: frozen values between compiling and running.

Every size is a `Dim`: an int in a specialised plan, an expression of the input symbols in a generic
one. Nothing here holds an address, a device handle or an array, so a plan can be printed, parsed,
kept in a cache and bound many times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ingot.dims import Dim, Guard
from ingot.dtypes import DType
from ingot.spec import DeviceSpec

BufferKind = Literal["input", "output", "weight", "packed", "arena"]
Mode = Literal["r", "w", "rw"]
ALIGNMENT = 64
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory with a name.

    `shape` is the logical shape of the value that it holds, `bytes` its size in memory (padding
    included). An arena buffer is live from step `first` to step `last`, both included; inputs,
    outputs, weights and packed weights live as long as the session.
    """

    name: str
    kind: BufferKind
    dtype: DType
    shape: tuple[Dim, ...]
    bytes: Dim
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class BufferUse:
    """A pointer argument: the buffer's base plus `offset` bytes."""

    buffer: str
    offset: Dim = 0
    mode: Mode = "r"


@dataclass(frozen=True, slots=True)
class SizeUse:
    """An int64 argument that the host computes from the input sizes."""

    dim: Dim


@dataclass(frozen=True, slots=True)
class ScratchUse:
    """`bytes` of memory for each worker, reached through the kernel's context; fills no slot."""

    bytes: Dim


Argument = BufferUse | SizeUse | ScratchUse


@dataclass(frozen=True, slots=True)
class Step:
    """One launch: a kernel, its arguments in slot order and the work that workers share.

    `extent` counts the kernel's work units, `grain` how many of them one claim takes. `nodes` are
    the source nodes that the step computes; `flops` and `bytes` feed the profile only.
    """

    name: str
    kernel: str
    arguments: tuple[Argument, ...]
    extent: Dim
    grain: Dim
    nodes: tuple[str, ...] = ()
    candidate: str = ""
    flops: Dim = 0
    bytes: Dim = 0


@dataclass(frozen=True, slots=True)
class Port:
    """A named input or output of the whole plan and the buffer that holds it."""

    name: str
    dtype: DType
    shape: tuple[Dim, ...]
    buffer: str


@dataclass(frozen=True)
class Plan:
    """What a device needs to run a graph.

    `setup` steps pack weights and run once after loading; `steps` run at every inference, in order.
    `symbols` are the free sizes with their bounds, `bound` the ones that were made constant.
    `constants` holds the elements of weight buffers that the engine does not have, because
    legalising made them.
    """

    name: str
    target: str
    spec: DeviceSpec
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    symbols: Mapping[str, tuple[int, int | None]]
    bound: Mapping[str, int]
    guards: tuple[Guard, ...]
    buffers: Mapping[str, Buffer]
    setup: tuple[Step, ...]
    steps: tuple[Step, ...]
    constants: Mapping[str, bytes] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    def arrays(self) -> dict[str, Array]:
        """The plan's own constants, read-only, by buffer name."""
        return {name: self._array(name, content) for name, content in self.constants.items()}

    def _array(self, name: str, content: bytes) -> Array:
        buffer = self.buffers[name]
        shape = [size for size in buffer.shape if isinstance(size, int)]
        return np.frombuffer(content, buffer.dtype.numpy).reshape(shape)

    def kernels(self) -> tuple[str, ...]:
        """The distinct kernel keys, in order of first use."""
        return tuple(dict.fromkeys(step.kernel for step in self.all_steps()))

    def all_steps(self) -> Iterator[Step]:
        """Setup steps, then the steps of a run."""
        yield from self.setup
        yield from self.steps

    def scratch(self) -> tuple[Dim, ...]:
        """Every step's scratch demand in bytes per worker."""
        uses = (argument for step in self.all_steps() for argument in step.arguments)
        return tuple(use.bytes for use in uses if isinstance(use, ScratchUse))
