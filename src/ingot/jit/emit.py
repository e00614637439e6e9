# SPDX-License-Identifier: Apache-2.0
"""Emissions by structure: equal regions are printed once.

A network repeats its layers, and what a candidate makes of a region depends on operators, types and
strides but on no name. So each region is built with placeholders for its buffers, kept under a
structural key, and the placeholders are replaced by the real buffers wherever the key occurs again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Iterator, Mapping

from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import (
    Candidate,
    Emission,
    Launch,
    LaunchArgument,
    Packed,
    PackedUse,
    Placed,
    Region,
    ViewUse,
)


class Emitter:
    """Builds the emissions of one plan; each kernel's text is announced once it is printed."""

    def __init__(self, spec: DeviceSpec, announce: Callable[[str], object]) -> None:
        self._spec = spec
        self._announce = announce
        self._known: dict[Hashable, Emission] = {}

    def emit(self, region: Region, candidate: Candidate, views: Mapping[Value, View]) -> Emission:
        """What `candidate` makes of the region with its values at `views`."""
        buffers = dict.fromkeys(view.buffer for view in views.values())
        names = {buffer: _placeholder(number) for number, buffer in enumerate(buffers)}
        neutral = {
            value: dataclasses.replace(view, buffer=names[view.buffer])
            for value, view in views.items()
        }
        key = (candidate.name, *_structure(region, neutral))
        if key not in self._known:
            self._known[key] = candidate.build(Placed(region, neutral), self._spec)
            for text in _texts(self._known[key]):
                self._announce(text)
        return _renamed(self._known[key], {name: buffer for buffer, name in names.items()})


def _texts(emission: Emission) -> Iterator[str]:
    for launch in (*emission.launches, *(packed.launch for packed in emission.packed)):
        yield launch.text


def _placeholder(number: int) -> str:
    return f"\N{LEFT-POINTING ANGLE BRACKET}{number}\N{RIGHT-POINTING ANGLE BRACKET}"


def _structure(region: Region, views: Mapping[Value, View]) -> Iterator[Hashable]:
    """Everything about a region that is not a name."""
    yield region.twins
    numbers: dict[Value | None, int] = {None: -1}
    for value in region.inputs:
        numbers[value] = len(numbers)
        yield (views[value], value in region.weights)
    for node in region.nodes:
        inputs = tuple(numbers[value] for value in node.inputs)
        for value in node.outputs:
            numbers[value] = len(numbers)
        types = tuple(value.type for value in node.outputs)
        yield (node.op, inputs, tuple(node.attributes.items()), types, node is region.anchor)
    for value in region.outputs:
        yield (numbers[value], views[value])


def _renamed(emission: Emission, names: Mapping[str, str]) -> Emission:
    return Emission(
        tuple(_launch(launch, names) for launch in emission.launches),
        tuple(
            Packed(_key(packed.key, names), packed.bytes, _launch(packed.launch, names))
            for packed in emission.packed
        ),
        emission.temporaries,
    )


def _launch(launch: Launch, names: Mapping[str, str]) -> Launch:
    arguments = tuple(_argument(argument, names) for argument in launch.arguments)
    return dataclasses.replace(launch, arguments=arguments)


def _argument(argument: LaunchArgument, names: Mapping[str, str]) -> LaunchArgument:
    match argument:
        case ViewUse(view, mode):
            return ViewUse(dataclasses.replace(view, buffer=names[view.buffer]), mode)
        case PackedUse(key, mode):
            return PackedUse(_key(key, names), mode)
        case _:
            return argument


def _key(key: str, names: Mapping[str, str]) -> str:
    for name, buffer in names.items():
        key = key.replace(name, buffer)
    return key
