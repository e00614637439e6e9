# SPDX-License-Identifier: Apache-2.0
"""Forging through the runtime cache, and the order of printing and assembling."""

from collections.abc import Mapping

import numpy as np
import pytest

from ingot.errors import CompileError
from ingot.ir.text import parse_graph
from ingot.jit.cache import Cache
from ingot.jit.compile import code_keys
from ingot.jit.forge import forge
from ingot.spec import by_name
from ingot.targets.reference.target import ReferenceTarget

TEXT = """graph net portable
  symbol n 1..64
  input %x: float32[n, 4]
  weight %w: float32[4, 4] = @w
  %a: float32[n, 4] = matmul(%x, %w) from first
  %b: float32[n, 4] = exp(%a) from second
  %c: float32[n, 4] = matmul(%b, %w) from third
  %d: float32[n, 4] = tanh(%c) from fourth
  output %d
"""


def graph(rng):
    return parse_graph(TEXT, {"w": rng.standard_normal((4, 4)).astype("f4")})


class Recorder:
    """An assembler that notes what happens; `fail` is a kernel key that it refuses."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.texts: dict[str, str] = {}

    def add(self, key: str, text: str) -> None:
        self.log.append("add")
        self.texts[key] = text

    def finish(self) -> Mapping[str, bytes]:
        self.log.append("finish")
        return {key: text.encode() for key, text in self.texts.items()}

    def close(self) -> None:
        self.log.append("close")


class Recording(ReferenceTarget):
    def __init__(self, refused: str = "") -> None:
        super().__init__(by_name("reference"))
        object.__setattr__(self, "log", [])
        object.__setattr__(self, "refused", refused)

    def assembler(self, progress=None) -> Recorder:
        return Recorder(self.log)

    def candidates(self, options):
        return tuple(Refusing(one, self.refused, self.log) for one in super().candidates(options))


class Refusing:
    """A candidate that notes when it prints, and fails for one node."""

    def __init__(self, candidate, refused: str, log: list[str]) -> None:
        self._candidate = candidate
        self._refused = refused
        self._log = log

    def __getattr__(self, name: str):
        return getattr(self._candidate, name)

    def build(self, placed, spec):
        if placed.region.name == self._refused:
            raise CompileError(f"no kernel for '{self._refused}'")
        self._log.append("print")
        return self._candidate.build(placed, spec)


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path)


def make(target, rng, cache=None, binding=None, key="engine"):
    return forge(key, lambda: graph(rng), target, binding or {}, {}, cache)


def test_each_kernel_is_assembled_as_soon_as_it_is_printed(rng) -> None:
    target = Recording()
    forged = make(target, rng)
    assert target.log[:4] == ["print", "add", "print", "add"]
    assert target.log[-2:] == ["finish", "close"]
    assert forged.kernels_compiled == target.log.count("add") == len(forged.images)
    assert set(code_keys(forged.plan, target)) <= forged.images.keys()


def test_a_failure_while_printing_closes_the_assembler(rng) -> None:
    target = Recording(refused="fourth")
    with pytest.raises(CompileError, match="no kernel for 'fourth'"):
        make(target, rng)
    assert "finish" not in target.log
    assert target.log[-1] == "close"


def test_a_second_forging_prints_nothing(rng, cache) -> None:
    target = Recording()
    first = make(target, rng, cache)
    target.log.clear()
    second = forge("engine", pytest.fail, target, {}, {}, cache)
    assert target.log == []
    assert (second.plan_cached, second.kernels_compiled) == (True, 0)
    assert second.plan == first.plan
    assert {key: second.images[key] for key in second.plan.kernels()} == dict(second.images)


def test_a_plan_that_is_gone_is_made_from_kernels_that_are_there(rng, cache) -> None:
    target = Recording()
    make(target, rng, cache)
    for path in cache.directory.glob("plan-*"):
        path.unlink()
    again = make(target, rng, cache)
    assert (again.plan_cached, again.kernels_compiled) == (False, 0)


def test_a_kernel_that_is_gone_is_made_again(rng, cache) -> None:
    target = Recording()
    first = make(target, rng, cache)
    next(iter(cache.directory.glob("kernel-*"))).unlink()
    again = make(target, rng, cache)
    assert (again.plan_cached, again.kernels_compiled) == (False, 1)
    assert again.images == first.images
    assert make(target, rng, cache).plan_cached


@pytest.mark.parametrize("content", [b"", b"garbage \xff", b"plan []\n"])
def test_a_plan_that_is_unreadable_is_made_again(rng, cache, content) -> None:
    target = Recording()
    make(target, rng, cache)
    (name,) = (entry.name for entry in cache.entries() if entry.name.startswith("plan-"))
    cache.store(name, content)
    assert not make(target, rng, cache).plan_cached
    assert make(target, rng, cache).plan_cached


def test_sizes_engine_and_options_have_plans_of_their_own(rng, cache) -> None:
    target = Recording()
    make(target, rng, cache)
    assert not make(target, rng, cache, {"n": 3}).plan_cached
    assert not make(target, rng, cache, key="another").plan_cached
    assert not forge("engine", lambda: graph(rng), target, {}, {"on": True}, cache).plan_cached
    assert make(target, rng, cache, {"n": 3}).plan_cached
    np.testing.assert_equal(make(target, rng, cache, {"n": 3}).plan.bound, {"n": 3})
