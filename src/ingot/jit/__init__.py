# SPDX-License-Identifier: Apache-2.0
"""Forging: a portable graph becomes a plan and kernels' images for one device."""

from ingot.jit.compile import assemble, compile_plan
from ingot.jit.forge import Forged, forge

__all__ = ["Forged", "assemble", "compile_plan", "forge"]
