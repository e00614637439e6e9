# SPDX-License-Identifier: Apache-2.0
"""Operators that look at data, from the model to the compiled result: against ONNX Runtime, or
against what they should be in distribution.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import ingot

Feeds = Mapping[str, Any]
RNG = np.random.default_rng(11)


def model(
    op: str, feeds: Feeds, outputs: int, opset: int = 21, **attributes: Any
) -> onnx.ModelProto:
    """One node over inputs of open sizes but for the indices `i`; absent ones are named ''.

    The input `axis` is a constant of the model.
    """
    names = [name if array is not None else "" for name, array in feeds.items()]
    infos = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype),
            [size if name == "i" else f"{name}{k}" for k, size in enumerate(array.shape)],
        )
        for name, array in feeds.items()
        if array is not None and name != "axis"
    ]  # fmt: skip
    known = [numpy_helper.from_array(feeds["axis"], "axis")] if "axis" in feeds else []
    results = [f"y{k}" for k in range(outputs)]
    node = helper.make_node(op, names, results, **attributes)
    ends = [onnx.ValueInfoProto(name=name) for name in results]
    graph = helper.make_graph([node], op, infos, ends, known)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def inputs(feeds: Feeds) -> dict[str, Any]:
    return {name: a for name, a in feeds.items() if a is not None and name != "axis"}


def forged(op: str, feeds: Feeds, outputs: int = 1, **attributes: Any) -> list[Any]:
    made = model(op, feeds, outputs, **attributes)
    given = inputs(feeds)
    with ingot.load(ingot.build(made), device="cpu", specialize="none", threads=1) as session:
        found = session.run(given)
    return [found[f"y{k}"] for k in range(outputs)]


def runtime(op: str, feeds: Feeds, outputs: int = 1, **attributes: Any) -> list[Any]:
    """What ONNX Runtime gives, or ONNX's reference where it has no kernel."""
    made = model(op, feeds, outputs, **attributes)
    given = inputs(feeds)
    try:
        session = onnxruntime.InferenceSession(
            made.SerializeToString(), providers=["CPUExecutionProvider"]
        )
    except Exception:
        return list(ReferenceEvaluator(made).run(None, given))
    return list(session.run(None, given))


def agree(op: str, feeds: Feeds, outputs: int = 1, **attributes: Any) -> None:
    found = forged(op, feeds, outputs, **attributes)
    wanted = runtime(op, feeds, outputs, **attributes)
    for got, want in zip(found, wanted, strict=True):
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want)


def drawn(shape: tuple[int, ...], dtype: str, low: int = -9, high: int = 9) -> Any:
    """Numbers with many ties."""
    least = 0 if dtype.startswith("u") else low
    return RNG.integers(least, high, shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "uint8"])
@pytest.mark.parametrize("largest", [0, 1])
def test_top_k(dtype: str, largest: int) -> None:
    for shape, axis, k in (((3, 50), -1, 7), ((700, 2), 0, 9), ((4, 1), 1, 1), ((2, 5), 1, 0)):
        x = drawn(shape, dtype)
        got = forged("TopK", {"x": x, "k": np.array([k])}, 2, axis=axis, largest=largest)
        order = np.argsort(-x.astype(np.int64) if largest else x, axis, kind="stable")
        want = np.take(order, range(k), axis)
        np.testing.assert_array_equal(got[1], want)
        np.testing.assert_array_equal(got[0], np.take_along_axis(x, want, axis))


def test_nan_is_the_greatest() -> None:
    x = np.array([1.0, np.nan, -np.inf, np.inf, np.nan, -0.0, 0.0], np.float32)
    greatest = forged("TopK", {"x": x, "k": np.array([4])}, 2)
    assert greatest[1].tolist() == [1, 4, 3, 0]
    least = forged("TopK", {"x": x, "k": np.array([7])}, 2, largest=0)
    assert least[1].tolist() == [2, 5, 6, 0, 3, 1, 4]


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool", "uint8"])
def test_nonzero_and_compress(dtype: str) -> None:
    for shape in ((7,), (3, 4, 5), (0, 3), (100, 100)):
        x = RNG.integers(0, 2, shape).astype(dtype)
        (got,) = forged("NonZero", {"x": x})
        np.testing.assert_array_equal(got, np.stack(np.nonzero(x)))
    x, flags = drawn((4, 6), "float32"), np.array([True, False, True])
    agree("Compress", {"x": x, "c": flags}, axis=1)
    agree("Compress", {"x": x, "c": flags}, axis=-2)
    agree("Compress", {"x": x, "c": RNG.integers(0, 2, 24).astype(bool)})


@pytest.mark.parametrize("sort", [0, 1])
def test_unique(sort: int) -> None:
    for dtype in ("float32", "int64", "int8"):
        agree("Unique", {"x": drawn((60,), dtype)}, 4, sorted=sort)
    agree("Unique", {"x": drawn((5, 7), "float32")}, 4, sorted=sort)
    agree("Unique", {"x": drawn((30, 2), "float32", -1, 2)}, 4, axis=0, sorted=sort)
    agree("Unique", {"x": drawn((2, 20, 2), "float32", 0, 2)}, 4, axis=1, sorted=sort)


