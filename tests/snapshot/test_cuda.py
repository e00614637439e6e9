# SPDX-License-Identifier: Apache-2.0
"""What is printed for GPUs: generic kernels and one of each family that has a shape of its own.

`python -m tests.snapshot.test_cuda --accept` writes what is printed now into the files; read the
difference before you commit it. That all of it compiles is tested in tests/unit/targets/cuda.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.gpu.kernels import CASES
from tests.snapshot.test_generic import PRINTED
from tests.unit.targets.cuda.test_kernels import emission

from ingot import spec as specs
from ingot.dtypes import FLOAT32
from ingot.kernel import expr
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Load, Var
from ingot.kernel.view import View
from ingot.targets.cuda.render import compile_compute

FOLDER = Path(__file__).parent / "cuda"
GENERIC = ("sm_75", "sm_90")
FAMILIES = (
    ("depthwise float16 3x3", "sm_75"), ("pool float16 max_pool 3x3", "sm_75"),
    ("gemm float32 odd", "sm_75"), ("conv float32 groups", "sm_75"),
    ("tf32_gemm float32 odd", "sm_80"), ("attention float32 cross", "sm_75"),
    ("tensor_attention float16 additive", "sm_80"), ("tensor_gemm float16 128x72x40", "sm_80"),
    ("tensor_conv float16 3x3 stride", "sm_80"),
)  # fmt: skip


def family_texts(name: str, gpu: str) -> Iterator[str]:
    """What a family prints for its case: packing first, then the launches."""
    made = emission(CASES[name], gpu)
    assert made is not None, f"{name} does not run on {gpu}"
    for launch in (*(packed.launch for packed in made.packed), *made.launches):
        yield launch.text


def snapshots() -> dict[str, str]:
    """File name to text."""
    found = {
        f"{case.__name__}.{gpu}.cu": compile_compute(case(), specs.by_name(gpu)).text
        for case in PRINTED
        for gpu in GENERIC
    }
    for name, gpu in FAMILIES:
        stem = re.sub(r"\W+", "_", name)
        found |= {f"{stem}.{gpu}.{k}.cu": text for k, text in enumerate(family_texts(name, gpu))}
    return found


def test_printed_text_is_as_accepted() -> None:
    printed = snapshots()
    accepted = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert printed.keys() == accepted.keys()
    changed = [name for name in printed if printed[name] != accepted[name]]
    assert not changed, f"run with --accept and read the difference: {', '.join(changed)}"


def test_a_text_needs_nothing_but_the_compiler() -> None:
    for name, text in snapshots().items():
        assert re.match(r"// threads=\d+ shared=\d+ faults=[01]( \w+=\d+)*\n", text), name
        assert "#include" not in text and "printf" not in text, name
        assert text.count('extern "C" __global__') == 1, name


@pytest.mark.parametrize("gpu", GENERIC)
def test_neighbours_are_moved_16_bytes_at_a_time(gpu: str) -> None:
    i = Var("i")
    views = [View.dense(name, FLOAT32, (1 << 22,)) for name in "xy"]
    compute = Compute(((i, 1 << 22),), views[:1], ((views[1], expr.exp(Load(0, (i,), FLOAT32))),))
    text = compile_compute(compute, specs.by_name(gpu)).text
    assert len(re.findall(r"\*\((?:const )?Vec<float, 4>\*\)", text)) == 2


@pytest.mark.parametrize("gpu", GENERIC)
def test_names_leave_no_trace(gpu: str) -> None:
    """So equal kernels are compiled once."""

    def text(buffer: str, var: str) -> str:
        i = Var(var)
        x, y = View.dense(buffer, FLOAT32, (99,)), View.dense(buffer + "'", FLOAT32, (99,))
        compute = Compute(((i, 99),), (x,), ((y, expr.exp(Load(0, (i,), FLOAT32))),))
        return compile_compute(compute, specs.by_name(gpu)).text

    assert text("x", "i") == text("model/layer.1", "channel")


def accept() -> None:
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for name, text in snapshots().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__" and sys.argv[1:] == ["--accept"]:
    accept()
