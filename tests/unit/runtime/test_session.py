# SPDX-License-Identifier: Apache-2.0
"""Sessions: strategies, kept shapes, faults, clones, threads, forks, closing."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.unit.runtime.fakes import Smith, assert_right, inputs, net, open_session

from ingot import knobs
from ingot.errors import CompileError, InputError, ResourceError, RunError, UsageError
from ingot.runtime import forging
from ingot.runtime.session import SHAPES_KEPT


@pytest.fixture
def smith():
    return Smith()


def test_lazy_serves_at_once_and_swaps(monkeypatch, smith):
    session, device = open_session(monkeypatch, smith, "lazy")
    with session:
        assert session.state == "ready"
        assert_right(session.run(inputs(4)), inputs(4))
        assert session.state == "specializing"
        assert not session.wait_ready(timeout=0.02)
        smith.gate.set()
        assert session.wait_ready()
        assert session.state == "ready"
        assert_right(session.run(inputs(4, seed=2)), inputs(4, seed=2))
        assert device.log == [("generic", {"batch": 4}), ("specialised", {"batch": 4})]
        assert device.released == [4], "the generic executable is given back"
        assert smith.asked == [{}, {"batch": 4}]
    assert device.closed and device.released == [4, 4]


def test_lazy_swaps_without_being_asked_to_wait(monkeypatch, smith):
    smith.gate.set()
    session, device = open_session(monkeypatch, smith, "lazy")
    with session:
        for _ in range(2000):
            session.run(inputs(2))
            if device.log[-1][0] == "specialised":
                return
            threading.Event().wait(0.005)
    pytest.fail("never swapped")


def test_eager_specialises_first(monkeypatch, smith):
    smith.gate.set()
    session, device = open_session(monkeypatch, smith, "eager")
    with session:
        assert_right(session.run(inputs(7)), inputs(7))
        assert device.log == [("specialised", {"batch": 7})]
        assert smith.asked == [{"batch": 7}]
        session.prepare({"x": (5, 3), "k": (5,)})
        assert smith.asked == [{"batch": 7}, {"batch": 5}]


def test_none_stays_generic(monkeypatch, smith):
    session, device = open_session(monkeypatch, smith, "none")
    with session:
        for batch in (1, 9, 1):
            assert_right(session.run(inputs(batch)), inputs(batch))
        assert session.state == "ready"
        assert {kind for kind, _ in device.log} == {"generic"}
        assert smith.asked == [{}]


def test_a_failed_specialisation_is_told_and_the_generic_program_goes_on(
    monkeypatch, smith, capsys
):
    monkeypatch.setenv("INGOT_DEBUG", "1")
    smith.error = CompileError("kernel 'k': no luck")
    smith.gate.set()
    session, device = open_session(monkeypatch, smith, "lazy")
    with session:
        session.run(inputs(4))
        with pytest.raises(CompileError, match="no luck"):
            session.wait_ready()
        assert session.wait_ready()
        assert_right(session.run(inputs(4)), inputs(4))
        assert [kind for kind, _ in device.log] == ["generic", "generic"]
    assert "specialising for batch=4 failed" in capsys.readouterr().err


def test_closing_stops_the_background(monkeypatch, smith):
    session, device = open_session(monkeypatch, smith, "lazy")
    session.run(inputs(3))
    session.run(inputs(4))
    session.close()
    session.close()
    assert device.closed and session.state == "closed"
    assert not [t for t in threading.enumerate() if t.name == "ingot-specialize"]
    for call in (lambda: session.run(inputs(3)), session.wait_ready, session.clone):
        with pytest.raises(UsageError, match="session 'net': closed"):
            call()


def test_shapes_used_last_are_kept(monkeypatch, smith):
    session, device = open_session(monkeypatch, smith, "none")
    with session:
        for batch in range(1, SHAPES_KEPT + 1):
            session.run(inputs(batch))
        session.run(inputs(1))
        session.run(inputs(SHAPES_KEPT + 1))
        assert device.released == [2]


def test_shapes_that_nobody_waits_for_are_not_specialised(monkeypatch, smith):
    session, _ = open_session(monkeypatch, smith, "lazy")
    with session:
        session.run(inputs(1))
        while {"batch": 1} not in smith.asked:
            time.sleep(0.001)
        for batch in range(2, 31):
            session.run(inputs(batch))
        smith.gate.set()
        session.wait_ready()
        forged = [binding["batch"] for binding in smith.asked if binding]
        assert forged == [1, *range(31 - SHAPES_KEPT, 31)], "the first had begun"


def test_memory_limit(monkeypatch, smith):
    session, device = open_session(monkeypatch, smith, "none", memory_limit=10_000)
    with session:
        session.run(inputs(4))
        session.run(inputs(3))
        assert session.stats.memory_bytes == 4000, "one arena serves all shapes"
        with pytest.raises(ResourceError, match="needs 11000 bytes, memory_limit is 10000"):
            session.run(inputs(11))
        assert device.released == [11]
        assert_right(session.run(inputs(10)), inputs(10))


def test_a_better_program_that_needs_too_much_is_left(monkeypatch, smith, capsys):
    def check(plan, binding, limit):
        if plan.bound:
            raise ResourceError("session 'net': needs too much")

    monkeypatch.setattr(forging, "check_memory", check)
    session, device = open_session(monkeypatch, smith, "lazy", memory_limit=10_000)
    smith.gate.set()
    with session, knobs.DEBUG.override("1"):
        for _ in range(2):
            assert_right(session.run(inputs(4)), inputs(4))
            assert session.wait_ready()
        assert [program for program, _ in device.log] == ["generic", "generic"]
        assert not device.released
    assert "the generic program serves on: session 'net': needs too much" in capsys.readouterr().err


def test_a_fault_leaves_the_session_usable(monkeypatch, smith):
    session, device = open_session(monkeypatch, smith, "none")
    with session:
        device.fault = "gather 'g': index 9 is out of range"
        with pytest.raises(RunError, match="index 9"):
            session.run(inputs(2))
        device.fault = ""
        assert_right(session.run(inputs(2)), inputs(2))


def test_outputs_are_fresh_unless_bound(monkeypatch, smith):
    session, _ = open_session(monkeypatch, smith, "none")
    with session:
        first, second = session.run(inputs(2)), session.run(inputs(2, seed=3))
        assert not np.shares_memory(first["y"], second["y"])
        mine = np.empty((2, 5), np.float32)
        found = session.run(inputs(2), {"y": mine})
        assert found["y"] is mine and set(found) == {"y", "z"}
        assert_right(found, inputs(2))


def test_clones_share_programs_and_outlive_the_first(monkeypatch, smith):
    smith.gate.set()
    session, device = open_session(monkeypatch, smith, "eager")
    clone = session.clone()
    session.run(inputs(2))
    session.close()
    assert device.closed and not device.root.closed
    assert_right(clone.run(inputs(2)), inputs(2))
    assert smith.asked == [{"batch": 2}]
    clone.close()
    assert device.root.closed and all(one.closed for one in device.root.clones)


def test_four_threads_on_one_session(monkeypatch, smith):
    smith.gate.set()
    session, _ = open_session(monkeypatch, smith, "lazy")
    with session, ThreadPoolExecutor(4) as threads:
        given = [inputs(1 + case % 3, seed=case) for case in range(60)]
        for expected, found in zip(given, threads.map(session.run, given), strict=True):
            assert_right(found, expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_can_run_and_close(monkeypatch, smith):
    session, _ = open_session(monkeypatch, smith, "lazy")
    session.run(inputs(4))
    assert session.state == "specializing"
    child = os.fork()
    if child == 0:
        try:
            assert_right(session.run(inputs(4, seed=8)), inputs(4, seed=8))
            assert session.state == "ready"
            session.close()
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    smith.gate.set()
    assert session.wait_ready()
    session.close()


def test_stats(monkeypatch, smith):
    smith.gate.set()
    session, _ = open_session(monkeypatch, smith, "eager")
    with session:
        session.run(inputs(2))
        session.run(inputs(3))
        stats = session.stats
        assert (stats.plans, stats.kernels_compiled, stats.kernels_cached) == (2, 2, 0)
        assert stats.cast_seconds == 0.25
        assert stats.weight_bytes == 60
        assert stats.memory_bytes == 3000
        assert 0 < stats.forge_seconds < 60
        assert stats.document()["plans_cached"] == 0


def test_profile_needs_shapes(monkeypatch, smith):
    session, _ = open_session(monkeypatch, smith, "none")
    with session:
        with pytest.raises(UsageError, match="shapes are not known yet; pass inputs"):
            session.profile()
        with pytest.raises(UsageError, match="repeats=0"):
            session.profile(repeats=0)
        session.run(inputs(2))
        assert session.profile().steps == ()


def test_prepare_names_every_input(monkeypatch, smith):
    session, _ = open_session(monkeypatch, smith, "none")
    with session:
        with pytest.raises(UsageError, match="must name each input"):
            session.prepare({"x": (2, 3)})
        with pytest.raises(InputError, match="batch"):
            session.prepare({"x": (2, 3), "k": (3,)})


def test_ports(monkeypatch, smith):
    session, _ = open_session(monkeypatch, smith, "none")
    with session:
        assert [(p.name, str(p.dtype), tuple(map(str, p.shape))) for p in session.inputs] == [
            ("x", "float32", ("batch", "3")),
            ("k", "int64", ("batch",)),
        ]
        assert [port.name for port in session.outputs] == [v.name for v in net().outputs]
        assert repr(session) == "<Session 'net' on reference: ready>"
