# SPDX-License-Identifier: Apache-2.0
"""Forging: `compile_plan` makes a Plan from a Graph for one device, `assemble` its kernels' code."""

from ingot.jit.compile import assemble, compile_plan

__all__ = ["assemble", "compile_plan"]
