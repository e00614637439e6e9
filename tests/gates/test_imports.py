# SPDX-License-Identifier: Apache-2.0
"""What `import ingot` costs and loads, the names it offers, and no imports in a circle."""

import json
import os
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

import ingot

SOURCE = Path(ingot.__file__).parents[1]
HEAVY = {"llvmlite", "onnx", "onnxruntime", "google.protobuf"}

_MEASURE = """
import json, sys, time
import numpy
start = time.perf_counter()
import {module}
print(json.dumps([time.perf_counter() - start, sorted(sys.modules)]))
"""


def loaded(module: str) -> tuple[float, set[str]]:
    """Seconds above NumPy's own import, and every module that is loaded then."""
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    run = subprocess.run(
        [sys.executable, "-c", _MEASURE.format(module=module)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    seconds, modules = json.loads(run.stdout)
    return seconds, set(modules)


def test_import_is_light():
    assert min(loaded("ingot")[0] for _ in range(5)) <= 0.050
    assert not loaded("ingot")[1] & HEAVY


@pytest.mark.parametrize("module", ["ingot.engine", "ingot.runtime"])
def test_the_forging_half_loads_no_onnx(module):
    assert not loaded(module)[1] & (HEAVY - {"llvmlite"})


@pytest.mark.parametrize("module", ["ingot.engine", "ingot.casting"])
def test_the_casting_half_loads_no_compiler(module):
    assert "llvmlite" not in loaded(module)[1]


@pytest.mark.parametrize("name", ingot.__all__)
def test_public_names_resolve(name):
    value = getattr(ingot, name)
    assert isinstance(value, str) or value.__doc__


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="module 'ingot' has no attribute 'forge'"):
        _ = ingot.forge


def test_imports_go_in_no_circle():
    graph = grimp.build_graph("ingot", exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    while leaves := [module for module, used in imports.items() if not used & imports.keys()]:
        for module in leaves:
            del imports[module]
    assert not imports, f"modules in or above a circle: {sorted(imports)}"
