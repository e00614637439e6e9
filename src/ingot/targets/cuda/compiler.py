# SPDX-License-Identifier: Apache-2.0
"""What only compiling for a GPU needs, behind one door: the catalogue and the assembler."""

from ingot.targets.cuda.assemble import Assembler
from ingot.targets.cuda.catalogue import CANDIDATES

__all__ = ["CANDIDATES", "Assembler"]
