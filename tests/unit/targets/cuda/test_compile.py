# SPDX-License-Identifier: Apache-2.0
"""Every operator and whole networks compile for every kind of GPU, within what it has.

Usual runs compile a sample; `make test-all` every operator and type for the oldest and a newer
architecture and one more, and ResNet-50 and BERT for all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.models.materialize import catalog
from tests.ops.check import GROUPS, together
from tests.unit.targets.cuda.compiling import (
    ARCHITECTURES,
    compile_together,
    over_budget,
    texts,
)

import ingot
from ingot.errors import CompileError
from ingot.jit import compile_plan
from ingot.targets import open_target
from ingot.targets.cuda import nvrtc
from ingot.targets.cuda.resources import read_resources

STRIDE, BATCH = 67, 24
BATCHES = range(0, len(GROUPS), BATCH)


def kernels(numbers: range | list[int], architecture: str) -> list[str]:
    graphs = (together(GROUPS[number])[0] for number in numbers)
    return [text for graph in graphs for text in texts(graph, architecture)]


def test_the_compiler_knows_every_architecture() -> None:
    assert set(ARCHITECTURES) <= nvrtc.architectures()


@pytest.mark.parametrize("architecture", ["sm_75", "sm_90"])
def test_a_sample_of_operators_compiles(architecture: str) -> None:
    sample = kernels(list(range(0, len(GROUPS), STRIDE)), architecture)
    assert len(sample) > 20
    assert compile_together(sample, architecture).registers <= 255


def test_every_operator_has_a_kernel() -> None:
    """Nothing is left to the host: the first case of each operator becomes a plan."""
    first = {group[0].op.name: group[0] for group in reversed(GROUPS)}
    for case in first.values():
        assert compile_plan(together([case])[0], open_target("sm_86"), {}, {}).sources is not None


@pytest.mark.slow
@pytest.mark.parametrize("first", BATCHES)
def test_every_operator_compiles(first: int) -> None:
    numbers = range(first, min(first + BATCH, len(GROUPS)))
    other = ARCHITECTURES[1 + first // BATCH % (len(ARCHITECTURES) - 1)]
    for architecture in dict.fromkeys(("sm_75", "sm_90", other)):
        assert compile_together(kernels(numbers, architecture), architecture).registers <= 255


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "bert_base", "resnet50_fp16", "bert_base narrow"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_network_compiles_within_the_budget(name: str, architecture: str, tmp_path: Path) -> None:
    name, _, narrow = name.partition(" ")
    skeleton = catalog()[name]
    precision: Any = "float16" if narrow else None
    graph = ingot.build(skeleton.write(tmp_path), precision=precision).graph
    binding = {size: skeleton.sizes[size] for size in graph.symbols if size in skeleton.sizes}
    for sizes in ({}, binding):
        over = [over_budget(architecture, text) for text in texts(graph, architecture, sizes)]
        assert not [told for told in over if told]


def test_a_text_that_is_wrong_names_the_kernel() -> None:
    with pytest.raises(CompileError, match=r"kernel 'k7' does not compile: .*undefined"):
        nvrtc.compile_text("k7", 'extern "C" __global__ void kernel() { nothing(); }', "sm_90")


def test_an_architecture_that_is_not_known_is_refused() -> None:
    with pytest.raises(CompileError, match=r"device 'sm_12': NVRTC .* compiles for sm_100, "):
        nvrtc.compile_text("k", "", "sm_12")


@pytest.mark.parametrize("architecture", ["sm_75", "sm_90", "sm_120"])
def test_resources_are_read_from_the_cubin(architecture: str) -> None:
    text = """extern "C" __global__ void kernel(float* p) {
        __shared__ float tile[300];
        volatile float stack[64];
        tile[threadIdx.x] = p[threadIdx.x];
        for (int i = 0; i < 64; ++i) stack[(i * 7 + (int)p[i]) & 63] = p[i];
        __syncthreads();
        p[threadIdx.x] = tile[threadIdx.x ^ 1] + stack[threadIdx.x & 63];
    }"""
    taken = read_resources(nvrtc.compile_text("k", text, architecture))
    assert 8 <= taken.registers <= 64
    assert taken.stack == 256 and taken.shared == 1200


def test_damaged_machine_code_is_refused() -> None:
    for damaged in (b"", b"\x7fELF" + bytes(20), bytes(200)):
        with pytest.raises(CompileError, match="cubin: it cannot be read"):
            read_resources(damaged)
