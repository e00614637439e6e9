# SPDX-License-Identifier: Apache-2.0
"""The status words that kernels report faults in: code, step and value of the first one."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingot.errors import RunError
from ingot.plan import Step
from ingot.targets.cuda.context import Block, Context, HostBlock
from ingot.targets.cuda.source import DIVISION_FAULT, INDEX_FAULT

_BYTES: Final = 24
_FAULTS: Final = {
    INDEX_FAULT: ("index {} is out of range", "check the input that holds the indices"),
    DIVISION_FAULT: ("division of an integer by zero", "check the input that divides"),
}


class Status:
    """Words on the device, and where the host reads them."""

    def __init__(self, owner: Context, stream: int) -> None:
        self._driver = owner.driver
        self._block = Block(owner, _BYTES)
        self._host = HostBlock(owner, _BYTES)
        self._words = self._host.bytes.view(np.int64)
        self._words[:] = 0
        self.address = self._block.address
        self.clear(stream)

    def fetch(self, stream: int) -> None:
        """Queue the copy to the host."""
        self._driver.call(
            "cuMemcpyDtoHAsync_v2", self._host.address, self.address, _BYTES, stream
        )

    def clear(self, stream: int) -> None:
        """Queue making room for the next fault."""
        self._driver.call("cuMemsetD8Async", self.address, 0, _BYTES, stream)

    @property
    def faulty(self) -> bool:
        """Whether what was fetched tells of a fault."""
        return bool(self._words[0])

    def fault(self, steps: tuple[Step, ...]) -> RunError:
        """The error for the fault that was fetched."""
        code, index, value = (int(word) for word in self._words)
        step = steps[index]
        text, cure = _FAULTS.get(code, (f"fault {code} with value {{}}", ""))
        return RunError(f"{' + '.join(step.nodes) or step.name}: {text.format(value)}", cure=cure)
