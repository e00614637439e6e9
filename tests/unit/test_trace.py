# SPDX-License-Identifier: Apache-2.0
"""Spans, messages, levels and the timeline."""

import json
import subprocess
import sys

import pytest

from ingot import knobs, trace


def test_spans_and_messages_are_recorded_in_order():
    with trace.record() as events, trace.span("fold", graph="g"):
        trace.log("fell back", node="n")
        trace.detail("fold", "looked at 3 nodes")
    assert [(event["name"], event["ph"]) for event in events] == [
        ("fell back", "i"),
        ("fold: looked at 3 nodes", "i"),
        ("fold", "X"),
    ]
    assert events[2]["args"] == {"graph": "g"}
    assert events[2]["ts"] <= events[0]["ts"] <= events[2]["ts"] + events[2]["dur"]


def test_a_span_ends_when_its_block_raises():
    with trace.record() as events, pytest.raises(KeyError), trace.span("outer"):
        raise KeyError
    assert [event["name"] for event in events] == ["outer"]


def test_nothing_is_kept_when_nobody_records():
    with trace.span("unseen"):
        pass
    with trace.record() as events:
        pass
    assert events == []


@pytest.mark.parametrize(("level", "told"), [("0", 0), ("1", 1), ("2", 2), ("3", 3)])
def test_levels_tell_more_and_more(level, told, capsys):
    with knobs.DEBUG.override(level):
        with trace.span("stage", size=4):
            trace.log("decision")
        trace.detail("stage", "why")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == told
    assert lines[:1] == ["ingot: decision"][:told]
    if told > 1:
        assert lines[1].startswith("ingot: stage size=4: ")
    if told > 2:
        assert lines[2] == "ingot: stage: why"


def test_a_timeline_is_written_at_exit(tmp_path):
    path = tmp_path / "timeline.json"
    code = "from ingot import trace\nwith trace.span('stage', size=4): trace.log('seen')"
    environment = {"INGOT_TRACE": str(path), "PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    events = json.loads(path.read_text())["traceEvents"]
    assert [event["name"] for event in events] == ["seen", "stage"]
    assert all({"ph", "ts", "pid", "tid", "args"} <= event.keys() for event in events)
