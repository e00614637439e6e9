# SPDX-License-Identifier: Apache-2.0
"""One row of attention scores: mask, largest, powers, sum.

The row lies in scratch memory whose pitch is a whole number of vectors, so every vector may be
loaded and stored; lanes beyond the row, beyond the causal frontier or masked off become 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.dtypes import BOOL, FLOAT32
from ingot.kernel.expr import Acc, Expr, Load, exp
from ingot.kernel.view import View
from ingot.targets.cpu.builder import Builder, Integer, Module, Parameter, literal, vector
from ingot.targets.cpu.kernels.elementwise import emit_vectors
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.vectors import lane_mask
from ingot.targets.cpu.kernels.walk import Sizes, Walk, dot
from ingot.targets.cpu.types import memory_type

_LARGEST = Load(0, (), FLOAT32)
_POWER: Expr = exp(Acc(FLOAT32) - _LARGEST)
_NAME = "soften"


@dataclass(frozen=True)
class Mask:
    """A mask and how it is walked along batch axes, rows and columns of the scores."""

    view: View
    walk: Walk

    @staticmethod
    def of(view: View, rank: int, split: Callable[[Sequence[Dim], Dim], Walk]) -> Mask:
        """The mask's view spread over scores of `rank` axes, which `split` tells apart."""
        steps = zip(view.shape, view.strides, strict=True)
        spread = [0 if size == 1 else step for size, step in steps]
        return Mask(view, split([*[0] * (rank - view.rank), *spread], 0))

    @property
    def element(self) -> str:
        """LLVM's name of an element in memory."""
        return memory_type(self.view.dtype)

    def dims(self) -> list[Dim]:
        """Every size that the code needs."""
        return [*self.walk.dims()]

    def at(self, builder: Builder, sizes: Sizes, pointer: str, index: Sequence[Integer]) -> str:
        """The mask of one batch index."""
        move = dot(builder, index, [sizes[stride] for stride in self.walk.batch])
        return builder.offset(pointer, move, self.element)


class Scores:
    """Prints calls of the row function, and the function when it is first called."""

    def __init__(self, module: Module, lanes: int, mask: Mask | None, causal: bool) -> None:
        self._module = module
        self._lanes = lanes
        self._kind = vector("float", lanes)
        self._mask = mask
        self._causal = causal

    def call(
        self,
        builder: Builder,
        sizes: Sizes,
        line: str,
        count: Integer,
        row: Sequence[Integer],
        last: Integer,
        mask: str | None,
    ) -> str:
        """Soften the row at `line`; the register of the reciprocal of its sum.

        `row` is its index along the row axes; causal scores see the keys up to number `last`.
        """
        if not self._module.has(_NAME):
            self._print()
        arguments: list[tuple[str, Integer]] = [("ptr", line), ("i64", count)]
        seen = builder.maximum(builder.add(last, 1), 0)
        arguments.append(("i64", builder.minimum(count, seen) if self._causal else count))
        if self._mask is not None and mask is not None:
            move = dot(builder, row, [sizes[stride] for stride in self._mask.walk.rows])
            arguments.append(("ptr", builder.offset(mask, move, self._mask.element)))
        return builder.call(_NAME, "float", arguments)

    def _print(self) -> None:
        parameters: list[Parameter] = [("ptr", "%line"), ("i64", "%count"), ("i64", "%seen")]
        parameters += [("ptr", "%mask")] if self._mask is not None else []
        builder = self._module.function(_NAME, parameters, result="float")
        largest = self._largest(builder)
        total = self._powers(builder, largest)
        safe = builder.choose(
            "float", builder.test("fcmp oeq", "float", total, literal("float", 0)),
            literal("float", 1), total,
        )  # fmt: skip
        builder.ret("float", builder.fdiv("float", literal("float", 1), safe))

    def _largest(self, builder: Builder) -> str:
        """Mask the row; its largest element, 0 where nothing is seen."""
        low = literal(self._kind, float("-inf"))

        def body(column: Integer, carried: list[str]) -> list[str]:
            place = builder.offset("%line", column, "float")
            inside = lane_mask(builder, self._lanes, builder.sub("%seen", column))
            value = self._masked(builder, builder.load(self._kind, place), column, inside)
            value = builder.choose(self._kind, inside, value, low)
            builder.store(self._kind, value, place)
            return [builder.fmax(self._kind, carried[0], value)]

        (lanes,) = builder.loop(0, "%count", self._lanes, body, [(self._kind, low)])
        largest = self._fold(builder, lanes, "fmax")
        if self._mask is None and not self._causal:
            return largest
        hidden = builder.test("fcmp oeq", "float", largest, literal("float", float("-inf")))
        return builder.choose("float", hidden, literal("float", 0), largest)

    def _masked(self, builder: Builder, value: str, column: Integer, inside: str) -> str:
        if self._mask is None:
            return value
        mask = self._load_mask(builder, column, inside)
        if self._mask.view.dtype != BOOL:
            return builder.fadd(self._kind, value, mask)
        return builder.choose(self._kind, mask, value, literal(self._kind, float("-inf")))

    def _load_mask(self, builder: Builder, column: Integer, inside: str) -> str:
        assert self._mask is not None
        stored, lanes = Stored(self._mask.view.dtype), self._lanes
        if self._mask.walk.column != 0:
            return stored.load(builder, stored.at(builder, "%mask", column), lanes, inside)
        kind = vector("i1" if stored.dtype == BOOL else "float", lanes)
        return builder.splat(kind, stored.load(builder, "%mask"))

    def _powers(self, builder: Builder, largest: str) -> str:
        """The row to powers; their sum."""
        splat = builder.splat(self._kind, largest)

        def body(column: Integer, carried: list[str]) -> list[str]:
            place = builder.offset("%line", column, "float")
            value = builder.load(self._kind, place)
            leaves = {Acc(FLOAT32): value, _LARGEST: splat}
            (power,) = emit_vectors(builder, [_POWER], self._lanes, leaves.get)
            builder.store(self._kind, power, place)
            return [builder.fadd(self._kind, carried[0], power)]

        zero = literal(self._kind, 0)
        (lanes,) = builder.loop(0, "%count", self._lanes, body, [(self._kind, zero)])
        return self._fold(builder, lanes, "fadd")

    def _fold(self, builder: Builder, value: str, operation: str) -> str:
        """All lanes joined by halves."""
        width = self._lanes
        combine = getattr(builder, operation)
        while width > 1:
            width //= 2
            order = [(lane + width) % self._lanes for lane in range(self._lanes)]
            value = combine(self._kind, value, builder.shuffle(self._kind, value, value, order))
        return builder.extract(self._kind, value, 0)
