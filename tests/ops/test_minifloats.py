# SPDX-License-Identifier: Apache-2.0
"""Floats of a byte and less: every code, and floats of every size, as ml_dtypes converts them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
from tests.emulation import compiler
from tests.emulation.driver import emulation

import ingot
from ingot.dtypes import FLOAT32, DType
from ingot.ops import Builder
from ingot.targets.minifloat import LAYOUTS

DEVICES = ("cpu", "cuda") if compiler.COMPILER else ("cpu",)


@contextmanager
def on(device: str) -> Iterator[None]:
    with emulation() if device == "cuda" else nullcontext():
        yield


def converted(dtype: DType, array: np.ndarray, op: str, to: DType, device: str) -> np.ndarray:
    """`array` quantized to or dequantized from `dtype` with scale 1, nothing saturated."""
    builder = Builder("convert")
    x = builder.input("x", dtype if op == "dequantize" else FLOAT32, array.shape)
    scale = builder.weight("scale", np.array(1, np.float32))
    attributes = {"to": to} | ({"saturate": False} if op == "quantize" else {})
    graph = builder.finish({"y": builder.node(op, x, scale, **attributes)}, stage="portable")
    with on(device), ingot.load(graph, device=device, specialize="none") as session:
        return session.run({"x": array})["y"]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", LAYOUTS, ids=str)
def test_every_code_is_the_number_that_it_stands_for(dtype: DType, device: str) -> None:
    codes = np.arange(1 << dtype.bits, dtype=np.uint8).view(dtype.numpy)
    found = converted(dtype, codes, "dequantize", FLOAT32, device)
    np.testing.assert_array_equal(found, codes.astype(np.float32))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", LAYOUTS, ids=str)
def test_floats_of_every_size_are_rounded_to_the_nearest(dtype: DType, device: str) -> None:
    rng = np.random.default_rng(7)
    numbers = np.arange(1 << dtype.bits, dtype=np.uint8).view(dtype.numpy).astype(np.float32)
    finite = np.sort(numbers[np.isfinite(numbers)])
    ties = (finite[1:] + finite[:-1]) / 2
    drawn = rng.integers(0, 1 << 32, 5000, np.uint32).view(np.float32)
    near = np.concatenate([ties, np.nextafter(ties, np.float32(9)), np.nextafter(ties, -ties)])
    with np.errstate(all="ignore"):
        x = np.concatenate([numbers, near, drawn, drawn % np.float32(500)]).astype(np.float32)
        wanted = x.astype(dtype.numpy)
    found = converted(dtype, x, "quantize", dtype, device)
    wrong = (found.view(np.uint8) != wanted.view(np.uint8)) & ~np.isnan(x)
    assert not wrong.any(), list(
        zip(x[wrong][:5], found[wrong][:5], wanted[wrong][:5], strict=True)
    )
    assert np.isnan(found[np.isnan(wanted)].astype(np.float32)).all()
