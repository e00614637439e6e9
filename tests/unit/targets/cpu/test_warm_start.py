# SPDX-License-Identifier: Apache-2.0
"""A warm start: plan and code from the cache, no compiler in the process."""

import json
import os
import subprocess
import sys

SCRIPT = """
import json, sys
import numpy as np
import ingot
from ingot.ir.text import parse_graph
rng = np.random.default_rng(3)
w = rng.standard_normal((24, 32)).astype("float32")
graph = parse_graph('''graph net portable
  symbol n 1..64
  input %x: float32[n, 24]
  weight %w: float32[24, 32] = @w
  %h: float32[n, 32] = matmul(%x, %w)
  %y: float32[n, 32] = softmax(%h) {axis=1}
  output %y
''', {"w": w})
options = {"threads": 2, "specialize": "none", "cache_dir": sys.argv[1]}
with ingot.load(graph, device="cpu", **options) as session:
    x = rng.standard_normal((7, 24)).astype("float32")
    y = session.run({"x": x})["y"]
    stats = session.stats
h = np.exp(x.astype("float64") @ w)
print(json.dumps({
    "compiled": stats.kernels_compiled,
    "cached": stats.kernels_cached,
    "error": float(np.abs(y - h / h.sum(1, keepdims=True)).max()),
    "modules": [name for name in sys.modules if name.startswith(("llvmlite", "ingot.targets.cpu"))],
}))
"""


def start(cache) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(cache)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_warm_start_compiles_nothing_and_loads_no_compiler(tmp_path) -> None:
    cold, warm = start(tmp_path), start(tmp_path)
    assert cold["compiled"] > 0
    assert cold["cached"] == 0
    assert "llvmlite.binding" in cold["modules"]
    assert (warm["compiled"], warm["cached"]) == (0, cold["compiled"])
    assert "ingot.targets.cpu.compiler" not in warm["modules"]
    assert not [name for name in warm["modules"] if name.startswith("llvmlite")]
    assert max(cold["error"], warm["error"]) < 1e-6
