# SPDX-License-Identifier: Apache-2.0
"""Transforms of every kind of length, and of frames, against NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import ingot
from ingot.ir.graph import Array
from ingot.onnx import read
from ingot.ops import evaluate_graph

# Direct, two factors, a prime, a prime times two, and lengths 1 and 2.
LENGTHS = (1, 2, 30, 1200, 1009, 2018)


def model(
    op: str, inputs: dict[str, Any], known: dict[str, Any], opset: int = 20, **attributes: Any
) -> onnx.ModelProto:
    """One node; `inputs` are (type, shape), `known` are arrays, an absent one is None."""
    names = [*inputs, *(name if array is not None else "" for name, array in known.items())]
    node = helper.make_node(op, names, ["y"], **attributes)
    declared = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), shape)
        for name, (dtype, shape) in inputs.items()
    ]
    stored = [numpy_helper.from_array(a, name) for name, a in known.items() if a is not None]
    graph = helper.make_graph([node], "case", declared, [onnx.ValueInfoProto(name="y")], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def pairs(x: Array) -> Array:
    return np.stack((x.real, x.imag), -1)


def close(found: Array, wanted: Array, bound: float) -> None:
    assert found.shape == wanted.shape
    scale = np.abs(wanted).max() if wanted.size else 0.0
    np.testing.assert_allclose(found, wanted, rtol=0, atol=bound * scale)


def transform(x: Array, length: int | None, inverse: bool, half: bool) -> Array:
    """The transform along axis 1 by NumPy."""
    values = x[..., 0] + (1j * x[..., 1] if x.shape[-1] == 2 else 0)
    if inverse and half:
        return np.fft.irfft(values, length, axis=1)[..., None]
    made = np.fft.ifft(values, length, axis=1) if inverse else np.fft.fft(values, length, axis=1)
    return pairs(made[:, : made.shape[1] // 2 + 1] if half else made)


@pytest.mark.parametrize("symbolic", (False, True))
@pytest.mark.parametrize("inverse", (False, True))
@pytest.mark.parametrize("half", (False, True))
@pytest.mark.parametrize("parts", (1, 2))
@pytest.mark.parametrize("length", LENGTHS)
def test_transform(
    length: int, parts: int, half: bool, inverse: bool, symbolic: bool, rng: np.random.Generator
) -> None:
    if symbolic and (length > 1000 or (length == 1 and inverse and half)):
        return
    size = length // 2 + 1 if inverse and half else length
    x = rng.standard_normal((2, size, 3, parts))
    shape = ("batch", "size", 3, parts) if symbolic else x.shape
    stated = None if symbolic else np.array(length)
    made = model(
        "DFT", {"x": (x.dtype, shape)}, {"n": stated, "axis": np.array(1)},
        inverse=int(inverse), onesided=int(half),
    )  # fmt: skip
    default = 2 * (size - 1) if inverse and half else length
    wanted = transform(x, default if symbolic else length, inverse, half)
    if wanted.size:
        close(evaluate_graph(read(made), {"x": x})["y"], wanted, 1e-11)


@pytest.mark.parametrize("length", (12, 20))
def test_transform_cut_and_filled(length: int, rng: np.random.Generator) -> None:
    x = rng.standard_normal((3, 2, 16, 2)).astype(np.float32)
    known = {"n": np.array(length), "axis": np.array(-2)}
    made = model("DFT", {"x": (x.dtype, x.shape)}, known)
    wanted = pairs(np.fft.fft(x[..., 0] + 1j * x[..., 1], length, axis=2))
    close(evaluate_graph(read(made), {"x": x})["y"], wanted, 1e-5)


@pytest.mark.parametrize("length", (30, 1200, 1009))
def test_transform_on_the_cpu(length: int, rng: np.random.Generator) -> None:
    x = rng.standard_normal((2, length, 2)).astype(np.float32)
    made = model("DFT", {"x": (x.dtype, ("batch", length, 2))}, {"n": None}, 17, axis=1)
    with ingot.load(ingot.build(made), device="cpu", specialize="none") as session:
        close(session.run({"x": x})["y"], transform(x, None, False, False), 1e-6)


@pytest.mark.parametrize("windowed", ("constant", "given", "none"))
@pytest.mark.parametrize(("length", "half"), ((64, True), (64, False), (1500, True)))
def test_frames(
    length: int, half: bool, windowed: str, target: str, rng: np.random.Generator
) -> None:
    x = rng.standard_normal((2, 4000, 1)).astype(np.float32)
    step = length // 3
    window = rng.random(length).astype(np.float32)
    given = {"x": x, "w": window} if windowed == "given" else {"x": x}
    names = ["x", "step", {"given": "w", "constant": "window", "none": ""}[windowed], "length"]
    node = helper.make_node("STFT", names, ["y"], onesided=int(half))
    info = [helper.make_tensor_value_info("x", 1, ("batch", "samples", 1))]
    if windowed == "given":
        info.append(helper.make_tensor_value_info("w", 1, (length,)))
    stored = [numpy_helper.from_array(np.array(step), "step"),
              numpy_helper.from_array(np.array(length), "length")]  # fmt: skip
    if windowed == "constant":
        stored.append(numpy_helper.from_array(window, "window"))
    graph = helper.make_graph([node], "case", info, [onnx.ValueInfoProto(name="y")], stored)
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    with ingot.load(ingot.build(whole), device=target, specialize="none") as session:
        found = session.run(given)["y"]
    frames = np.lib.stride_tricks.sliding_window_view(x[..., 0], length, 1)[:, ::step]
    weights = np.ones(length) if windowed == "none" else window
    wanted = pairs(np.fft.fft(frames * weights))
    close(found, wanted[:, :, : length // 2 + 1] if half else wanted, 1e-6)
