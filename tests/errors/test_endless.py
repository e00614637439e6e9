# SPDX-License-Identifier: Apache-2.0
"""Loops that never end, or grow for ever: a run ends at its limits, and the next one is right."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import parser

import ingot
from ingot.cli.__main__ import main
from ingot.errors import ResourceError
from ingot.runtime import limits

HEADER = '<ir_version: 9, opset_import: ["" : 19]>\n'
TIME, MEMORY = 0.2, 2000
LATE = r"the run takes longer than its time_limit of 0\.2 s, at turn \d+"
CURE = r"; correct the loop's condition, raise time_limit or run smaller inputs"

ENDLESS = """
net (float[n] x, bool go) => (float[n] y) {
    [while] y = Loop (, , x) <body = turn (int64 i, bool on, float[n] v) =>
        (bool again, float[n] w) { again = Identity (go) w = Neg (v) }>
}"""
NESTED = """
net (float[n] x, bool go) => (float[n] y) {
    three = Constant <value = int64 {3}> ()
    [outer] y = Loop (, , x) <body = turn (int64 i, bool on, float[n] v) =>
        (bool again, float[n] w) {
            again = Identity (go)
            one = Constant <value = float {1}> ()
            [inner] u = Loop (three, , v) <body = part (int64 j, bool on2, float[n] s) =>
                (bool again2, float[n] t) { again2 = Identity (on2) t = Add (s, one) }>
            w = Neg (u)
        }>
}"""
BRANCHED = """
net (float[n] x, bool go) => (float[n] y) {
    y = If (go) <
        then_branch = endless () => (float[n] a) {
            [while] a = Loop (, , x) <body = turn (int64 i, bool on, float[n] v) =>
                (bool again, float[n] w) { again = Identity (go) w = Neg (v) }>
        },
        else_branch = other () => (float[n] b) { b = Neg (x) }>
}"""
WALK = """
net (float[n, 0] x) => (float s) {
    zero = Constant <value = float {0}> ()
    one = Constant <value = float {1}> ()
    [walk] s = Scan <num_scan_inputs = 1, body = turn (float v, float[0] e) =>
        (float w) { w = Add (v, one) }> (zero, x)
}"""
STACKED = """
net (float[n] x, bool go) => (float[n] last, float[t, n] y) {
    [grow] last, y = Loop (, , x) <body = turn (int64 i, bool on, float[n] v) =>
        (bool again, float[n] w, float[n] item) {
            again = Identity (go) w = Neg (v) item = Abs (v)
        }>
}"""
CAPTURED = """
net (float[n] x, bool go) => (float[t, n] y) {
    [grow] y = Loop (, ) <body = turn (int64 i, bool on) => (bool again, float[n] item) {
        again = Identity (go) item = Identity (x)
    }>
}"""
SEQUENCE = """
net (float[n] x, bool go) => (float[k] y) {
    none = SequenceEmpty ()
    [grow] all = Loop (, , none) <body = turn (int64 i, bool on, seq(float[n]) v) =>
        (bool again, seq(float[n]) w) {
            again = Identity (go) item = Neg (x) w = SequenceInsert (v, item)
        }>
    y = ConcatFromSequence <axis = 0> (all)
}"""
CARRIED = """
net (float[n] x, bool go) => (float[k] y) {
    [grow] y = Loop (, , x) <body = turn (int64 i, bool on, float[p] v) =>
        (bool again, float[q] w) { again = Identity (go) w = Concat <axis = 0> (v, x) }>
}"""
STACKED_TWICE = """
net (float[n] x, bool go) => (float[t, 3, n] y) {
    three = Constant <value = int64 {3}> ()
    [grow] y = Loop (, ) <body = turn (int64 i, bool on) => (bool again, float[3, n] part) {
        again = Identity (go)
        [rows] part = Loop (three, ) <body = row (int64 j, bool on2) =>
            (bool again2, float[n] item) { again2 = Identity (on2) item = Neg (x) }>
    }>
}"""
X = np.float32([1, -2, 3])
ON, OFF = {"x": X, "go": np.array(True)}, {"x": X, "go": np.array(False)}


def model(text: str) -> onnx.ModelProto:
    return parser.parse_model(HEADER + text)


def opened(text: str, device: str, **options: Any) -> ingot.Session:
    return ingot.load(ingot.build(model(text)), device=device, threads=1, **options)


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        (ENDLESS, f"loop 'while': {LATE}", -X),
        (NESTED, rf"loop '(outer|outer/inner)': {LATE}( within turn \d+ of loop 'outer')?", -X - 3),
        (BRANCHED, f"loop '.*while': {LATE}", -X),
    ],
    ids=["endless", "nested", "branched"],
)
def test_a_loop_that_never_ends(text: str, where: str, expected: Any, target: str) -> None:
    with opened(text, target, time_limit=TIME) as session:
        for _ in range(2):
            start = monotonic()
            with pytest.raises(ResourceError, match=f"^{where}{CURE}$"):
                session.run(ON)
            assert monotonic() - start >= TIME
            np.testing.assert_array_equal(session.run(OFF)["y"], expected)


@pytest.mark.parametrize("specialize", ["none", "eager", "lazy"])
def test_every_program_of_a_session_is_limited(specialize: Any) -> None:
    with opened(ENDLESS, "cpu", time_limit=TIME, specialize=specialize) as session:
        session.run(OFF)
        session.wait_ready()
        with session.clone() as other:
            for one in (session, other):
                with pytest.raises(ResourceError, match=f"^loop 'while': {LATE}{CURE}$"):
                    one.run(ON)
                np.testing.assert_array_equal(one.run(OFF)["y"], -X)


def test_a_specialised_program_is_limited_in_memory_too() -> None:
    with opened(STACKED, "cpu", memory_limit=MEMORY, time_limit=20, specialize="lazy") as session:
        session.run(OFF)
        assert session.wait_ready()
        with pytest.raises(ResourceError, match="memory_limit is 2000"):
            session.run(ON)


def test_a_scan_of_nothing_that_is_long(target: str) -> None:
    with opened(WALK, target, time_limit=TIME) as session:
        with pytest.raises(ResourceError) as caught:
            session.run({"x": np.zeros((1 << 40, 0), np.float32)})
        assert caught.value.message.startswith("scan 'walk': the run takes longer than its time")
        assert caught.value.cure == "raise time_limit or run smaller inputs"
        assert session.run({"x": np.zeros((7, 0), np.float32)})["s"] == 7


def test_the_turns_around_are_told(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock of one second a look; a whole turn of `outer` looks at it nine times."""
    with opened(NESTED, target, time_limit=12, specialize="none") as session:
        with monkeypatch.context() as patch:
            patch.setattr(limits, "monotonic", iter(range(1000)).__next__)
            with pytest.raises(ResourceError) as caught:
                session.run(ON)
        assert caught.value.message == (
            "loop 'outer/inner': the run takes longer than its time_limit of 12 s, "
            "at turn 0 within turn 1 of loop 'outer'"
        )
        np.testing.assert_array_equal(session.run(OFF)["y"], -X - 3)


