# SPDX-License-Identifier: Apache-2.0
"""Steps: how a record says what no expression of one element can, as kernels that run in order.

The `steps_rule` of a record gets a Steps, the views of its inputs and outputs, and its attributes.
It writes one Routine after the other; what they leave to each other lies in temporaries. Each
target prints the kernels as it prints those of any other record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.kernel.loops import WORKER_MEMORY, Kernel
from ingot.kernel.routine import Routine
from ingot.kernel.view import View

TEMPORARY = "temporary "  # begins the name of a temporary's buffer


class Steps:
    """The kernels of one node in the making, for vectors of `vector_bits`.

    `workers`: the device has memory that a worker keeps from one work unit to the next.
    """

    def __init__(self, vector_bits: int, *, workers: bool = False) -> None:
        self.kernels: list[Kernel] = []
        self.temporaries: list[View] = []
        self._vector_bits = vector_bits
        self._workers = workers
        self._scratches = 0

    def temporary(self, dtype: DType, *shape: Dim) -> View:
        """Memory that lives until the node is done."""
        name = f"{TEMPORARY}{len(self.temporaries)}"
        view = View.dense(name, dtype, shape)
        self.temporaries.append(view)
        return view

    def scratch(self, dtype: DType, units: Dim, *shape: Dim) -> View:
        """Memory of one kernel, [units, *shape]: what a unit finds there is of no use to it."""
        if not self._workers:
            return self.temporary(dtype, units, *shape)
        self._scratches += 1
        view = View.dense(f"{WORKER_MEMORY}{self._scratches}", dtype, (units, *shape))
        return replace(view, strides=(0, *view.strides[1:]))

    @contextmanager
    def kernel(self, reads: Sequence[View], writes: Sequence[View]) -> Iterator[Routine]:
        """The next kernel; it may read what it writes."""
        routine = Routine(reads, writes, self._vector_bits)
        yield routine
        self.kernels.append(routine.kernel())
