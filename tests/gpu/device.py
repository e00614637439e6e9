# SPDX-License-Identifier: Apache-2.0
"""Checks of the CUDA device itself, each a function that raises; the emulated device passes them
too."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

import ingot
from ingot import knobs
from ingot.dims import symbol
from ingot.dtypes import FLOAT16, FLOAT32, INT64
from ingot.engine import Engine
from ingot.errors import DeviceError, IngotError, RunError
from ingot.ir.graph import Graph, SymbolRange
from ingot.ir.text import parse_graph, print_graph
from ingot.ops import Builder
from ingot.targets import open_target

CHECKS: dict[str, Callable[[], None]] = {}
REAL: set[str] = set()  # those that want a real GPU


def check(function: Callable[[], None]) -> Callable[[], None]:
    """Register a check under its name."""
    CHECKS[function.__name__] = function
    return function


def check_for_real(function: Callable[[], None]) -> Callable[[], None]:
    """Register a check that wants a real GPU."""
    REAL.add(function.__name__)
    return check(function)


def perceptron(dtype: Any = FLOAT32) -> Graph:
    """Two layers with an open batch size and random weights."""
    rng = np.random.default_rng(5)
    builder = Builder("perceptron", symbols={"batch": SymbolRange(1, 4096)})
    x = builder.input("x", dtype, (symbol("batch"), 96))
    first = builder.weight("first", rng.standard_normal((96, 64)).astype(dtype.numpy) / 8)
    second = builder.weight("second", rng.standard_normal((64, 32)).astype(dtype.numpy) / 8)
    hidden = builder.node("relu", builder.node("matmul", x, first))
    y = builder.node("softmax", builder.node("matmul", hidden, second), axis=1)
    return builder.finish({"y": y}, stage="portable")


def expected(graph: Graph, x: Any) -> Any:
    with ingot.load(graph, device="reference") as session:
        return session.run({"x": x})["y"]


def sample(rows: int, dtype: Any = np.float32) -> Any:
    return np.random.default_rng(rows).standard_normal((rows, 96)).astype(dtype)


def near(got: Any, want: Any, bound: float = 1e-5) -> None:
    error = np.linalg.norm(got.astype(np.float64) - want) / np.linalg.norm(want.astype(np.float64))
    assert error <= bound, f"relative error {error:.2g} is above {bound:.2g}"


@check
def runs_at_many_sizes() -> None:
    graph = perceptron()
    for specialize in ("none", "eager", "lazy"):
        with ingot.load(graph, device="cuda", specialize=specialize) as session:
            for rows in (1, 7, 300, 7, 1):
                near(session.run({"x": sample(rows)})["y"], expected(graph, sample(rows)))


@check
def computes_in_half_precision() -> None:
    graph = perceptron(FLOAT16)
    with ingot.load(graph, device="cuda", specialize="eager") as session:
        x = sample(64, np.float16)
        near(session.run({"x": x})["y"], expected(graph, x), 2e-3)


@check
def gives_the_same_with_and_without_graphs() -> None:
    graph = perceptron()
    results = []
    for strategy in ("off", "whole_graph"):
        with (
            knobs.CUDA_GRAPHS.override(strategy),
            ingot.load(graph, device="cuda", specialize="none") as session,
        ):
            results.append([session.run({"x": sample(33)})["y"] for _ in range(3)])
    for result in (*results[0], *results[1]):
        np.testing.assert_array_equal(result, results[0][0])


@check
def clones_run_side_by_side() -> None:
    graph = perceptron()
    with ingot.load(graph, device="cuda", specialize="none") as session:
        other = session.clone()
        for _ in range(3):
            first, second = session.run({"x": sample(5)})["y"], other.run({"x": sample(9)})["y"]
            near(first, expected(graph, sample(5)))
            near(second, expected(graph, sample(9)))
        other.close()


@check
def reports_a_fault_and_lives_on() -> None:
    builder = Builder("fault")
    table = builder.input("table", FLOAT32, (3, 64))
    rows = builder.input("rows", INT64, (2,))
    value = builder.node("gather", table, rows, axis=0, origin=("/the/node",))
    graph = builder.finish({"y": value}, stage="portable")
    table_data = np.random.default_rng(0).standard_normal((3, 64)).astype(np.float32)
    with ingot.load(graph, device="cuda") as session:
        for _ in range(2):
            try:
                session.run({"table": table_data, "rows": np.array([0, 3])})
            except RunError as error:
                assert "/the/node" in str(error) and "index 3" in str(error), error
            else:
                raise AssertionError("an index out of range is no error")
            good = session.run({"table": table_data, "rows": np.array([2, -3])})["y"]
            np.testing.assert_array_equal(good, table_data[[2, 0]])


@check
def runs_out_of_memory_with_one_error() -> None:
    builder = Builder("huge")
    x = builder.input("x", FLOAT32, (1 << 20,))
    huge = builder.node("expand", x, shape=(1 << 21, 1 << 20))
    total = builder.node("reduce_sum", builder.node("exp", huge), axes=(0,), keep_dims=False)
    other = builder.node("mul", builder.node("exp", huge), builder.node("exp", huge))
    graph = builder.finish({"y": total, "z": other}, stage="portable")
    try:
        with ingot.load(graph, device="cuda") as session:
            session.prepare({"x": (1 << 20,)})
    except IngotError as error:
        assert "memory" in str(error), error
    else:
        raise AssertionError("8 TiB were found")
    near_graph = perceptron()
    with ingot.load(near_graph, device="cuda", specialize="none") as session:
        near(session.run({"x": sample(3)})["y"], expected(near_graph, sample(3)))


@check
def profiles_each_step() -> None:
    with ingot.load(perceptron(), device="cuda", specialize="eager") as session:
        profile = session.profile({"x": sample(64)}, repeats=3)
        assert len(profile.steps) >= 2 and all(step.milliseconds > 0 for step in profile.steps)


@check
def reads_and_writes_arrays_of_torch() -> None:
    if find_spec("torch") is None:
        print("arrays of torch: skipped, torch is not here")
        return
    torch = import_module("torch")
    if not torch.cuda.is_available():
        print("arrays of torch: skipped, it finds no device")
        return
    graph, x = perceptron(), sample(40)
    with ingot.load(graph, device="cuda", specialize="none") as session:
        given = torch.from_numpy(x).cuda()
        near(session.run({"x": given})["y"], expected(graph, x))
        out = torch.full((40, 32), 7.0, device="cuda")
        assert session.run({"x": given}, {"y": out})["y"] is out
        near(out.cpu().numpy(), expected(graph, x))
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            doubled = given * 2
            session.run({"x": doubled}, {"y": out}, stream=stream.cuda_stream)
            total = out.sum(1)
        stream.synchronize()
        near(out.cpu().numpy(), expected(graph, 2 * x))
        np.testing.assert_allclose(total.cpu().numpy(), 1, rtol=1e-5)


@check
def is_what_auto_stands_for() -> None:
    assert open_target("auto").name == "cuda"
    with ingot.load(perceptron(), specialize="none") as session:
        near(session.run({"x": sample(3)})["y"], expected(perceptron(), sample(3)))


@check
def gives_the_same_with_and_without_dependent_launches() -> None:
    results = []
    for choice in ("off", "on"):
        with (
            knobs.CUDA_DEPENDENT_LAUNCH.override(choice),
            ingot.load(perceptron(), device="cuda", specialize="none") as session,
        ):
            results += [session.run({"x": sample(33)})["y"] for _ in range(3)]
    for result in results:
        np.testing.assert_array_equal(result, results[0])


@check
def serves_threads_and_sessions_at_once() -> None:
    graph, sizes = perceptron(), (1, 5, 17, 33)
    wanted = {rows: expected(graph, sample(rows)) for rows in sizes}
    with (
        ingot.load(graph, device="cuda", specialize="none") as first,
        ingot.load(graph, device="cuda", specialize="none") as second,
        ThreadPoolExecutor(4) as pool,
    ):
        sessions = (first, second, first.clone(), first)

        def work(number: int) -> None:
            for turn in range(6):
                rows = sizes[(number + turn) % len(sizes)]
                near(sessions[number].run({"x": sample(rows)})["y"], wanted[rows])

        for done in [pool.submit(work, number) for number in range(4)]:
            done.result()
        sessions[2].close()


@check
def runs_an_engine_that_was_refitted() -> None:
    graph = perceptron()
    whole = Engine.from_graph(graph, options={})
    with ingot.load(Engine.open(whole.to_bytes()), device="cuda", specialize="none") as session:
        before = session.run({"x": sample(9)})["y"]
    doubled = {name: weight.data * np.float32(2) for name, weight in graph.weights.items()}
    other = parse_graph(print_graph(graph), doubled)
    with ingot.load(other, device="cuda", specialize="none") as session:
        after = session.run({"x": sample(9)})["y"]
    near(before, expected(graph, sample(9)))
    near(after, expected(other, sample(9)))
    assert np.abs(after - before).max() > 1e-3


@check_for_real
def refuses_to_run_in_a_fork() -> None:
    with ingot.load(perceptron(), device="cuda", specialize="none") as session:
        session.run({"x": sample(3)})
        child = os.fork()
        if not child:
            try:
                session.run({"x": sample(3)})
            except DeviceError as error:
                os._exit(0 if "forked process" in str(error) else 1)
            os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        near(session.run({"x": sample(3)})["y"], expected(perceptron(), sample(3)))


@check_for_real
def reaches_elements_beyond_32_bits() -> None:
    rows, columns, depth = 65537, 32776, 64
    rng = np.random.default_rng(0)
    builder = Builder("large")
    a = builder.input("a", FLOAT16, (rows, depth))
    b = builder.input("b", FLOAT16, (depth, columns))
    wanted = builder.input("rows", INT64, (3,))
    product = builder.node("matmul", a, b)
    assert rows * columns > 1 << 31
    some = builder.node("gather", product, wanted, axis=0)
    most = builder.node("reduce_max", product, axes=(0,), keep_dims=False)
    graph = builder.finish({"some": some, "most": most, "product": product}, stage="portable")
    left = rng.standard_normal((rows, depth)).astype(np.float16)
    right = rng.standard_normal((depth, columns)).astype(np.float16)
    chosen = np.array([0, rows // 2, rows - 1])
    with ingot.load(graph, device="cuda", specialize="none") as session:
        got = session.run({"a": left, "b": right, "rows": chosen})
    exact = left[chosen].astype(np.float32) @ right.astype(np.float32)
    near(got["some"], exact, 1e-3)
    np.testing.assert_array_equal(got["product"][chosen], got["some"])
    last = left.astype(np.float32) @ right[:, -8:].astype(np.float32)
    near(got["product"][:, -8:], last, 1e-3)
    near(got["most"][-8:], last.max(0), 1e-3)
