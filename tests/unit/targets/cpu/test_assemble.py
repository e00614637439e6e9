# SPDX-License-Identifier: Apache-2.0
"""Compiling here and in helper processes: same images, clear errors, no process left."""

import sys
import threading
import time

import pytest
from tests.unit.targets.cpu import handwritten

from ingot.errors import CompileError
from ingot.targets.cpu import assemble, helper
from ingot.targets.cpu.assemble import Assembler
from ingot.targets.cpu.helper import Helper

BROKEN = "define void @kernel() { ret i32 }"
FOREIGN = "declare void @f()\ndefine void @kernel() {\ncall void @f()\nret void\n}"


def texts(count: int) -> dict[str, str]:
    """Kernels of different lengths: the longest are as long as real ones."""
    step = "  %x{n} = mul i64 %x{m}, {k}\n"
    made = {}
    for number in range(count):
        body = "".join(
            step.format(n=n, m=n - 1, k=2 * n + number + 3) for n in range(1, 40 * number + 2)
        )
        made[f"k{number}"] = (
            f"define i64 @kernel(i64 %x0) nounwind {{\n{body}  ret i64 %x{40 * number + 1}\n}}\n"
        )
    return made


@pytest.fixture
def eager_helpers(monkeypatch) -> None:
    monkeypatch.setattr(assemble, "_FIRST_HELPER", 0)
    monkeypatch.setattr(assemble, "_NEXT_HELPER", 1)


def run(sources, workers: int, **more) -> dict[str, bytes]:
    assembler = Assembler(handwritten.machine(), workers, **more)
    for key, text in sources.items():
        assembler.add(key, text)
    return assembler.finish()


def test_helpers_make_the_same_images(eager_helpers) -> None:
    sources = texts(12)
    alone = run(sources, 1)
    assert alone.keys() == sources.keys()
    assert run(sources, 3) == alone


def test_helpers_do_work_while_texts_are_added(eager_helpers) -> None:
    assembler = Assembler(handwritten.machine(), 2)
    assembler.add("k", handwritten.MIRROR)
    end = time.monotonic() + 30
    while not assembler._images and time.monotonic() < end:
        time.sleep(0.01)
    assert assembler._images.keys() == {"k"}
    assert assembler.finish()["k"] == handwritten.image(handwritten.MIRROR)


def test_small_jobs_start_no_process(monkeypatch) -> None:
    def refuse(machine):
        raise AssertionError("started a helper")

    monkeypatch.setattr(assemble, "Helper", refuse)
    assert len(run(texts(4), 8)) == 4


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    ("text", "reason"), [(BROKEN, "does not compile: "), (FOREIGN, "foreign symbol 'f'")]
)
def test_a_text_that_fails_is_named(eager_helpers, workers, text, reason) -> None:
    with pytest.raises(CompileError, match=f"kernel 'wrong'.*{reason}"):
        run({**texts(5), "wrong": text}, workers)


def test_nothing_is_left_running(eager_helpers) -> None:
    before = threading.active_count()
    assembler = Assembler(handwritten.machine(), 3)
    for key, text in texts(6).items():
        assembler.add(key, text)
    processes = [each._process for each, _ in assembler._helpers]
    assembler.close()
    assert all(process.poll() is not None for process in processes)
    assert threading.active_count() == before


def test_an_interpreter_that_is_none_leaves_the_work_here(eager_helpers, monkeypatch, tmp_path):
    expected = run(texts(5), 1)
    for executable in (str(tmp_path / "missing"), "/bin/true", ""):
        monkeypatch.setattr(sys, "executable", executable)
        assert run(texts(5), 3) == expected


def test_a_helper_that_dies_fails_the_kernel_that_it_held() -> None:
    with Helper(handwritten.machine()) as process:
        assert process.ready()
        process.kill()
        with pytest.raises(RuntimeError, match="the compiler process ended"):
            process.compile(handwritten.MIRROR, handwritten.machine())


def test_a_helper_that_hangs_is_ended(monkeypatch) -> None:
    monkeypatch.setattr(helper, "_arguments", lambda machine: ["-c", SLOW])
    with Helper(handwritten.machine(), timeout=0.3) as process:
        assert process.ready()
        start = time.monotonic()
        with pytest.raises(RuntimeError, match="took more than 0 s"):
            process.compile(handwritten.MIRROR, handwritten.machine())
        assert time.monotonic() - start < 10


SLOW = """
import sys, time
sys.stdout.buffer.write(b"ingot-helper\\n")
sys.stdout.buffer.flush()
time.sleep(60)
"""


def test_progress_counts_up_to_all() -> None:
    seen = []
    run(texts(4), 1, progress=lambda stage, done, total: seen.append((stage, done, total)))
    assert seen[-1] == ("compile", 4, 4)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
