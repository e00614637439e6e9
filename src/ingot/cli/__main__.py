# SPDX-License-Identifier: Apache-2.0
"""`ingot` and `python -m ingot.cli`: find the verb, load its file, run it.

Exit codes: 0 done, 1 the job failed, 2 wrong usage. A verb's module has `arguments(parser)` and
`run(options)`, which returns the exit code.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ingot import __version__
from ingot.errors import IngotError, UsageError

VERBS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "build": "cast an ONNX model into a portable engine file",
        "run": "run an engine or a model on given inputs",
        "bench": "measure how fast an engine or a model runs",
        "inspect": "show what is in an engine file",
        "compare": "check a model's results against ONNX Runtime or the reference",
        "explain": "tell what casting does to a model, and why a rule did not apply",
        "plan": "forge an engine for devices that are not here, into a cache to ship",
        "devices": "list the devices of this machine",
        "ops": "list the operators",
        "cache": "show, prune or clear the runtime cache",
    }
)
FAILED: Final = 1
USAGE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the process's exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser(words).parse_args(words)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except UsageError as error:
        return _fail(error, USAGE)
    except (IngotError, OSError, MemoryError) as error:
        if isinstance(error, BrokenPipeError):
            return _reader_left()
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        return _fail("interrupted", FAILED)
    return code


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; only the verb that was asked for is loaded."""
    parser = argparse.ArgumentParser(
        prog="ingot", description="Cast a model once, forge it on your device, run it."
    )
    parser.add_argument("--version", action="version", version=f"ingot {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    wanted = next((word for word in words if not word.startswith("-")), None)
    for name, summary in VERBS.items():
        verb = verbs.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
        )
        if name == wanted:
            module = importlib.import_module(f"ingot.cli.{name}")
            module.arguments(verb)
            verb.set_defaults(run=module.run)
    return parser


def _fail(error: BaseException | str, code: int) -> int:
    text = str(error) or type(error).__name__
    print(f"ingot: error: {text}", file=sys.stderr)
    for note in getattr(error, "__notes__", ()):
        print(note, file=sys.stderr)
    return code


def _reader_left() -> int:
    """The reader of our output is gone (`ingot ops | head`): stop quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
