# SPDX-License-Identifier: Apache-2.0
"""What goes in and comes out of a run: names, element types, sizes, checked before anything runs.

Accepts NumPy arrays and anything that speaks DLPack or the array interface; hands kernels
C-contiguous arrays in native byte order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ingot import dims
from ingot.engine import Port
from ingot.errors import InputError, ResourceError
from ingot.ir.graph import Array, SymbolRange
from ingot.targets.base import DeviceArray

Shapes = tuple[tuple[int, ...], ...]
Adopt = Callable[[object], DeviceArray | None]


def no_device(value: object) -> DeviceArray | None:
    """Adopts nothing: every array is the host's."""
    return None


def read_inputs(
    ports: Sequence[Port], given: Mapping[str, Any], adopt: Adopt = no_device
) -> dict[str, Any]:
    """The inputs as arrays that kernels can read, in the order of `ports`; raises InputError.

    `adopt` takes over the arrays that lie in the device's memory.
    """
    if not isinstance(given, Mapping):
        raise InputError(
            f"inputs: expects a mapping of names to arrays, got {type(given).__name__}",
            cure=f"pass {{name: array}} with the names {_names(ports)}",
        )
    if unknown := given.keys() - {port.name for port in ports}:
        raise InputError(
            f"input {_quoted(unknown)}: the model has no such input",
            cure=f"its inputs are {_names(ports)}",
        )
    if missing := [port.name for port in ports if port.name not in given]:
        raise InputError(
            f"input {_quoted(missing)}: missing", cure=f"the model's inputs are {_names(ports)}"
        )
    return {port.name: _read(port, given[port.name], adopt) for port in ports}


def _read(port: Port, value: Any, adopt: Adopt) -> Any:
    """The array of one input, or the list."""
    if port.container:
        return _read_list(port, value)
    if not isinstance(value, np.ndarray):
        found = adopt(value)
        if found is not None:
            return _check_adopted(f"input '{port.name}'", port, found)
    array: Array = value if isinstance(value, np.ndarray) else _from_other(port, value)
    if array.dtype != port.dtype.numpy:
        if array.dtype.newbyteorder("=") != port.dtype.numpy:
            raise InputError(
                f"input '{port.name}': expects {port.dtype}, got {array.dtype}",
                cure=f"convert it with .astype('{port.dtype}')",
            )
        array = array.astype(port.dtype.numpy)
    return array if array.flags.c_contiguous else array.copy("C")


def _read_list(port: Port, value: Any) -> list[Any]:
    """A sequence as a list of arrays; an optional as a list of what it holds, if anything."""
    if port.container.startswith("optional_"):
        inner = port.container.removeprefix("optional_").removeprefix("tensor")
        held = replace(port, container=inner)
        return [] if value is None else [_read(held, value, no_device)]
    if not isinstance(value, list | tuple):
        raise InputError(
            f"input '{port.name}': expects a list of arrays, got {type(value).__name__}",
            cure="pass the tensors of the sequence as a list",
        )
    ranked = port.container == "sequence"
    items = []
    for number, item in enumerate(value):
        part = replace(port, name=f"{port.name}[{number}]", container="")
        array = _read(part, item, no_device)
        sizes = zip(port.shape, array.shape, strict=False)
        if ranked and (array.ndim != len(port.shape) or any(a not in (-1, b) for a, b in sizes)):
            raise InputError(
                f"input '{part.name}': expects the shape {list(port.shape)}, "
                f"has {list(array.shape)}",
                cure="give tensors that fit; -1 is any size",
            )
        items.append(array)
    return items


def _check_adopted(what: str, port: Port, array: DeviceArray) -> DeviceArray:
    if array.dtype != port.dtype.numpy:
        raise InputError(
            f"{what}: expects {port.dtype}, got {array.dtype}", cure="convert it on the device"
        )
    return array


def _from_other(port: Port, value: Any) -> Array:
    try:
        return np.from_dlpack(value) if hasattr(value, "__dlpack__") else np.asarray(value)
    except (TypeError, ValueError, BufferError, RuntimeError) as error:
        raise InputError(
            f"input '{port.name}': {type(value).__name__} is no array ({error})",
            cure="pass a NumPy array or a CPU tensor that speaks DLPack",
        ) from error


def solve_binding(
    ports: Sequence[Port], symbols: Mapping[str, SymbolRange], shapes: Shapes
) -> dict[str, int]:
    """The size of each symbol for inputs of these shapes; raises InputError where they cannot be.

    Symbols that no input shape mentions are left out.
    """
    labelled = [
        (f"input '{port.name}'", port.shape, shape)
        for port, shape in zip(ports, shapes, strict=True)
        if not port.container
    ]
    binding = dims.solve(labelled)
    for name, size in binding.items():
        span = symbols.get(name, SymbolRange())
        if size < span.lo or (span.hi is not None and size > span.hi):
            highest = "" if span.hi is None else span.hi
            raise InputError(
                f"size {name} = {size}: outside the engine's range {span.lo}..{highest}",
                cure="build the engine with a profile that covers this size",
            )
    return binding


