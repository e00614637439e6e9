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
from typing import Final

from ingot import trace
from ingot.errors import TextError
from ingot.ir.graph import Graph
from ingot.jit.cache import Cache
from ingot.jit.compile import Options, Program, code_keys, compile_program
from ingot.plan import Plan, parse_plan, print_plan
from ingot.targets.base import Progress, Target

_PART: Final = "\x1e\n"


@dataclass(frozen=True)
class Forged:
    """Plans, their kernels' images, and where they came from.

    There is one plan; or one for each segment of `script`, the text of a script.
    """

    plans: tuple[Plan, ...]
    script: str | None
    images: Mapping[str, bytes]
    plan_cached: bool
    kernels_compiled: int

    @property
    def plan(self) -> Plan:
        """The plan, where there is one; ValueError for a script."""
        (plan,) = self.plans
        return plan


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
    program = None if cache is None else _cached_program(cache, name)
    if program is not None and cache is not None:
        keys = tuple(dict.fromkeys(k for plan in program.plans for k in code_keys(plan, target)))
        kept = cache.load_images(keys)
        if len(kept) == len(keys):
            return Forged(program.plans, program.script, kept, True, 0)
    program, known, made = _compile(graph(), target, binding, options, cache, progress)
    if cache is not None:
        cache.store_images(made)
        cache.store(name, _print_program(program).encode())
    return Forged(program.plans, program.script, {**known, **made}, False, len(made))


def _compile(
    graph: Graph,
    target: Target,
    binding: Mapping[str, int],
    options: Options,
    cache: Cache | None,
    progress: Progress | None,
) -> tuple[Program, Mapping[str, bytes], Mapping[str, bytes]]:
    """The program, the images that the cache had, and those that were made.

    Kernels are assembled while others are still printed.
    """
    known: dict[str, bytes] = {}
    seen: set[str] = set()
    assembler = target.assembler(progress)

    def emit(key: str, text: str) -> None:
        if key in seen:
            return
        seen.add(key)
        found = {} if cache is None else cache.load_images([key])
        known.update(found)
        if not found:
            assembler.add(key, text)

    try:
        for key, text in target.support().items():
            emit(key, text)
        with trace.span("compile_plan"):
            program = compile_program(graph, target, binding, options, emit)
        with trace.span("assemble"):
            return program, known, assembler.finish()
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


def _print_program(program: Program) -> str:
    """The texts of the plans; those of a script's segments follow the script."""
    plans = map(print_plan, program.plans)
    return "".join(plans) if program.script is None else _PART.join((program.script, *plans))


def _cached_program(cache: Cache, name: str) -> Program | None:
    content = cache.load(name)
    if content is None:
        return None
    try:
        text = content.decode()
        if not text.startswith("graph "):
            return Program((parse_plan(text),))
        script, *plans = text.split(_PART)
        return Program(tuple(map(parse_plan, plans)), script)
    except (TextError, UnicodeDecodeError) as error:
        trace.log(f"cache: plan entry {name} is unreadable and is made again: {error}")
        return None
