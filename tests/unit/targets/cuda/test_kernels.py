# SPDX-License-Identifier: Apache-2.0
"""Families of the CUDA target without a GPU: emulated results, and machine code for every GPU."""

from __future__ import annotations

from functools import cache

import pytest
from tests.emulation import compiler
from tests.emulation.driver import emulation
from tests.gpu.kernels import CASES, Case, run_case, tiled
from tests.unit.targets.cuda.compiling import ARCHITECTURES

from ingot.jit.partition import ranges_of, region_of
from ingot.kernel.view import View
from ingot.spec import by_name
from ingot.targets.base import Emission, Placed
from ingot.targets.cuda import nvrtc
from ingot.targets.cuda.resources import Resources, read_resources
from ingot.targets.cuda.source import facts

EMULATED = [name for name, case in CASES.items() if not case.large]
QUICK = (
    "tensor_attention float16 cross", "tensor_attention float16 additive",
    "tensor_attention float16 causal late", "tensor_attention float16 grouped heads",
    "tensor_attention bfloat16 bool mask", "tensor_attention float16 negative scale",
    "tensor_attention float16 joint empty", "attention float32 cross",
    "attention float32 causal early", "attention float16 bool mask",
    "tensor_gemm float16 5x72x40", "tensor_gemm bfloat16 17x264x768",
    "tensor_gemm float16 free 3x50",
    "tensor_gemm float16 groups 64x64x3", "tensor_conv bfloat16 groups 64x64x4 split 2",
    "tensor_conv float16 few channels", "tensor_conv float16 five channels",
    "tensor_gemm_tf32 float32 17x72x40", "tensor_conv_tf32 float32 3x3 stride",
    "tensor_conv_tf32 float32 few channels",
    "tensor_conv float16 3x3 stride", "tensor_conv bfloat16 dilated", "tensor_conv float16 1x1",
    "gemm float32 odd", "gemm float32 broadcast", "gemm float16 free", "tf32_gemm float32 odd",
    "conv float32 groups", "conv float32 1d", "conv float32 3d", "tf32_conv float32 3x3 stride",
    "depthwise float16 3x3", "depthwise float32 5x5", "pool float16 max_pool 3x3",
    "pool float32 average_pool with padding, ceil True",
)  # fmt: skip
COMPILED = (
    "tensor_attention float16 197x64", "tensor_attention float16 causal",
    "tensor_attention bfloat16 own mask", "attention float32 cross", "gemm float32 large",
    "tf32_gemm float32 large", "conv float32 3x3", "tf32_conv float32 3x3", "depthwise float16 3x3",
    "pool float16 max_pool 3x3", "tensor_gemm float16 1000x264x768",
    "tensor_gemm bfloat16 1x264x768", "tensor_gemm_tf32 float32 1000x264x768",
    "tensor_conv_tf32 float32 3x3 deep",
    "tensor_conv float16 many", "tensor_conv float16 3x3 deep", "tensor_conv float16 first",
    "tensor_gemm float16 groups 128x128x3 gelu", "tensor_conv float16 groups 128x64x2",
    "tensor_conv float16 groups 256x128x4", "tensor_conv float16 groups 192x128x4",
    "tensor_gemm bfloat16 groups 128x128x3 split 4",
)  # fmt: skip
QUICK_GPUS = ("sm_75", "sm_90", "sm_120")
_STACK = 64  # bytes: the largest tiles keep a few values there


def _marked(names: list[str]) -> list[object]:
    slow = [pytest.mark.slow]
    return [pytest.param(name, marks=[] if name in QUICK else slow) for name in names]


@pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")
@pytest.mark.parametrize("name", _marked(EMULATED))
def test_against_the_reference(name: str) -> None:
    with emulation() as driver:
        run_case(CASES[name])
        assert driver.held() == 0


def emission(case: Case, gpu: str) -> Emission | None:
    """What the family makes of its case for a GPU; None where it does not run there."""
    graph, spec = case.graph(), by_name(gpu)
    (anchor,) = (node for node in graph.nodes if node.op in _ANCHORS)
    region = region_of(graph.nodes, anchor, graph, ranges_of(graph))
    if case.family.match(region, spec) is not None:
        return None
    views = {
        value: View.dense(value.name, value.dtype, value.shape, case.family.order(region, value))
        for value in (*region.inputs, *region.outputs)
    }
    if case.tile is not None and case.tile.groups and "warpgroups" not in spec.features:
        return None
    with tiled(case.tile):
        return case.family.build(Placed(region, views), spec)


_ANCHORS = ("attention", "matmul", "conv", "max_pool", "average_pool")


@cache
def resources(text: str, gpu: str) -> Resources:
    return read_resources(nvrtc.compile_text("test", text, gpu))


@pytest.mark.parametrize(
    "gpu",
    [
        pytest.param(gpu, marks=[] if gpu in QUICK_GPUS else [pytest.mark.slow])
        for gpu in ARCHITECTURES
    ],
)
@pytest.mark.parametrize("name", COMPILED)
def test_machine_code(name: str, gpu: str) -> None:
    """It compiles, does not spill, and its shared memory is there."""
    made = emission(CASES[name], gpu)
    if made is None:
        lacks = gpu == "sm_75" and ("bfloat16" in name or "tf32" in name)
        assert lacks or (gpu != "sm_90" and "groups" in name)
        return
    for launch in (*made.launches, *(packed.launch for packed in made.packed)):
        found, known = resources(launch.text, gpu), facts(launch.text)
        assert found.stack <= _STACK, found
        assert found.shared + known["shared"] <= by_name(gpu).shared_memory
        assert found.registers * known["threads"] <= 65536


def test_spills_are_seen() -> None:
    body = "float x[64]; for (int i = 0; i < n; ++i) x[i % 64] += p[i]; p[n] = x[n % 64];"
    text = f'extern "C" __global__ void kernel(float* p, int n) {{ {body} }}\n'
    found = resources(text, "sm_90")
    assert found.stack >= 256 and 8 <= found.registers <= 255
