# SPDX-License-Identifier: Apache-2.0
"""What only compiling for a CPU needs, behind one door: the catalogue and the assembler."""

from ingot.targets.cpu.assemble import Assembler
from ingot.targets.cpu.catalogue import CANDIDATES

__all__ = ["CANDIDATES", "Assembler"]
