# SPDX-License-Identifier: Apache-2.0
"""`make test-gpu`: runs what is left of the parts, in several processes, for a few minutes.

Ends with 0 when everything has been tested and was right, 3 when time ran out (call it again: it
goes on where it was), 1 when something is wrong, 2 without a GPU. `--again` repeats the wrong ones.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from tests.gpu.state import State
from tests.gpu.tasks import PARTS, run, tasks

from ingot.errors import IngotError
from ingot.targets import open_target

SHARED = {"ops": 12, "device": 4, "kernels": 12, "numerics": 1, "networks": 6, "conformance": 12}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--minutes", type=float, default=8.0, help="stop after (default 8)")
    parser.add_argument("--only", default="", help="tasks whose names start so")
    parser.add_argument("--again", action="store_true", help="repeat what went wrong")
    options = parser.parse_args(arguments)
    end = time.monotonic() + 60 * options.minutes
    try:
        print(f"device: {open_target('cuda').spec}", flush=True)
    except IngotError as error:
        print(f"test-gpu: {error}", file=sys.stderr)
        return 2
    finished = [run_part(part, options, end) for part in options.parts]
    wrong = [task for part in options.parts for task in State(part).wrong]
    print(f"wrong: {len(wrong)} {' '.join(wrong[:60])}")
    if not all(finished):
        print("unfinished: run it again")
    return 1 if wrong else 0 if all(finished) else 3


def run_part(part: str, options: argparse.Namespace, end: float) -> bool:
    """Run the tasks that are left until time is up; whether none is left."""
    state = State(part)
    known = [name for name in tasks(part) if name.startswith(options.only)]
    waiting = state.left(known, again=options.again)
    total, start = len(waiting), time.monotonic()
    workers = max(1, min(SHARED[part], os.cpu_count() or 1))
    os.environ["INGOT_WORKERS"] = str(max(1, (os.cpu_count() or 1) // workers))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        running: set[Future[tuple[str, str]]] = set()
        while (waiting and time.monotonic() < end) or running:
            while waiting and len(running) < workers and time.monotonic() < end:
                running.add(pool.submit(run, part, waiting.pop(0)))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                name, wrong = future.result()
                state.add(name, wrong)
                if wrong:
                    print(f"WRONG {part} {name}: {wrong[:1500]}", flush=True)
    tested = total - len(waiting)
    print(f"{part}: {tested} tested in {time.monotonic() - start:.0f} s, {len(waiting)} left")
    return not waiting


if __name__ == "__main__":
    sys.exit(main())
