# SPDX-License-Identifier: Apache-2.0
"""Kernels write what they are told to write and not a byte more, at every length."""

import numpy as np
import pytest

import ingot
from ingot import dtypes
from ingot.ops.build import Builder
from ingot.ops.evaluate import evaluate_graph
from ingot.spec import by_name
from ingot.targets.cpu.probe import probe

SPECS = [name for name in ("x86-64-v2", "avx2", "avx512", "neon")
         if by_name(name).architecture == probe().architecture
         and by_name(name).features <= probe().features]  # fmt: skip
LENGTHS = (1, 2, 3, 17, 31, 33, 65, 127, 129)
WIDE = (dtypes.FLOAT32, dtypes.INT32, dtypes.FLOAT64, dtypes.INT64)
NARROW = (
    dtypes.BOOL,
    dtypes.INT8,
    dtypes.UINT8,
    dtypes.INT16,
    dtypes.FLOAT16,
    dtypes.BFLOAT16,
    dtypes.INT32,
    dtypes.FLOAT32,
)
SPARE = 64


def graph_of(length: int, builder: Builder):
    """Casts from every wide type to every narrower one, all in one graph."""
    outputs = {}
    for wide in WIDE:
        value = builder.input(wide.name, wide, (length,))
        for narrow in NARROW:
            if narrow.bits < wide.bits:
                outputs[f"{wide}_{narrow}"] = builder.node("cast", value, to=narrow)
    return builder.finish(outputs, "portable")


@pytest.mark.parametrize("device", SPECS)
@pytest.mark.parametrize("length", LENGTHS)
def test_narrowing_writes_no_further_than_its_output(device, length, rng) -> None:
    graph = graph_of(length, Builder("tails"))
    inputs = {
        value.name: rng.integers(-99, 99, length).astype(value.dtype.numpy)
        for value in graph.inputs
    }
    room = {
        value.name: np.full((length + SPARE) * value.dtype.itemsize, 0xA5, np.uint8)
        for value in graph.outputs
    }
    outputs = {
        value.name: room[value.name].view(value.dtype.numpy)[:length] for value in graph.outputs
    }
    with ingot.load(graph, device=device, threads=1, specialize="none") as session:
        session.run(inputs, outputs)
    for name, expected in evaluate_graph(graph, inputs).items():
        found = outputs[name]
        np.testing.assert_array_equal(found, expected, err_msg=name)
        assert (room[name][found.nbytes :] == 0xA5).all(), f"{name}: wrote past its end"
