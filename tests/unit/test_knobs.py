# SPDX-License-Identifier: Apache-2.0
"""Knobs: defaults, values, and values that do not fit."""

import re
from pathlib import Path

import pytest

from ingot import host, knobs
from ingot.errors import UsageError

SOURCE = Path(knobs.__file__).parent


@pytest.mark.parametrize("knob", knobs.ALL, ids=lambda knob: knob.variable)
def test_every_knob_has_a_name_a_doc_and_a_default(knob, monkeypatch):
    monkeypatch.delenv(knob.variable, raising=False)
    assert knob.variable.startswith("INGOT_")
    assert knob.doc.endswith(".")
    knob.get()


@pytest.mark.parametrize(
    ("knob", "text", "value"),
    [
        (knobs.THREADS, "3", 3),
        (knobs.DEBUG, "2", 2),
        (knobs.VERIFY, "on", True),
        (knobs.VERIFY, "FALSE", False),
        (knobs.CACHE_DIR, "/a/b", Path("/a/b")),
        (knobs.TRACE, "t.json", Path("t.json")),
    ],
)
def test_values_are_read(knob, text, value):
    with knob.override(text):
        assert knob.get() == value


def test_an_override_ends_with_its_block(monkeypatch):
    monkeypatch.delenv("INGOT_THREADS", raising=False)
    with knobs.THREADS.override("5"), knobs.THREADS.override("6"):
        assert knobs.THREADS.get() == 6
    assert knobs.THREADS.get() == host.physical_cores()


@pytest.mark.parametrize(
    ("knob", "text", "message"),
    [
        (knobs.THREADS, "0", "INGOT_THREADS: takes a whole number of at least 1, is '0'"),
        (knobs.THREADS, "two", "INGOT_THREADS: takes a whole number of at least 1, is 'two'"),
        (knobs.VERIFY, "maybe", "INGOT_VERIFY: takes on or off, is 'maybe'"),
        (knobs.DEBUG, "-1", "INGOT_DEBUG: takes a level, 0 to 3, is '-1'"),
    ],
)
def test_a_value_that_does_not_fit_is_an_error(knob, text, message):
    with knob.override(text), pytest.raises(UsageError) as caught:
        knob.get()
    assert message in str(caught.value)


def test_no_other_file_reads_the_environment():
    readers = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(r"os\.environ\b|os\.getenv", path.read_text(encoding="utf-8"))
    }
    assert readers <= {"knobs.py", "host.py", "targets/cpu/helper.py"}


def test_every_variable_in_the_sources_is_declared():
    mentioned = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"\bINGOT_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    assert mentioned <= {knob.variable for knob in knobs.ALL}