@pytest.mark.parametrize("center", [0, 1])
def test_box_suppression(center: int) -> None:
    for images, groups, count, limit in ((2, 3, 60, 10), (1, 1, 1, 5), (1, 4, 300, 400)):
        low = np.abs if center else np.asarray
        feeds = {
            "boxes": low(RNG.normal(size=(images, count, 4))).astype(np.float32),
            "scores": RNG.random((images, groups, count)).astype(np.float32),
            "most": np.array([limit]),
            "overlap": np.array([0.3], np.float32),
            "least": np.array([0.2], np.float32),
        }
        agree("NonMaxSuppression", feeds, center_point_box=center)
        agree("NonMaxSuppression", {**feeds, "least": None}, center_point_box=center)


def test_running_folds() -> None:
    for shape, axis in (((3, 40), 1), ((5, 2, 9), 0), ((2, 6, 700), 1), ((4, 0), 1)):
        x = drawn(shape, "int64")
        for exclusive, reverse in itertools.product((0, 1), (0, 1)):
            options = {"exclusive": exclusive, "reverse": reverse}
            agree("CumSum", {"x": x, "axis": np.array(axis)}, **options)


@pytest.mark.parametrize("reduction", ["none", "add", "mul", "max", "min"])
def test_scatter(reduction: str) -> None:
    """Many updates at one place; the last one wins, or all combine."""
    x = drawn((20, 30), "float32")
    rows = RNG.integers(-20, 20, (50, 30))
    feeds = {"x": x, "i": rows, "u": drawn((50, 30), "float32", -2, 3)}
    agree("ScatterElements", feeds, axis=0, reduction=reduction)
    pairs = RNG.integers(0, 20, (80, 2))
    agree("ScatterND", {"x": x, "i": pairs, "u": drawn((80,), "float32", -2, 3)},
          reduction=reduction)  # fmt: skip
    agree("ScatterND", {"x": x, "i": pairs[:, :1], "u": drawn((80, 30), "float32", -1, 2)},
          reduction=reduction)  # fmt: skip


# --- random numbers


def moments(values: Any) -> tuple[float, float]:
    wide = values.astype(np.float64)
    return float(wide.mean()), float(wide.std())


@pytest.mark.parametrize("code", [1, 10, 11, 16])
def test_uniform_numbers(code: int) -> None:
    (got,) = forged("RandomUniform", {}, shape=[200, 300], low=-1.0, high=3.0, seed=4.0, dtype=code)
    mean, deviation = moments(got)
    assert got.min() >= -1 and got.max() <= 3
    assert abs(mean - 1) < 0.03 and abs(deviation - 4 / 12**0.5) < 0.03
    counts, _ = np.histogram(got.astype(np.float64), 16, (-1, 3))
    expected = got.size / 16
    assert ((counts - expected) ** 2 / expected).sum() < 60 or code == 16


def test_normal_numbers() -> None:
    (got,) = forged("RandomNormal", {}, shape=[400, 300], mean=2.0, scale=3.0, seed=1.0)
    mean, deviation = moments(got)
    assert abs(mean - 2) < 0.05 and abs(deviation - 3) < 0.05
    centred = (got.astype(np.float64) - 2) / 3
    assert abs((centred**3).mean()) < 0.05 and abs((centred**4).mean() - 3) < 0.15
    neighbours = (centred[:, 1:] * centred[:, :-1]).mean()
    assert abs(neighbours) < 0.02


def test_seeds_tell_numbers_apart() -> None:
    x = np.zeros((50, 50), np.float32)
    first, again, other = (
        forged("RandomNormalLike", {"x": x}, seed=seed)[0] for seed in (1.0, 1.0, 2.0)
    )
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first.reshape(-1), other.reshape(-1))[0, 1]) < 0.06


def test_bernoulli_and_multinomial() -> None:
    chances = np.linspace(0, 1, 5, dtype=np.float32)[:, None].repeat(4000, 1)
    (hits,) = forged("Bernoulli", {"x": chances}, seed=3.0)
    np.testing.assert_allclose(hits.mean(1), chances[:, 0], atol=0.03)
    weights = np.log(np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 1e-30]], np.float32))
    (classes,) = forged("Multinomial", {"x": weights}, sample_size=5000, seed=2.0, dtype=7)
    assert classes.dtype == np.int64
    shares = [np.bincount(row, minlength=3) / 5000 for row in classes]
    np.testing.assert_allclose(shares, [[0.1, 0.2, 0.7], [0.5, 0.5, 0]], atol=0.03)


def test_dropout_in_training() -> None:
    x = np.full((100, 200), 3, np.float32)
    feeds = {"x": x, "ratio": np.array(0.25, np.float32), "training": np.array(True)}
    y, mask = forged("Dropout", feeds, 2, seed=5)
    np.testing.assert_allclose(y, np.where(mask, np.float32(4), 0), rtol=1e-6)
    assert abs(mask.mean() - 0.75) < 0.02
    y, mask = forged("Dropout", {**feeds, "training": np.array(False)}, 2, seed=5)
    np.testing.assert_array_equal(y, x)
    assert mask.all()
