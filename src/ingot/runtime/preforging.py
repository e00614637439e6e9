# SPDX-License-Identifier: Apache-2.0
"""Forging for devices that are not there: plans and kernels made ahead of time, into a cache.

An application ships the cache beside its engine, and its users' devices compile nothing. A device
is forged for by the name of its spec; on the user's machine the best of those that the cache has
for an engine, and whose code the device can run, stands in for the device's own spec. An entry of
the cache tells, for each engine, which specs it was forged for and by which generator.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ingot import dims, trace
from ingot import spec as specs
from ingot.engine import Engine
from ingot.engine.read import Source, Verify
from ingot.errors import InputError, UsageError
from ingot.ir.graph import Graph, SymbolRange
from ingot.jit import forge
from ingot.jit.cache import Cache, open_cache
from ingot.runtime.forging import GENERIC
from ingot.runtime.opening import forge_options, open_engine
from ingot.targets import open_target
from ingot.targets.base import Progress, Target


@dataclass(frozen=True, slots=True)
class Preforged:
    """What one device took: its spec's name, plans, kernels compiled and found, and seconds."""

    device: str
    plans: int
    kernels_compiled: int
    kernels_cached: int
    seconds: float

    def document(self) -> dict[str, Any]:
        """The facts as JSON holds them."""
        return asdict(self)


def preforge(
    engine: Engine | Graph | Source,
    *,
    devices: Sequence[str],
    cache_dir: str | os.PathLike[str],
    sizes: Sequence[Mapping[str, int]] = (),
    winograd: bool = True,
    tf32: bool = False,
    verify: Verify = "header",
    progress: Progress | None = None,
) -> tuple[Preforged, ...]:
    """Forge an engine into the cache in `cache_dir` for devices named by their specs.

    `devices`: names such as "sm_86" or "avx2" (`DeviceSpec`); neither they nor their drivers need
    to be here. For each, the program that takes any size is forged, and one for each of `sizes`
    (by name, all that the inputs have). `winograd` and `tf32` must be what `load` is given later.
    `load` with this `cache_dir` then compiles nothing for these sizes.

    Raises UsageError for a name that is no spec, InputError for sizes that do not fit, and
    CompileError.
    """
    opened = open_engine(engine, verify)
    targets = [_named_target(name) for name in dict.fromkeys(devices)]
    if not targets:
        raise UsageError("devices: none given", cure=f"give some of {', '.join(specs.names())}")
    bindings = [GENERIC, *(_checked(opened, binding) for binding in sizes)]
    cache = open_cache(cache_dir)
    assert cache is not None, "a cache that is named is used"
    options = forge_options(winograd=winograd, tf32=tf32)
    return tuple(_preforge(opened, t, bindings, options, cache, progress) for t in targets)


def stand_in(target: Target, engine: Engine, cache: Cache | None) -> Target:
    """The target with the spec that `cache` was filled for, where it was; else `target` itself."""
    known = {} if cache is None else _read_record(cache, _record_name(engine))
    found = [name for name in reversed(specs.names()) if name in known]
    for name in sorted(found, key=lambda name: name != target.spec.cpu):
        twin = target.stand_in(specs.by_name(name), known[name])
        if twin is not None:
            trace.log(f"cache: '{engine.name}' was forged for {name}, which serves here")
            return twin
    return target


def _preforge(
    engine: Engine, target: Target, bindings: Sequence[Mapping[str, int]],
    options: Mapping[str, bool], cache: Cache, progress: Progress | None,
) -> Preforged:  # fmt: skip
    start = time.perf_counter()
    with trace.span("preforge", engine=engine.name, device=target.spec.name):
        forged = [
            forge(engine.key, lambda: engine.graph, target, binding, options, cache, progress)
            for binding in bindings
        ]
    name = _record_name(engine)
    known = _read_record(cache, name) | {target.spec.name: target.generator()}
    cache.store(name, json.dumps(known, sort_keys=True).encode())
    compiled = sum(one.kernels_compiled for one in forged)
    kernels = sum(len(one.images) for one in forged)
    seconds = time.perf_counter() - start
    return Preforged(target.spec.name, len(forged), compiled, kernels - compiled, seconds)


def _named_target(name: str) -> Target:
    """The target that compiles for the spec called `name`."""
    spec = specs.by_name(name)
    return open_target(spec.kind, spec)


def _checked(engine: Engine, binding: Mapping[str, int]) -> Mapping[str, int]:
    """The sizes, where they are those that the engine's inputs leave open."""
    shapes = (size for port in engine.inputs for size in port.shape)
    wanted = sorted(frozenset[str]().union(*map(dims.symbols, shapes)))
    if sorted(binding) != wanted:
        raise InputError(
            f"sizes {', '.join(binding) or 'none'}: the inputs leave {', '.join(wanted)} open",
            cure="give each of them a number",
        )
    for name, size in binding.items():
        span = engine.symbols.get(name, SymbolRange())
        if size < span.lo or (span.hi is not None and size > span.hi):
            highest = "" if span.hi is None else span.hi
            raise InputError(
                f"size {name} = {size}: outside the engine's range {span.lo}..{highest}",
                cure="build the engine with a profile that covers this size",
            )
    return dict(binding)


def _record_name(engine: Engine) -> str:
    return "forged-" + hashlib.sha256(engine.key.encode()).hexdigest()[:40]


def _read_record(cache: Cache, name: str) -> dict[str, str]:
    """The generators by names of specs; empty where there is no readable entry."""
    content = cache.load(name)
    try:
        found = json.loads(content) if content is not None else {}
    except ValueError:
        found = {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: text for name, text in pairs if isinstance(text, str)}
