# SPDX-License-Identifier: Apache-2.0
"""Forging: a portable graph becomes a plan and kernels' images for one device."""

from ingot.jit.compile import compile_plan
from ingot.jit.forge import Forged, forge

__all__ = ["Forged", "compile_plan", "forge"]
