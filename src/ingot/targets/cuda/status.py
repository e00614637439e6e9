# SPDX-License-Identifier: Apache-2.0
"""The status words that kernels report faults in: code, step and value of the first one.

They lie in memory of the host that the device reaches too, so that a run without a fault costs no
copy.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ingot.errors import RunError
from ingot.plan import Step
from ingot.targets.cuda.context import Context, HostBlock
from ingot.targets.cuda.source import DIVISION_FAULT, INDEX_FAULT

_BYTES: Final = 24
_FAULTS: Final = {
    INDEX_FAULT: ("index {} is out of range", "check the input that holds the indices"),
    DIVISION_FAULT: ("division of an integer by zero", "check the input that divides"),
}


class Status:
    """Words that the device writes and the host reads, once the run has been waited for."""

    def __init__(self, owner: Context) -> None:
        self._host = HostBlock(owner, _BYTES)
        self._words = self._host.bytes.view(np.int64)
        self._words[:] = 0
        self.address = self._host.address

    @property
    def faulty(self) -> bool:
        """Whether a run has reported a fault."""
        return bool(self._words[0])

    def take_fault(self, steps: tuple[Step, ...]) -> RunError:
        """The error for the fault that was reported, which makes room for the next."""
        code, index, value = (int(word) for word in self._words)
        self._words[:] = 0
        step = steps[index]
        text, cure = _FAULTS.get(code, (f"fault {code} with value {{}}", ""))
        return RunError(f"{' + '.join(step.nodes) or step.name}: {text.format(value)}", cure=cure)
