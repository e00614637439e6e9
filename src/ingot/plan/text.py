# SPDX-License-Identifier: Apache-2.0
"""Text form of a Plan: one line an entry, a keyword and a JSON array, sizes as `dims` text.

The runtime cache keeps this text, so reading it must be fast: each line is one call of the JSON
parser, and equal size texts are parsed once. Kernel sources are not part of it; kernels are named
by their content keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ingot import dims, dtypes
from ingot.dims import Dim, Guard
from ingot.errors import TextError
from ingot.plan.plan import Argument, Buffer, BufferUse, Plan, Port, ScratchUse, SizeUse, Step
from ingot.spec import DeviceSpec

_dim = lru_cache(maxsize=None)(dims.parse)


def print_plan(plan: Plan) -> str:
    """The plan as text that `parse_plan` reads back to an equal plan."""
    return "\n".join(f"{key} {json.dumps(entry)}" for key, entry in _entries(plan)) + "\n"


def parse_plan(text: str) -> Plan:
    """Read `print_plan` text; raises TextError naming the line that is wrong."""
    fields: dict[str, list[Any]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        key, _, entry = line.partition(" ")
        try:
            fields.setdefault(key, []).append(_READERS[key](json.loads(entry)))
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise TextError(
                f"plan line {number}: cannot read '{line[:80]}' ({error})",
                cure="delete the cached plan and forge again",
            ) from error
    return _assemble(fields)


def _assemble(fields: dict[str, list[Any]]) -> Plan:
    if len(fields.get("plan", ())) != 1 or "end" not in fields:
        raise TextError(
            "plan text: the header or the end line is missing",
            cure="delete the cached plan and forge again",
        )
    name, target, spec = fields["plan"][0]
    return Plan(
        name=name,
        target=target,
        spec=spec,
        inputs=tuple(fields.get("input", ())),
        outputs=tuple(fields.get("output", ())),
        symbols=dict(fields.get("symbol", ())),
        bound=dict(fields.get("bound", ())),
        guards=tuple(fields.get("guard", ())),
        buffers={buffer.name: buffer for buffer in fields.get("buffer", ())},
        setup=tuple(fields.get("setup", ())),
        steps=tuple(fields.get("step", ())),
        constants=dict(fields.get("constant", ())),
    )


def _entries(plan: Plan) -> Iterator[tuple[str, list[Any]]]:
    yield "plan", [plan.name, plan.target, plan.spec.to_dict()]
    for symbol, (low, high) in plan.symbols.items():
        yield "symbol", [symbol, low, high]
    for symbol, size in plan.bound.items():
        yield "bound", [symbol, size]
    for guard in plan.guards:
        yield "guard", [guard.kind, str(guard.left), str(guard.right), guard.reason]
    for port in plan.inputs:
        yield "input", _port(port)
    for port in plan.outputs:
        yield "output", _port(port)
    for buffer in plan.buffers.values():
        yield "buffer", _buffer(buffer)
    for name, content in plan.constants.items():
        yield "constant", [name, content.hex()]
    for step in plan.setup:
        yield "setup", _step(step)
    for step in plan.steps:
        yield "step", _step(step)
    yield "end", []


def _size(dim: Dim) -> int | str:
    return dim if isinstance(dim, int) else str(dim)


def _shape(shape: tuple[Dim, ...]) -> list[int | str]:
    return [_size(dim) for dim in shape]


def _port(port: Port) -> list[Any]:
    return [port.name, port.dtype.name, _shape(port.shape), port.buffer]


def _buffer(buffer: Buffer) -> list[Any]:
    shape = _shape(buffer.shape)
    life = (buffer.first, buffer.last)
    return [buffer.name, buffer.kind, buffer.dtype.name, shape, _size(buffer.bytes), *life]


def _argument(argument: Argument) -> list[Any]:
    match argument:
        case BufferUse(buffer, offset, mode):
            return [mode, buffer, _size(offset)]
        case SizeUse(dim):
            return ["size", _size(dim)]
        case ScratchUse(size):
            return ["scratch", _size(size)]


def _step(step: Step) -> list[Any]:
    sizes = [_size(step.extent), _size(step.grain), _size(step.flops), _size(step.bytes)]
    uses = [_argument(argument) for argument in step.arguments]
    return [step.name, step.kernel, step.candidate, *sizes, list(step.nodes), uses]


def _read_dim(size: int | str) -> Dim:
    return size if isinstance(size, int) else _dim(size)


def _read_shape(shape: list[int | str]) -> tuple[Dim, ...]:
    return tuple(_read_dim(size) for size in shape)


def _read_port(entry: list[Any]) -> Port:
    name, dtype, shape, buffer = entry
    return Port(name, dtypes.by_name(dtype), _read_shape(shape), buffer)


def _read_buffer(entry: list[Any]) -> Buffer:
    name, kind, dtype, shape, size, first, last = entry
    element = dtypes.by_name(dtype)
    return Buffer(name, kind, element, _read_shape(shape), _read_dim(size), first, last)


def _read_argument(entry: list[Any]) -> Argument:
    if entry[0] == "size":
        return SizeUse(_read_dim(entry[1]))
    if entry[0] == "scratch":
        return ScratchUse(_read_dim(entry[1]))
    mode, buffer, offset = entry
    return BufferUse(buffer, _read_dim(offset), mode)


def _read_step(entry: list[Any]) -> Step:
    name, kernel, candidate, extent, grain, flops, size, nodes, uses = entry
    return Step(
        name=name,
        kernel=kernel,
        arguments=tuple(map(_read_argument, uses)),
        extent=_read_dim(extent),
        grain=_read_dim(grain),
        nodes=tuple(nodes),
        candidate=candidate,
        flops=_read_dim(flops),
        bytes=_read_dim(size),
    )


_READERS: dict[str, Any] = {
    "plan": lambda entry: (entry[0], entry[1], DeviceSpec.from_dict(entry[2])),
    "symbol": lambda entry: (entry[0], (entry[1], entry[2])),
    "bound": lambda entry: (entry[0], entry[1]),
    "guard": lambda entry: Guard(entry[0], _dim(entry[1]), _dim(entry[2]), entry[3]),
    "input": _read_port,
    "output": _read_port,
    "buffer": _read_buffer,
    "constant": lambda entry: (entry[0], bytes.fromhex(entry[1])),
    "setup": _read_step,
    "step": _read_step,
    "end": lambda entry: entry,
}
