# SPDX-License-Identifier: Apache-2.0
"""Plan and images for an engine, from the runtime cache where it has them.

A warm start reads the plan's text and the kernels' images and touches neither the graph nor a
compiler. The plan's key covers everything that it depends on: the engine's content, the device, the
code generator, the sizes made constant and the options.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingot import trace
from ingot.errors import TextError
from ingot.ir.graph import Graph
from ingot.jit.cache import Cache
from ingot.jit.compile import Options, code_keys, compile_plan
from ingot.plan import Plan, parse_plan, print_plan
from ingot.targets.base import Progress, Target


@dataclass(frozen=True)
class Forged:
    """A plan, its kernels' images, and where they came from."""

    plan: Plan
    images: Mapping[str, bytes]
    plan_cached: bool
    kernels_compiled: int


def forge(
    key: str,
    graph: Callable[[], Graph],
    target: Target,
    binding: Mapping[str, int],
    options: Options,
    cache: Cache | None,
    progress: Progress | None = None,
) -> Forged:
    """Forge the engine with content key `key`; `graph` is called only where the plan is not cached.

    Raises CompileError, or InputError where `binding` breaks a guard.
    """
    name = plan_key(key, target, binding, options)
    plan = None if cache is None else _cached_plan(cache, name)
    if plan is not None and cache is not None:
        keys = code_keys(plan, target)
        kept = cache.load_images(keys)
        if len(kept) == len(keys):
            return Forged(plan, kept, True, 0)
    plan, known, made = _compile(graph(), target, binding, options, cache, progress)
    if cache is not None:
        cache.store_images(made)
        cache.store(name, print_plan(plan).encode())
    return Forged(plan, {**known, **made}, False, len(made))


def _compile(
    graph: Graph,
    target: Target,
    binding: Mapping[str, int],
    options: Options,
    cache: Cache | None,
    progress: Progress | None,
) -> tuple[Plan, Mapping[str, bytes], Mapping[str, bytes]]:
    """The plan, the images that the cache had, and those that were made.

    Kernels are assembled while others are still printed.
    """
    known: dict[str, bytes] = {}
    assembler = target.assembler(progress)

    def emit(key: str, text: str) -> None:
        found = {} if cache is None else cache.load_images([key])
        known.update(found)
        if not found:
            assembler.add(key, text)

    try:
        for key, text in target.support().items():
            emit(key, text)
        with trace.span("compile_plan"):
            plan = compile_plan(graph, target, binding, options, emit)
        with trace.span("assemble"):
            return plan, known, assembler.finish()
    finally:
        assembler.close()


def plan_key(key: str, target: Target, binding: Mapping[str, int], options: Options) -> str:
    """The cache key of a plan: a digest of everything that it depends on."""
    parts = [
        key,
        target.name,
        target.spec.key(),
        target.generator(),
        sorted(binding.items()),
        sorted(options.items()),
    ]
    return "plan-" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def _cached_plan(cache: Cache, name: str) -> Plan | None:
    content = cache.load(name)
    if content is None:
        return None
    try:
        return parse_plan(content.decode())
    except (TextError, UnicodeDecodeError) as error:
        trace.log(f"cache: plan entry {name} is unreadable and is made again: {error}")
        return None
