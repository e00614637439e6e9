# SPDX-License-Identifier: Apache-2.0
"""Run the ONNX backend suite and tell what differs from `known_failures.txt`.

    python -m tests.conformance.suite [--target cpu] [--only REGEX] [--known] [--update]

`--known` runs only cases that are known to fail; `--update` takes those that pass off the list. A
case that takes longer than a minute, or takes the process down, counts as failed.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable

from tests.conformance.cases import ENTRY, KNOWN_FAILURES, Case, cases, known_failures

from ingot import backend
from ingot.errors import IngotError

SECONDS = 60


def passes(case: Case, target: str) -> None:
    """Run a case; raises IngotError, or AssertionError for a wrong result."""
    session = backend.prepare(case.model, target)
    for inputs, outputs in case.data():
        case.check(session.run(inputs), outputs)


def outcome(case: Case, target: str) -> str:
    """Why a case fails, or nothing."""
    signal.alarm(SECONDS)
    try:
        passes(case, target)
    except (IngotError, AssertionError) as error:
        return str(error).strip().splitlines()[-1].strip()[:150]
    except Exception as error:  # the suite goes on; the test of this case tells more
        return f"{type(error).__name__}: {str(error)[:120]}"
    finally:
        signal.alarm(0)
    return ""


def update(passed: Iterable[str], target: str) -> None:
    """Take cases off the list; one that only the reference passes stays for the CPU."""
    gone = set(passed)
    kept = []
    for line in KNOWN_FAILURES.read_text(encoding="utf-8").splitlines():
        entry = ENTRY.fullmatch(line)
        if not (entry and entry[1] in gone and entry[2] in (None, target)):
            kept.append(line)
        elif target == "reference" and entry[2] is None:
            kept.append(f"{entry[1]} [cpu]: {entry[3]}")
    KNOWN_FAILURES.write_text("\n".join(kept) + "\n", encoding="utf-8")


def main() -> int:
    """Run what the command line asks for; 1 where something differs from the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="cpu")
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--known", action="store_true")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _too_slow)
    known = known_failures(options.target)
    names = [name for name in cases() if re.search(options.only, name)]
    names = [name for name in names if name in known or not options.known]
    counts: Counter[str] = Counter()
    fixed = []
    start = time.monotonic()
    for name in names:
        why = outcome(cases()[name], options.target)
        counts["failed" if why else "passed"] += 1
        if why and name not in known:
            print(f"fails:  {name}: {why}", flush=True)
            counts["unexpected"] += 1
        elif not why and name in known:
            print(f"passes: {name}", flush=True)
            fixed.append(name)
    if options.update:
        update(fixed, options.target)
    print(f"{options.target}: {dict(counts)} in {time.monotonic() - start:.0f} s")
    return 1 if counts["unexpected"] or (fixed and not options.update) else 0


def _too_slow(*_: object) -> None:
    raise TimeoutError(f"takes longer than {SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())
