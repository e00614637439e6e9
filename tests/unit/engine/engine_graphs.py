# SPDX-License-Identifier: Apache-2.0
"""Graphs for the engine's tests: small, with ties, scalars, derivations and narrow types."""

from __future__ import annotations

import numpy as np

from ingot.ir.graph import Graph
from ingot.ir.text import parse_graph

TEXT = """
graph net portable
  symbol batch 1..64
  input %x: float32[batch, 8]
  weight %w: float32[8, 8] = @w from transpose(source("fc.weight"), permutation=(1, 0))
  weight %tied: float32[8, 8] = @w from transpose(source("fc.weight"), permutation=(1, 0))
  weight %bias: float32[8] = @bias from source("fc.bias")
  weight %half: float32[] = {0.5}
  weight %ingot.pad.0: float32[3, 8] = @ingot.pad.0
  %h: float32[batch, 8] = matmul(%x, %w) from fc
  %b: float32[batch, 8] = add(%h, %bias) from fc
  %s: float32[batch, 8] = mul(%b, %half)
  %r: float32[batch, 8] = relu(%s)
  %y: float32[batch, 8] = matmul(%r, %tied)
  %c: float32[batch + 3, 8] = concat(%y, %ingot.pad.0) {axis=0}
  output %c
"""


def sources(seed: int = 0) -> dict[str, np.ndarray]:
    """Random source initializers."""
    random = np.random.default_rng(seed)
    return {
        "fc.weight": random.standard_normal((8, 8)).astype(np.float32),
        "fc.bias": random.standard_normal(8).astype(np.float32),
    }


def net(seed: int = 0) -> Graph:
    """A two-layer network whose layers share one weight."""
    given = sources(seed)
    extra = np.random.default_rng(9).standard_normal((3, 8)).astype(np.float32)
    weights = {
        "w": np.ascontiguousarray(given["fc.weight"].T),
        "bias": given["fc.bias"],
        "ingot.pad.0": extra,
    }
    return parse_graph(TEXT, weights)
