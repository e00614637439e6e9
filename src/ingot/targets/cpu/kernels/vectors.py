# SPDX-License-Identifier: Apache-2.0
"""Vectors at the edge of a tensor: loads and stores of the first few lanes only."""

from __future__ import annotations

from collections.abc import Sequence

from ingot.targets.cpu.builder import Builder, Integer, element_of, lanes_of, literal, vector
from ingot.targets.cpu.literal import element_bits
from ingot.targets.cpu.memory import store_only_lane


def lane_mask(builder: Builder, lanes: int, count: Integer) -> str:
    """A mask of the first `count` lanes; none where `count` is negative, all where it is large."""
    if lanes == 1:
        return builder.value(f"icmp sgt i64 {count}, 0")
    if isinstance(count, int):
        return "<" + ", ".join(f"i1 {str(lane < count).lower()}" for lane in range(lanes)) + ">"
    kind = vector("i32", lanes)
    numbers = ", ".join(f"i32 {lane}" for lane in range(lanes))
    bound = builder.splat(kind, builder.value(f"trunc i64 {count} to i32"))
    return builder.value(f"icmp sgt {kind} {bound}, <{numbers}>")


def load_vector(builder: Builder, kind: str, pointer: str, mask: str | None) -> str:
    """Load a vector; lanes that are off in `mask` are not touched and give 0."""
    if mask is None:
        return builder.load(kind, pointer)
    flags = vector("i1", lanes_of(kind))
    name = f"llvm.masked.load.{_mangled(kind)}.p0"
    arguments: list[tuple[str, Integer]] = [
        ("ptr", pointer), ("i32", element_bits(kind) // 8), (flags, mask), (kind, literal(kind, 0)),
    ]  # fmt: skip
    return builder.call(name, kind, arguments, declare=True)


def store_vector(builder: Builder, kind: str, value: str, pointer: str, mask: str | None) -> None:
    """Store the lanes of a vector that are on in `mask`."""
    if mask is None:
        builder.store(kind, value, pointer)
        return
    if store_only_lane(builder, kind, value, pointer, mask):
        return
    flags = vector("i1", lanes_of(kind))
    name = f"llvm.masked.store.{_mangled(kind)}.p0"
    arguments: list[tuple[str, Integer]] = [
        (kind, value), ("ptr", pointer), ("i32", element_bits(kind) // 8), (flags, mask),
    ]  # fmt: skip
    builder.call(name, "void", arguments, declare=True)


def _mangled(kind: str) -> str:
    element = element_of(kind)
    short = {"float": "f32", "double": "f64"}.get(element, element)
    return f"v{lanes_of(kind)}{short}"


def gathered(builder: Builder, kind: str, scalars: Sequence[str]) -> str:
    """A vector of scalars; the scalar itself where `kind` has one lane."""
    if len(scalars) == 1:
        return scalars[0]
    value = "poison"
    for lane, scalar in enumerate(scalars):
        value = builder.insert(kind, value, scalar, lane)
    return value


def fill_run(
    builder: Builder, element: str, target: str, count: Integer, value: str | None = None
) -> None:
    """Store `count` zeros, or as many of the scalar `value`."""
    lanes = _lanes(builder, element)
    kind = vector(element, lanes)
    whole = builder.round_down(count, lanes)
    single = literal(element, 0) if value is None else value
    spread = literal(kind, 0) if value is None else builder.splat(kind, value)

    def body(index: Integer, _: list[str]) -> None:
        builder.store(kind, spread, builder.offset(target, index, element))

    def rest(index: Integer, _: list[str]) -> None:
        builder.store(element, single, builder.offset(target, index, element))

    builder.loop(0, whole, lanes, body)
    builder.loop(whole, count, 1, rest)


def copy_run(
    builder: Builder, element: str, source: str, stride: Integer, target: str, count: Integer
) -> None:
    """Copy `count` elements that lie `stride` apart to contiguous memory."""
    lanes = _lanes(builder, element) if stride == 1 else 1
    kind = vector(element, lanes)
    whole = builder.round_down(count, lanes)

    def copy(kind: str, index: Integer) -> None:
        place = builder.offset(source, builder.mul(index, stride), element)
        builder.store(kind, builder.load(kind, place), builder.offset(target, index, element))

    builder.loop(0, whole, lanes, lambda index, _: copy(kind, index))
    builder.loop(whole, count, 1, lambda index, _: copy(element, index))


def _lanes(builder: Builder, element: str) -> int:
    return builder.spec.vector_bits // element_bits(element)
