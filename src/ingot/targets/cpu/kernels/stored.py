# SPDX-License-Identifier: Apache-2.0
"""Elements as they lie in memory, whatever type they are computed in.

Narrow floats are widened when they are loaded and rounded when they are stored, so a family
computes them in float32 and knows nothing else about them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dtypes import DType
from ingot.targets.cpu.builder import Builder, Integer
from ingot.targets.cpu.kernels.vectors import load_vector, store_vector
from ingot.targets.cpu.types import from_memory, memory_type, to_memory


@dataclass(frozen=True, slots=True)
class Stored:
    """Elements of type `dtype`."""

    dtype: DType

    @property
    def element(self) -> str:
        """LLVM's name of an element in memory."""
        return memory_type(self.dtype)

    def at(self, builder: Builder, pointer: str, index: Integer) -> str:
        """The address `index` elements behind `pointer`."""
        return builder.offset(pointer, index, self.element)

    def load(self, builder: Builder, pointer: str, lanes: int = 1, mask: str | None = None) -> str:
        """A scalar or vector of elements; lanes that are off in `mask` give 0."""
        kind = memory_type(self.dtype, lanes)
        return from_memory(builder, self.dtype, load_vector(builder, kind, pointer, mask), lanes)

    def store(
        self, builder: Builder, value: str, pointer: str, lanes: int, mask: str | None = None
    ) -> None:
        """Store the lanes of `value` that are on in `mask`."""
        kind = memory_type(self.dtype, lanes)
        store_vector(builder, kind, to_memory(builder, self.dtype, value, lanes), pointer, mask)
