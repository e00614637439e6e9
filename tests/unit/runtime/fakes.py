# SPDX-License-Identifier: Apache-2.0
"""A device that computes with the records, slowly and surely, and remembers what was asked of it.

Forging is replaced by a function that makes an empty plan, so that tests of sessions control when
a program is ready and see which program served a run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ingot import spec
from ingot.engine import Engine
from ingot.errors import RunError
from ingot.ir.graph import Graph
from ingot.ir.text import parse_graph
from ingot.jit import Forged
from ingot.ops.evaluate import evaluate_graph
from ingot.plan import Plan
from ingot.runtime import forging
from ingot.runtime.background import Background
from ingot.runtime.limits import Limits
from ingot.runtime.session import Core, Session

TEXT = """
graph net portable
  symbol batch 1..64
  input %x: float32[batch, 3]
  input %k: int64[batch]
  weight %w: float32[3, 5] = @w
  %h: float32[batch, 5] = matmul(%x, %w)
  %y: float32[batch, 5] = relu(%h)
  %z: int64[batch] = add(%k, %k)
  output %y
  output %z
"""


def net() -> Graph:
    random = np.random.default_rng(0)
    return parse_graph(TEXT, {"w": random.standard_normal((3, 5)).astype(np.float32)})


def inputs(batch: int, seed: int = 1) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        "x": random.standard_normal((batch, 3)).astype(np.float32),
        "k": random.integers(-9, 9, batch),
    }


def assert_right(found: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray]) -> None:
    for name, expected in evaluate_graph(net(), given).items():
        np.testing.assert_array_equal(found[name], expected)


class FakeExecutable:
    def __init__(self, device: FakeDevice, plan: Plan, binding: Mapping[str, int]) -> None:
        self.device, self.plan, self.binding = device, plan, dict(binding)
        self.memory = 1000 * binding.get("batch", 1)
        self.closed = False

    def run(self, inputs: Any, outputs: Any) -> None:
        assert not self.closed and not self.device.closed
        assert self.plan.bound in ({}, self.binding)
        self.device.log.append(("specialised" if self.plan.bound else "generic", self.binding))
        if self.device.fault:
            raise RunError(self.device.fault)
        for name, value in evaluate_graph(self.device.graph, inputs).items():
            outputs[name][...] = value

    def profile(self, inputs: Any, outputs: Any, repeats: int) -> list[float]:
        return [0.001 * repeats for _ in self.plan.steps]

    def close(self) -> None:
        assert not self.closed
        self.closed = True
        self.device.released.append(self.binding["batch"])


@dataclass
class FakeDevice:
    graph: Graph
    log: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    clones: list[FakeDevice] = field(default_factory=list)
    closed: bool = False
    root: FakeDevice | None = None
    fault: str = ""

    def load(self, images: Mapping[str, bytes]) -> object:
        return object()

    def setup(
        self,
        plan: Plan,
        module: object,
        weights: Mapping[str, np.ndarray],
        release: Callable[[], None],
    ) -> object:
        assert set(weights) == {"w"}
        return object()

    def bind(
        self, plan: Plan, module: object, binding: Mapping[str, int], constants: object
    ) -> FakeExecutable:
        return FakeExecutable(self, plan, binding)

    def adopt(self, value: object) -> None:
        return None

    def copy(self, target: Any, source: Any) -> None:
        np.copyto(target, source)

    def use_stream(self, stream: int | None) -> None:
        assert stream is None

    def clone(self) -> FakeDevice:
        self.clones.append(FakeDevice(self.graph, root=self))
        return self.clones[-1]

    def close(self) -> None:
        assert not self.closed
        self.closed = True


class FakeTarget:
    name = "fake"
    spec = spec.by_name("reference")


@dataclass
class Smith:
    """Stands for `jit.forge`: `gate` holds specialised programs back, `error` makes them fail."""

    gate: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    asked: list[dict[str, int]] = field(default_factory=list)

    def __call__(
        self, key: str, graph: Callable[[], Graph], target: FakeTarget,
        binding: Mapping[str, int], options: Mapping[str, bool], cache: None, progress: Any,
    ) -> Forged:  # fmt: skip
        self.asked.append(dict(binding))
        if binding:
            while not self.gate.wait(0.005):
                if progress is not None:
                    progress("kernels", 0, 1)
            if self.error is not None:
                raise self.error
        plan = Plan(
            "net", "fake", target.spec, (), (), {}, dict(binding), graph().guards, {}, (), ()
        )
        return Forged((plan,), None, {"kernel": b""}, False, 1)


def open_session(
    monkeypatch: Any, smith: Smith, specialize: Any = "lazy", memory_limit: int | None = None
) -> tuple[Session, FakeDevice]:
    """A session on a fake device, as `ingot.load` would open it."""
    monkeypatch.setattr(forging, "forge", smith)
    engine = Engine.from_graph(net(), cast_seconds=0.25)
    device = FakeDevice(engine.graph)
    forge = forging.Forge(engine, FakeTarget(), device, {}, None, None)  # type: ignore[arg-type]
    limits = Limits(memory_limit)
    core = Core(engine, device, forge, Background(forge), specialize, limits)
    return Session(core), device.clones[0]