def shape_of(item: Any) -> tuple[int, ...]:
    """The shape of an array; a list has none."""
    return () if isinstance(item, list) else tuple(item.shape)


def output_shapes(ports: Sequence[Port], binding: Mapping[str, int]) -> Shapes:
    """The shape of each output for known symbols."""
    return tuple(
        tuple(size if isinstance(size, int) else dims.evaluate(size, binding) for size in p.shape)
        for p in ports
    )


def fresh(name: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """A new array for the tensor called `name`; raises ResourceError where there is no room."""
    try:
        return np.empty(shape, dtype)
    except (MemoryError, ValueError):
        raise ResourceError(
            f"tensor '{name}': has the shape {list(shape)}, which is more than memory holds",
            cure="run smaller inputs",
        ) from None


def make_outputs(
    ports: Sequence[Port],
    shapes: Shapes,
    bound: Mapping[str, Any] | None,
    inputs: Iterable[Any],
    adopt: Adopt = no_device,
) -> dict[str, Any]:
    """The arrays that a run fills: the caller's where bound, else fresh; raises InputError."""
    if not bound:
        return {
            port.name: fresh(port.name, shape, port.dtype.numpy)
            for port, shape in zip(ports, shapes, strict=True)
        }
    if unknown := bound.keys() - {port.name for port in ports}:
        raise InputError(
            f"output {_quoted(unknown)}: the model has no such output",
            cure=f"its outputs are {_names(ports)}",
        )
    outputs: dict[str, Any] = {}
    for port, shape in zip(ports, shapes, strict=True):
        if port.name not in bound:
            outputs[port.name] = np.empty(shape, port.dtype.numpy)
            continue
        outputs[port.name] = _check_bound(port, shape, bound[port.name], adopt)
        _check_apart(port, outputs, inputs)
    return outputs


def _check_bound(port: Port, shape: tuple[int, ...], array: Any, adopt: Adopt) -> Any:
    """`array` where a run may write the output into it."""
    wanted = f"{port.dtype}{list(shape)}"
    if not isinstance(array, np.ndarray):
        found = adopt(array)
        if found is not None and found.shape == shape:
            return _check_adopted(f"output '{port.name}'", port, found)
        raise InputError(
            f"output '{port.name}': bound to a {type(array).__name__}",
            cure=f"bind a NumPy array {wanted}",
        )
    if array.dtype != port.dtype.numpy or array.shape != shape:
        raise InputError(
            f"output '{port.name}': is {wanted}, bound to {array.dtype}{list(array.shape)}",
            cure="bind an array of this type and shape",
        )
    if not (array.flags.c_contiguous and array.flags.writeable):
        raise InputError(
            f"output '{port.name}': bound to an array that is read-only or not contiguous",
            cure=f"bind numpy.empty({shape}, '{port.dtype}')",
        )
    return array


def _check_apart(port: Port, outputs: Mapping[str, Any], inputs: Iterable[Any]) -> None:
    array = outputs[port.name]
    others = [*inputs, *(other for name, other in outputs.items() if name != port.name)]
    if any(_share_memory(array, other) for other in others):
        raise InputError(
            f"output '{port.name}': bound to memory that another input or output uses",
            cure="bind arrays that do not overlap",
        )


def _share_memory(one: Any, other: Any) -> bool:
    """Whether two arrays overlap; one of the host and one of the device never do."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.may_share_memory(one, other)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    ends = [array.address + math.prod(array.shape) * array.dtype.itemsize for array in (one, other)]
    return bool(one.address < ends[1] and other.address < ends[0])


def sample_inputs(
    ports: Sequence[Port], shapes: Mapping[str, Sequence[int]], seed: int = 0
) -> dict[str, Any]:
    """Random inputs of the given shapes: normal floats, zeros and ones for integers and bools.

    A sequence is two tensors, whose sizes are 2 where they may differ; an optional has something.
    """
    random = np.random.default_rng(seed)
    inputs: dict[str, Any] = {}
    for port in ports:
        if not port.container:
            inputs[port.name] = _sample(random, port, tuple(shapes[port.name]))
            continue
        shape = tuple(2 if size == -1 else int(size) for size in port.shape)  # type: ignore[arg-type]
        single = port.container == "optional_tensor"
        items = [_sample(random, port, shape) for _ in range(1 if single else 2)]
        inputs[port.name] = items[0] if single else items
    return inputs


def _sample(random: np.random.Generator, port: Port, shape: tuple[int, ...]) -> Array:
    if port.dtype.is_float:
        return random.standard_normal(shape, np.float32).astype(port.dtype.numpy)
    return random.integers(0, 2, shape).astype(port.dtype.numpy)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _names(ports: Sequence[Port]) -> str:
    return ", ".join(f"'{port.name}'" for port in ports) or "none"
