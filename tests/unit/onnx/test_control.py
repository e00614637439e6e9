# SPDX-License-Identifier: Apache-2.0
"""If, Loop, Scan and lists, against ONNX Runtime; engines of them are saved and loaded."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import parser

import ingot
from ingot import backend
from ingot.engine import Engine
from ingot.errors import InputError, RunError, UnsupportedError
from ingot.ops.evaluate import evaluate_graph

ort = pytest.importorskip("onnxruntime")
RANDOM = np.random.default_rng(11)
HEADER = '<ir_version: 9, opset_import: ["" : 19]>\n'


def floats(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def agrees(text: str, *feeds: dict[str, Any], device: str = "cpu") -> ingot.Session:
    """Check a model on a device, through a saved engine, and by its records alone."""
    model = parser.parse_model(HEADER + text)
    peer = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    engine = ingot.build(model, verify=True)
    again = Engine.open(engine.to_bytes())
    session = ingot.load(again, device=device, specialize="none")
    for feed in feeds:
        arrays = {name: np.asarray(value) for name, value in feed.items()}
        wanted = peer.run(None, arrays)
        found = session.run(arrays)
        meaning = evaluate_graph(again.graph, arrays)
        for name, array in zip(found, wanted, strict=True):
            np.testing.assert_allclose(found[name], array, rtol=2e-6, atol=2e-6)
            np.testing.assert_allclose(meaning[name], array, rtol=2e-6, atol=2e-6)
    return session


BRANCHES = """
g (float[n, 4] x, bool c) => (float[k, m] y, float[n, 4] z) {
    y, z = If (c) <
        then_branch = one () => (float[n, 4] a, float[n, 4] b) {
            a = Exp (x)
            b = Add (a, x)
        },
        else_branch = two () => (float[4, n] d, float[n, 4] e) {
            d = Transpose (x)
            e = Neg (x)
        }
    >
}"""


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_branches_of_different_shapes(device: str) -> None:
    x = floats(3, 4)
    agrees(BRANCHES, {"x": x, "c": True}, {"x": x, "c": False}, device=device)


def test_a_loop_that_grows_and_stops_early() -> None:
    agrees(
        """
        g (float[n] x, int64 most, float limit) => (float[m] last, float[t, 2] all, int64 turns) {
            zero = Constant <value = int64 {0}> ()
            last, turns, all = Loop (most, , x, zero) <body = b
                (int64 i, bool on, float[p] v, int64 count) =>
                (bool again, float[q] w, int64 counted, float[2] item) {
                    first = Constant <value = int64[1] {0}> ()
                    two = Constant <value = int64[1] {2}> ()
                    item = Slice (v, first, two)
                    w = Concat <axis = 0> (v, x)
                    one = Constant <value = int64 {1}> ()
                    counted = Add (count, one)
                    total = ReduceSum <keepdims = 0> (w)
                    again = Less (total, limit)
                }>
        }""",
        *(
            {"x": np.float32([1, 2, 3]), "most": most, "limit": np.float32(limit)}
            for most, limit in ((5, 100), (5, 15), (1, 0))
        ),
    )


def test_nested_bodies_capture_from_all_around() -> None:
    agrees(
        """
        g (float[n, 3] x, int64 rows, bool flip) => (float[3] y) {
            w = Constant <value = float[3] {0.5, -1.0, 2.0}> ()
            zero = Constant <value = float[3] {0, 0, 0}> ()
            y = Loop (rows, , zero) <body = outer
                (int64 i, bool on, float[3] v) => (bool again, float[3] out) {
                    again = Identity (on)
                    row = Gather (x, i)
                    part = If (flip) <
                        then_branch = f () => (float[3] a) {
                            s = Mul (row, w)
                            a = Loop (rows, , s) <body = inner
                                (int64 j, bool on2, float[3] u) => (bool again2, float[3] t) {
                                    again2 = Identity (on2)
                                    t = Add (u, row)
                                }>
                        },
                        else_branch = h () => (float[3] b) { b = Sub (row, w) }
                    >
                    out = Add (v, part)
                }>
        }""",
        {"x": floats(4, 3), "rows": 3, "flip": True},
        {"x": floats(4, 3), "rows": 4, "flip": False},
        {"x": floats(4, 3), "rows": 0, "flip": False},
    )


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_scan_with_axes_and_directions(device: str) -> None:
    agrees(
        """
        g (float[2] h, float[3, n] a, float[n, 2] b) => (float[2] last, float[2, n] all) {
            last, all = Scan <num_scan_inputs = 2, scan_input_axes = [1, 0],
                scan_input_directions = [1, 0], scan_output_axes = [1],
                scan_output_directions = [1], body = turn
                (float[2] s, float[3] p, float[2] q) => (float[2] next, float[2] item) {
                    total = ReduceSum <keepdims = 0> (p)
                    scaled = Mul (q, total)
                    next = Add (s, scaled)
                    item = Tanh (next)
                }> (h, a, b)
        }""",
        *({"h": floats(2), "a": floats(3, n), "b": floats(n, 2)} for n in (5, 1)),
        device=device,
    )


def test_a_scan_of_nothing_gives_nothing() -> None:
    model = parser.parse_model(
        HEADER
        + """
        g (float[2] h, float[n, 2] a) => (float[2] last, float[n, 2] all) {
            last, all = Scan <num_scan_inputs = 1, body = turn
                (float[2] s, float[2] p) => (float[2] next, float[2] item) {
                    next = Add (s, p)
                    item = Identity (next)
                }> (h, a)
        }"""
    )
    session = ingot.load(ingot.build(model), device="cpu")
    h = floats(2)
    found = session.run({"h": h, "a": floats(0, 2)})
    assert np.array_equal(found["last"], h)
    assert found["all"].shape == (0, 2)


def test_known_lists_leave_no_node() -> None:
    text = """
        g (float[n] x, float[m] y) => (float[k] z) {
            both = SequenceConstruct (x, y)
            more = SequenceInsert (both, x)
            at = Constant <value = int64 {1}> ()
            less = SequenceErase (more, at)
            z = ConcatFromSequence <axis = 0> (less)
        }"""
    session = agrees(text, {"x": floats(3), "y": floats(2)})
    ops = [node.op for node in ingot.build(parser.parse_model(HEADER + text)).graph.nodes]
    assert ops == ["concat"]
    session.close()


def test_lists_that_only_data_settles() -> None:
    agrees(
        """
        g (float[n, 2] x, int64[p] parts, int64 at) => (float[m, 2] y, int64 length) {
            cut = SplitToSequence <axis = 0> (x, parts)
            length = SequenceLength (cut)
            y = SequenceAt (cut, at)
        }""",
        {"x": floats(6, 2), "parts": [1, 3, 2], "at": 1},
        {"x": floats(6, 2), "parts": [4, 2], "at": -1},
    )


def test_a_position_outside_a_list_is_an_error_of_the_run() -> None:
    model = parser.parse_model(
        HEADER
        + """
        g (seq(float[n]) s, int64 at) => (float[m] y) { y = SequenceAt (s, at) }"""
    )
    session = ingot.load(ingot.build(model), device="cpu")
    items = [floats(2), floats(3)]
    assert np.array_equal(session.run({"s": items, "at": np.array(-1)})["y"], items[1])
    with pytest.raises(RunError, match="position 2 is outside a sequence of 2"):
        session.run({"s": items, "at": np.array(2)})
    with pytest.raises(InputError, match=r"input 's\[1\]': expects float32, got float64"):
        session.run({"s": [items[0], np.ones(2)], "at": np.array(0)})
    with pytest.raises(InputError, match="expects a list of arrays, got ndarray"):
        session.run({"s": items[0], "at": np.array(0)})


def test_optionals_come_and_go() -> None:
    text = (
        HEADER
        + """
        g (optional(float[4]) x) => (bool has, float[4] y) {
            has = OptionalHasElement (x)
            y = If (has) <
                then_branch = a () => (float[4] t) { t = OptionalGetElement (x) },
                else_branch = b () => (float[4] u) {
                    u = Constant <value = float[4] {0, 0, 0, 1}> ()
                }
            >
        }"""
    )
    run = backend.prepare(parser.parse_model(text)).run
    x = floats(4)
    has, y = run([x])
    assert has and np.array_equal(y, x)
    has, y = run([None])
    assert not has and np.array_equal(y, [0, 0, 0, 1])


def test_a_list_is_no_tensor() -> None:
    model = parser.parse_model(HEADER + "g (seq(float[n]) s) => (float[m] y) { y = Relu (s) }")
    with pytest.raises(UnsupportedError, match="input 's' is a list of tensors"):
        ingot.build(model)


def test_an_obstacle_in_a_body_is_listed_once() -> None:
    model = parser.parse_model(
        HEADER
        + """
        g (float[n] x, bool c) => (float[n] y) {
            y = If (c) <
                then_branch = a () => (float[n] t) { t = Fancy (x) },
                else_branch = b () => (float[n] u) { u = Neg (x) }
            >
        }"""
    )
    with pytest.raises(UnsupportedError) as caught:
        ingot.build(model)
    assert [obstacle.op for obstacle in caught.value.obstacles] == ["Fancy"]


def test_renaming_changes_nothing() -> None:
    one = parser.parse_model(HEADER + BRANCHES)
    other = onnx.ModelProto.FromString(one.SerializeToString())
    other.graph.name = "renamed"
    nodes = [[node.op for node in ingot.build(model).graph.nodes] for model in (one, other)]
    assert nodes[0] == nodes[1] == ["if"]


def test_weights_of_bodies_are_stripped_and_refitted() -> None:
    model = parser.parse_model(
        HEADER
        + """
        g (float[n, 8] x, bool c) => (float[n, 8] y)
        <float[8, 8] w> {
            a = MatMul (x, w)
            y = If (c) <
                then_branch = f () => (float[n, 8] t) { t = MatMul (a, w) },
                else_branch = h () => (float[n, 8] u) {
                    s = Add (w, w)
                    u = MatMul (a, s)
                }
            >
        }"""
    )
    stored = floats(8, 8)
    model.graph.initializer.append(onnx.numpy_helper.from_array(stored, "w"))
    engine = ingot.build(model, refittable=True, verify=True)
    stripped = engine.strip()
    assert "w" in stripped.stripped
    assert stripped.refit_sources == {"w"}
    x = floats(2, 8)
    for weight in (stored, floats(8, 8)):
        session = ingot.load(Engine.open(stripped.refit({"w": weight}).to_bytes()), device="cpu")
        for flag in (True, False):
            found = session.run({"x": x, "c": np.array(flag)})["y"]
            wanted = x @ weight @ (weight if flag else 2 * weight)
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


def test_two_bodies_may_name_their_weights_alike() -> None:
    text = """
        g (float[n, 4] x, bool c) => (float[n, 4] y) {
            y = If (c) <
                then_branch = f () => (float[n, 4] t) {
                    k = Constant <value = float[4] {1, 2, 3, 4}> ()
                    s = Add (k, k)
                    t = Mul (x, s)
                },
                else_branch = h () => (float[n, 4] u) {
                    k = Constant <value = float[4] {5, 6, 7, 8}> ()
                    s = Mul (k, k)
                    u = Add (x, s)
                }
            >
        }"""
    agrees(text, {"x": floats(3, 4), "c": True}, {"x": floats(3, 4), "c": False})


def test_lists_have_ports_samples_and_profiles() -> None:
    model = parser.parse_model(
        HEADER
        + """
        g (seq(float[n, 3]) s, float[3] x) => (float[m] y, seq(float[n, 3]) t) {
            all = ConcatFromSequence <axis = 0> (s)
            product = MatMul (all, x)
            y = Exp (product)
            t = SequenceInsert (s, all)
        }"""
    )
    engine = Engine.open(ingot.build(model).to_bytes())
    session = ingot.load(engine, device="cpu")
    assert [port.container for port in session.inputs] == ["sequence", ""]
    assert [port.container for port in session.outputs] == ["", "sequence"]
    feeds = ingot.runtime.sample_inputs(session.inputs, {"x": (3,)})
    found = session.run(feeds)
    whole = np.concatenate(feeds["s"])
    np.testing.assert_allclose(found["y"], np.exp(whole @ feeds["x"]), rtol=1e-5)
    assert [item.shape for item in found["t"]] == [(2, 3), (2, 3), (4, 3)]
    assert not any(np.may_share_memory(item, given) for item in found["t"] for given in feeds["s"])
    assert session.profile(repeats=1).steps


def test_a_known_branch_inside_a_body_may_give_an_outer_tensor() -> None:
    model = parser.parse_model(
        HEADER
        + """
        g (float[4] x, int64 turns) => (float[4] y) {
            yes = Constant <value = bool {1}> ()
            y = Loop (turns, , x) <body = b
                (int64 i, bool on, float[4] v) => (bool again, float[4] w) {
                    again = Identity (on)
                    part = If (yes) <
                        then_branch = f () => (float[4] x) { },
                        else_branch = h () => (float[4] u) { u = Neg (x) }
                    >
                    w = Add (v, part)
                }>
        }"""
    )
    x = floats(4)
    with ingot.load(ingot.build(model), device="cpu") as session:
        found = session.run({"x": x, "turns": np.array(3)})["y"]
    np.testing.assert_allclose(found, 4 * x, rtol=1e-6)
