# SPDX-License-Identifier: Apache-2.0
"""Prints loads and stores: addresses term by term, vectors by how they step through memory.

An address is a pointer that grows from scope to scope: what an outer loop fixes is added in that
loop's scope. Along the lane variable, a step of 0 is one scalar load, 1 one vector, -1 one vector
turned around, and anything else one scalar access for each lane.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ingot.dims import Dim
from ingot.dims.expression import from_terms, terms_of
from ingot.dtypes import DType
from ingot.kernel.nodes import Expr, substitute
from ingot.targets.cpu.builder import Builder, Integer, element_of, lanes_of, literal, vector
from ingot.targets.cpu.literal import element_bits
from ingot.targets.cpu.scope import BASE, Lane, Scopes, Value
from ingot.targets.cpu.types import from_memory, memory_type, to_memory

Place = tuple[str, DType]


class Printer(Protocol):
    """What prints the values of expressions."""

    def integer(self, expr: Expr) -> Integer:
        """A scalar INT64 expression."""

    def spread(self, expr: Expr, lanes: int) -> str:
        """An expression in `lanes` lanes."""


class Memory:
    """Loads and stores of one kernel; `places` gives base pointer and type of each operand."""

    def __init__(self, builder: Builder, scopes: Scopes, place: Callable[[int], Place]) -> None:
        self._builder = builder
        self._scopes = scopes
        self._place = place

    # Addresses.

    def pointer(self, printer: Printer, operand: int, index: Expr, depth: int) -> str:
        """The address of element `index`, in lane 0 where it depends on lanes, known at `depth`."""
        dim = self._scopes.indices.dim(index)
        base, dtype = self._place(operand)
        kind = memory_type(dtype)
        pointer = base
        total: Dim = 0
        constant, groups = self._groups(printer, dim)
        for level in sorted(groups):
            for term, _ in groups[level]:
                total = total + term
            key = ("pointer", operand, total)
            found = self._scopes.find(key)
            if found is None:
                with self._scopes.at(level):
                    register = self._builder.offset(pointer, self._sum(groups[level]), kind)
                found = self._scopes.keep(key, Value(register, 1, level))
            pointer = found.register
        with self._scopes.at(depth):
            return self._builder.offset(pointer, constant, kind)

    def _sum(self, terms: Sequence[tuple[Dim, Integer]]) -> Integer:
        total: Integer = 0
        for _, value in terms:
            total = self._builder.add(total, value)
        return total

    def _groups(
        self, printer: Printer, dim: Dim
    ) -> tuple[int, dict[int, list[tuple[Dim, Integer]]]]:
        """The constant part of an index, and its other terms by the scope that knows them."""
        constant = 0
        groups: dict[int, list[tuple[Dim, Integer]]] = {}
        for monomial, count in terms_of(dim):
            if not monomial:
                constant = count
                continue
            term = from_terms({monomial: count})
            expr = self._scopes.indices.expr(term)
            if self._scopes.lane is not None:
                expr = substitute(expr, {self._scopes.lane.var: BASE})
            value = printer.integer(expr)
            level = self._scopes.depth_of(expr)
            groups.setdefault(level, []).append((term, value))
        return constant, groups

    # Loads.

    def load_scalar(self, operand: int, pointer: str) -> str:
        """One element as a register value."""
        _, dtype = self._place(operand)
        raw = self._builder.load(memory_type(dtype), pointer, dtype.itemsize)
        return from_memory(self._builder, dtype, raw, 1)

    def load_vector(self, printer: Printer, operand: int, index: Expr, depth: int) -> str:
        """The elements of all lanes as a register value."""
        lane = self._scopes.lane
        assert lane is not None
        step = self._step(index, lane)
        _, dtype = self._place(operand)
        kind = memory_type(dtype, lane.lanes)
        if step in (1, -1):
            pointer = self.pointer(printer, operand, index, depth)
            with self._scopes.at(depth):
                raw = self._load_run(kind, pointer, lane, forward=step == 1)
                return from_memory(self._builder, dtype, raw, lane.lanes)
        pointers = self._lane_pointers(printer, operand, index, depth, lane, step)
        with self._scopes.at(depth):
            raw = "poison"
            for number, pointer in enumerate(pointers):
                scalar = self._builder.load(memory_type(dtype), pointer, dtype.itemsize)
                raw = self._builder.insert(kind, raw, scalar, number)
            return from_memory(self._builder, dtype, raw, lane.lanes)

    def _step(self, index: Expr, lane: Lane) -> Dim | None:
        """How far apart two lanes are in memory; None where that is not constant."""
        if self._scopes.spreads(index):
            return None
        return self._scopes.indices.slope(self._scopes.indices.dim(index), lane.var)

    def _lane_pointers(
        self,
        printer: Printer,
        operand: int,
        index: Expr,
        depth: int,
        lane: Lane,
        step: Dim | None,
    ) -> list[str]:
        base, dtype = self._place(operand)
        kind = memory_type(dtype)
        if step is not None:
            start = self.pointer(printer, operand, index, depth)
            stride = printer.integer(self._scopes.indices.expr(step))
            with self._scopes.at(depth):
                return [
                    self._builder.offset(start, self._builder.mul(stride, k), kind)
                    for k in range(lane.lanes)
                ]
        wide = printer.spread(index, lane.lanes)
        with self._scopes.at(depth):
            places = vector("i64", lane.lanes)
            numbers = [self._builder.extract(places, wide, k) for k in range(lane.lanes)]
            return [self._builder.offset(base, number, kind) for number in numbers]

    def _load_run(self, kind: str, pointer: str, lane: Lane, *, forward: bool) -> str:
        if lane.mask is not None:
            return masked_load(self._builder, kind, pointer, lane.mask)
        if forward:
            return self._builder.load(kind, pointer)
        start = self._builder.offset(pointer, 1 - lane.lanes, element_of(kind))
        raw = self._builder.load(kind, start)
        return self._builder.shuffle(kind, raw, "poison", range(lane.lanes - 1, -1, -1))

    # Stores.

    def store(self, printer: Printer, operand: int, index: Expr, value: Expr) -> None:
        """Write `value` at `index`, in every lane that counts."""
        _, dtype = self._place(operand)
        lane, depth = self._scopes.lane, self._scopes.depth
        step = 0 if lane is None else self._step(index, lane)
        if lane is None or lane.lanes == 1 or step == 0:
            register = to_memory(self._builder, dtype, printer.spread(value, 1), 1)
            pointer = self.pointer(printer, operand, index, depth)
            self._builder.store(memory_type(dtype), register, pointer, dtype.itemsize)
            return
        register = printer.spread(value, lane.lanes)
        raw = to_memory(self._builder, dtype, register, lane.lanes)
        kind = memory_type(dtype, lane.lanes)
        if step == 1:
            pointer = self.pointer(printer, operand, index, depth)
            if lane.mask is not None:
                masked_store(self._builder, kind, raw, pointer, lane.mask)
            else:
                self._builder.store(kind, raw, pointer)
            return
        self._scatter(kind, raw, self._lane_pointers(printer, operand, index, depth, lane, step))

    def _scatter(self, kind: str, raw: str, pointers: Sequence[str]) -> None:
        for number, pointer in enumerate(pointers):
            element = self._builder.extract(kind, raw, number)
            self._builder.store(element_of(kind), element, pointer)


def masked_load(builder: Builder, kind: str, pointer: str, mask: str) -> str:
    """A vector whose lanes outside `mask` are zero and not touched in memory."""
    flags = vector("i1", lanes_of(kind))
    arguments = [("ptr", pointer), _align(kind), (flags, mask), (kind, literal(kind, 0))]
    return _masked(builder, "load", kind, kind, arguments)


def masked_store(builder: Builder, kind: str, value: str, pointer: str, mask: str) -> None:
    """Store the lanes in `mask` only."""
    if store_only_lane(builder, kind, value, pointer, mask):
        return
    flags = vector("i1", lanes_of(kind))
    arguments = [(kind, value), ("ptr", pointer), _align(kind), (flags, mask)]
    _masked(builder, "store", "void", kind, arguments)


def store_only_lane(builder: Builder, kind: str, value: str, pointer: str, mask: str) -> bool:
    """Store as a scalar where a constant mask has just one lane; False where it has not.

    LLVM 22 stores more than the element where it folds a truncation into such a masked store.
    """
    lane = _only_lane(mask)
    if lane is not None:
        element = builder.extract(kind, value, lane)
        builder.store(element_of(kind), element, builder.offset(pointer, lane, element_of(kind)))
    return lane is not None


def _only_lane(mask: str) -> int | None:
    """The lane of a constant mask that has just one."""
    flags = [flag.split() for flag in mask.strip("<>").split(",")]
    lanes = [lane for lane, flag in enumerate(flags) if flag == ["i1", "true"]]
    return lanes[0] if len(lanes) == 1 else None


def _align(kind: str) -> tuple[str, Integer]:
    return "i32 immarg", element_bits(kind) // 8


def _masked(
    builder: Builder, name: str, result: str, kind: str, arguments: Sequence[tuple[str, Integer]]
) -> str:
    """Print the form that every LLVM reads; newer ones turn it into theirs."""
    element = element_of(kind)
    suffix = f"v{lanes_of(kind)}" + {"float": "f32", "double": "f64"}.get(element, element)
    full = f"llvm.masked.{name}.{suffix}.p0"
    builder.module.declare(f"declare {result} @{full}({', '.join(k for k, _ in arguments)})")
    plain = [(k.removesuffix(" immarg"), value) for k, value in arguments]
    return builder.call(full, result, plain)
