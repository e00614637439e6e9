# SPDX-License-Identifier: Apache-2.0
"""The form of error messages."""

import pytest

from ingot import errors
from ingot.errors import IngotError, Obstacle, TextError, UnsupportedError


def test_an_error_prints_message_and_cure():
    error = IngotError("Conv 'stem': 3 input channels, has 4", cure="check the layout")
    assert str(error) == "Conv 'stem': 3 input channels, has 4; check the layout"
    assert (error.message, error.cure) == (
        "Conv 'stem': 3 input channels, has 4",
        "check the layout",
    )


def test_an_error_without_a_cure_prints_its_message():
    assert str(IngotError("no")) == "no"


def test_unsupported_lists_every_obstacle():
    obstacles = [Obstacle("a", "Loop", "no loops", "unroll it"), Obstacle("b", "STFT", "unknown")]
    error = UnsupportedError(
        "model 'm': 2 nodes cannot be cast", obstacles=obstacles, cure="export anew"
    )
    assert error.obstacles == tuple(obstacles)
    assert str(error).splitlines() == [
        "model 'm': 2 nodes cannot be cast",
        "  Loop 'a': no loops; unroll it",
        "  STFT 'b': unknown; export anew",
    ]


def test_a_text_error_names_its_line():
    error = TextError("')' expected", line=7)
    assert error.line == 7
    assert str(error) == "line 7: ')' expected"
    assert str(TextError("')' expected")) == "')' expected"


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_an_ingot_error_with_a_docstring(name):
    found = getattr(errors, name)
    assert found.__doc__
    assert found is Obstacle or issubclass(found, IngotError)
