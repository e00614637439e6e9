# SPDX-License-Identifier: Apache-2.0
"""`load`: open an engine on a device. The forge half's story in one function."""

from __future__ import annotations

import os
from typing import get_args

from ingot.engine import Engine
from ingot.engine.read import Source, Verify
from ingot.errors import UsageError
from ingot.ir.graph import Graph
from ingot.jit.cache import open_cache
from ingot.runtime.background import Background
from ingot.runtime.forging import GENERIC, Forge
from ingot.runtime.limits import Limits
from ingot.runtime.opening import forge_options, open_engine
from ingot.runtime.preforging import stand_in
from ingot.runtime.session import Core, Session, Specialize
from ingot.targets import open_target
from ingot.targets.base import Progress


def load(
    engine: Engine | Graph | Source,
    *,
    device: str = "auto",
    threads: int | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    specialize: Specialize = "lazy",
    winograd: bool = True,
    tf32: bool = False,
    verify: Verify = "header",
    memory_limit: int | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Session:
    """Forge an engine, given as such, as a path, as bytes or as a portable Graph, for a device.

    `device`: "auto" (a GPU where there is a usable one, else the CPU), "cpu", "cuda", "cuda:1" or
    "reference". `threads`: how many compute on a CPU, default one per physical core.
    `cache_dir`: where forged code is kept, default the user's cache; what `preforge` has put there
    is used. `specialize`: how new
    input shapes are served. `winograd` allows Winograd convolutions, which round differently;
    `tf32` allows a GPU to round the float32 operands of products to 11 bits.
    `verify="full"` checks every weight of a file. `memory_limit`: bytes for activations.
    `time_limit`: seconds of a run, forging aside. The clock is looked at between the turns of loops
    and between the programs that control flow and sizes known from data cut a model into; none of
    these programs is interrupted, and a model without any such thing is one program.

    Raises EngineError, UsageError, DeviceError, CompileError.
    """
    if specialize not in get_args(Specialize):
        raise UsageError(f"specialize={specialize!r}: must be 'lazy', 'eager' or 'none'")
    if threads is not None and threads < 1:
        raise UsageError(f"threads={threads}: must be at least 1")
    if memory_limit is not None and memory_limit < 0:
        raise UsageError(f"memory_limit={memory_limit}: must not be negative")
    if time_limit is not None and not time_limit > 0:
        raise UsageError(f"time_limit={time_limit}: must be greater than 0")
    opened, cache = open_engine(engine, verify), open_cache(cache_dir)
    target = stand_in(open_target(device), opened, cache)
    handle = target.open(threads)
    options = forge_options(winograd=winograd, tf32=tf32)
    forge = Forge(opened, target, handle, options, cache, progress)
    limits = Limits(memory_limit, time_limit)
    core = Core(opened, handle, forge, Background(forge), specialize, limits)
    session = Session(core)
    try:
        if specialize != "eager" or not opened.symbols:
            forge.loaded(GENERIC)
    except BaseException:
        session.close()
        raise
    return session
