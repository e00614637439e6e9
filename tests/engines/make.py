# SPDX-License-Identifier: Apache-2.0
"""Make the kept engine of the current format version: `python -m tests.engines.make`.

Refuses to write over one that is there: a kept engine stands for what a release wrote.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ingot.engine import Engine
from ingot.engine.contents import VERSION
from ingot.ir.text import parse_graph
from ingot.ops.evaluate import evaluate_graph

FOLDER = Path(__file__).parent
TEXT = """
graph kept portable
  symbol batch 1..
  symbol length 1..32
  input %image: float32[batch, 3, 9, 8]
  input %ids: int64[batch, length]
  weight %kernel: float32[6, 3, 3, 3] = @kernel from mul(source("conv.weight"), source("scale"))
  weight %bias: float32[6] = @bias from source("conv.bias")
  weight %table: float16[20, 6] = @table
  weight %half: float32[] = {0.5}
  %conv: float32[batch, 6, 9, 8] = conv(%image, %kernel, %bias) {\
dilations=(1, 1), group=1, pads=(1, 1, 1, 1), strides=(1, 1)} from /conv
  %act: float32[batch, 6, 9, 8] = relu(%conv) from /relu
  %pool: float32[batch, 6] = reduce_mean(%act) {axes=(2, 3), keep_dims=false} from /pool
  %rows: float16[batch, length, 6] = gather(%table, %ids) {axis=0} from /embed
  %wide: float32[batch, length, 6] = cast(%rows) {to=float32} from /cast
  %column: float32[batch, 6, 1] = reshape(%pool) {shape=(batch, 6, 1)}
  %score: float32[batch, length, 1] = matmul(%wide, %column) from /score
  %scaled: float32[batch, length, 1] = mul(%score, %half)
  %weights: float32[batch, length, 1] = softmax(%scaled) {axis=1} from /softmax
  output %weights
  output %pool
"""


def main() -> None:
    random = np.random.default_rng(2026)
    weights = {
        "kernel": random.normal(0, 0.3, (6, 3, 3, 3)).astype(np.float32),
        "bias": random.normal(0, 0.3, 6).astype(np.float32),
        "table": random.normal(0, 1, (20, 6)).astype(np.float16),
    }
    graph = parse_graph(TEXT, weights)
    inputs = {
        "image": random.normal(0, 1, (2, 3, 9, 8)).astype(np.float32),
        "ids": random.integers(0, 20, (2, 5)),
    }
    outputs = evaluate_graph(graph, inputs)
    path = FOLDER / f"version-{VERSION}.ingot"
    if path.exists():
        raise SystemExit(f"{path} is there: raise VERSION first")
    Engine.from_graph(graph, options={"strict_nans": False}).save(path)
    np.savez(path.with_suffix(".npz"), **inputs, **outputs)


if __name__ == "__main__":
    main()