def test_the_time_between_segments(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """net (float[n] x) => (int64[1, k] places) {
        zero = Constant <value = float {0}> ()
        above = Greater (x, zero)
        places = NonZero (above)
    }"""
    with opened(text, target, time_limit=1, specialize="none") as session:
        with monkeypatch.context() as patch:
            patch.setattr(limits, "monotonic", iter(range(1000)).__next__)
            with pytest.raises(ResourceError) as caught:
                session.run({"x": X})
        assert str(caught.value) == (
            "session 'net': the run takes longer than its time_limit of 1 s, before 'places' is "
            "computed; raise time_limit or run smaller inputs"
        )
        np.testing.assert_array_equal(session.run({"x": X})["places"], [[0, 2]])


def test_one_program_is_not_interrupted(target: str) -> None:
    text = "net (float[n] x) => (float[n] y) { y = Neg (x) }"
    with opened(text, target, time_limit=1e-9) as session:
        np.testing.assert_array_equal(session.run({"x": X})["y"], -X)


# Beside its elements each array counts 128 bytes; what is carried on is the flag, then the state.
@pytest.mark.parametrize(
    ("text", "place", "needed", "expected"),
    [
        (STACKED, "turn 12", 13 * 140 + 129 + 140, np.abs(X)[None]),
        (CAPTURED, "turn 13", 14 * 140 + 129, X[None]),
        (SEQUENCE, "turn 13", 14 * 140 + 129, -X),
        (CARRIED, "turn 144", 146 * 12 + 128 + 129, np.tile(X, 2)),
        (STACKED_TWICE, "turn 2 within turn 9 of loop 'grow'", 9 * 164 + 3 * 140 + 129,
         -np.tile(X, (1, 3, 1))),
    ],
    ids=["stacked", "captured", "sequence", "carried", "stacked twice"],
)  # fmt: skip
def test_a_loop_that_grows_for_ever(
    text: str, place: str, needed: int, expected: Any, target: str
) -> None:
    name = "grow/rows" if text is STACKED_TWICE else "grow"
    with opened(text, target, memory_limit=MEMORY, time_limit=20) as session:
        for _ in range(2):
            with pytest.raises(ResourceError) as caught:
                session.run(ON)
            assert caught.value.message == (
                f"loop '{name}': needs at least {needed} bytes at {place}, memory_limit is 2000"
            )
            assert caught.value.cure == (
                "correct the loop's condition, raise memory_limit or run smaller inputs"
            )
            np.testing.assert_array_equal(session.run(OFF)["y"], expected)


@pytest.mark.parametrize("most", ["", "most"], ids=["endless", "2**62 turns"])
@pytest.mark.parametrize("stack", [False, True], ids=["carried", "stacked"])
def test_casting_leaves_loops_over_constants_to_the_run(
    most: str, stack: bool, target: str
) -> None:
    item = (", float[t, 3] all", ", all", ", float[3] s", "s = Exp (v)") if stack else ("",) * 4
    text = f"""
        net (float[3] x) => (float[3] y{item[0]}) {{
            most = Constant <value = int64 {{{1 << 62}}}> ()
            yes = Constant <value = bool {{1}}> ()
            start = Constant <value = float[3] {{1, 2, 3}}> ()
            [while] last{item[1]} = Loop ({most}, yes, start) <body = turn
                (int64 i, bool on, float[3] v) => (bool again, float[3] w{item[2]})
                {{ again = Identity (on) w = Neg (v) {item[3]} }}>
            y = Add (last, x)
        }}"""
    with (
        opened(text, target, time_limit=TIME) as session,
        pytest.raises(ResourceError, match=f"^loop 'while': {LATE}{CURE}$"),
    ):
        session.run({"x": X})


def test_casting_leaves_scans_over_constants_to_the_run(target: str) -> None:
    text = f"""
        net (float x) => (float y) {{
            sizes = Constant <value = int64[2] {{{1 << 40}, 0}}> ()
            rows = ConstantOfShape (sizes)
            one = Constant <value = float {{1}}> ()
            [walk] s = Scan <num_scan_inputs = 1, body = turn (float v, float[0] e) =>
                (float w) {{ w = Add (v, one) }}> (one, rows)
            y = Add (s, x)
        }}"""
    with (
        opened(text, target, time_limit=TIME) as session,
        pytest.raises(ResourceError, match=f"^scan 'walk': {LATE}; raise time_limit"),
    ):
        session.run({"x": np.float32(1)})


def test_a_profile_is_limited_and_leaves_nothing_behind(target: str) -> None:
    with opened(CARRIED, target, time_limit=TIME, specialize="none") as session:
        rows = len(session.profile(OFF, repeats=2).steps)
        with pytest.raises(ResourceError, match=f"^loop 'grow': {LATE}{CURE}$"):
            session.profile(ON, repeats=2)
        assert len(session.profile(OFF, repeats=2).steps) == rows > 0


@pytest.mark.parametrize("verb", ["run", "bench", "compare"])
def test_verbs_take_the_limit(verb: str, tmp_path: Path, capsys: Any) -> None:
    onnx.save(model(ENDLESS), tmp_path / "endless.onnx")
    np.save(tmp_path / "go.npy", ON["go"])
    words = [str(tmp_path / "endless.onnx"), "--device", "cpu", "--input"]
    words.append(f"go={tmp_path / 'go.npy'}")
    assert main([verb, *words, "--time-limit", "0.2"]) == 1
    assert "loop 'while': the run takes longer than its time_limit" in capsys.readouterr().err
    assert main([verb, *words, "--time-limit", "0"]) == 2
    assert "time_limit=0.0: must be greater than 0" in capsys.readouterr().err
