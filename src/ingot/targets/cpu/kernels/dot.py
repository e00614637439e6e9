# SPDX-License-Identifier: Apache-2.0
"""Products of bytes, summed in lanes of 32 bits: which instruction a CPU has, and what it takes.

Four neighbours along the depth where one instruction multiplies unsigned by signed bytes (VNNI);
two where one multiplies pairs of 16 bits; else one. The first form takes a signed left operand with
128 added: what that adds to a sum is 128 times the sum of the right operand's column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dtypes import INT8, DType
from ingot.spec import DeviceSpec
from ingot.targets.cpu.builder import Builder, Integer, lanes_of, literal, vector

_SIGNS = 0x80808080 - (1 << 32)  # the sign bit of each byte, as an i32
_BYTES = 4
_PAIRS = {
    4: "llvm.x86.sse2.pmadd.wd",
    8: "llvm.x86.avx2.pmadd.wd",
    16: "llvm.x86.avx512.pmaddw.d.512",
}


def choose_group(spec: DeviceSpec, right: DType, centred: bool) -> int:
    """How many neighbours one step takes; `centred` says that the right one has a zero point."""
    if right == INT8 and not centred and {"avx512vnni", "avxvnni"} & spec.features:
        return _BYTES
    return 1 if spec.architecture == "aarch64" else 2


@dataclass(frozen=True, slots=True)
class Dot:
    """The step for a left operand of type `left`, `group` neighbours at a time."""

    left: DType
    group: int

    @property
    def offset(self) -> int:
        """What is added to each element of the left operand."""
        return 128 if self.group == _BYTES and self.left.is_signed else 0

    @property
    def ones(self) -> int:
        """A factor of ones, as an i32."""
        return {1: 1, 2: 0x00010001, _BYTES: 0x01010101}[self.group]

    def widens(self, spec: DeviceSpec) -> bool:
        """Whether lines of the left operand are widened before their pairs are spread.

        It pays where an instruction spreads a word of memory.
        """
        return self.group == 2 and "avx2" in spec.features

    @property
    def wide(self) -> str:
        """LLVM's name of an element of a factor."""
        return f"i{32 // self.group}"

    def widened(self, builder: Builder, value: str, lanes: int) -> str:
        """A vector of the left operand's bytes as elements of factors."""
        extend = "sext" if self.left.is_signed else "zext"
        return builder.convert(extend, vector("i8", lanes), value, vector(self.wide, lanes))

    def factor(self, builder: Builder, kind: str, pointer: str) -> str:
        """A whole group of the left operand at `pointer`, in every lane."""
        if self.group == 1:
            return builder.splat(kind, self._extended(builder, builder.load("i8", pointer)))
        if self.group == _BYTES:
            return self._offset(builder, kind, builder.load("i32", pointer, 1))
        pair = builder.load("<2 x i8>", pointer, 1)
        extend = "sext" if self.left.is_signed else "zext"
        wide = builder.convert(extend, "<2 x i8>", pair, "<2 x i16>")
        return builder.splat(kind, builder.convert("bitcast", "<2 x i16>", wide, "i32"))

    def factor_of(self, builder: Builder, kind: str, elements: Sequence[str]) -> str:
        """Fewer elements than a group, as i8, in every lane; those that are missing are zeros."""
        if self.group == _BYTES:
            bytes_ = [builder.convert("zext", "i8", one, "i32") for one in elements]
            return self._offset(builder, kind, joined(builder, "i32", bytes_, _BYTES))
        wide = [self._extended(builder, one) for one in elements]
        return builder.splat(kind, joined(builder, "i32", wide, self.group))

    def step(self, builder: Builder, kind: str, total: str, factor: str, column: str) -> str:
        """`total` plus the products of `factor` and a panel's vector."""
        lanes = lanes_of(kind)
        if self.group == 1:
            product = builder.binary("mul", kind, factor, column)
            return builder.binary("add", kind, total, product)
        if self.group == _BYTES:
            return self._bytes(builder, kind, total, factor, column)
        half = vector("i16", 2 * lanes)
        pairs = [builder.convert("bitcast", kind, one, half) for one in (factor, column)]
        if lanes not in _PAIRS:
            return builder.binary("add", kind, total, _by_halves(builder, kind, pairs, lanes))
        arguments: list[tuple[str, Integer]] = [(half, one) for one in pairs]
        product = builder.call(_PAIRS[lanes], kind, arguments, declare=True)
        return builder.binary("add", kind, total, product)

    def _bytes(self, builder: Builder, kind: str, total: str, factor: str, column: str) -> str:
        """VNNI has vectors of 4, 8 and 16 lanes; a narrower one is the start of such a vector."""
        lanes = lanes_of(kind)
        full = max(lanes, 4)
        wide = vector("i32", full)
        operands = [_padded(builder, kind, one, full) for one in (total, factor, column)]
        arguments: list[tuple[str, Integer]] = [(wide, one) for one in operands]
        name = f"llvm.x86.avx512.vpdpbusd.{32 * full}"
        result = builder.call(name, wide, arguments, declare=True)
        return _start(builder, wide, result, lanes)

    def _offset(self, builder: Builder, kind: str, word: str) -> str:
        spread = builder.splat(kind, word)
        if not self.offset:
            return spread
        return builder.binary("xor", kind, spread, literal(kind, _SIGNS))

    def _extended(self, builder: Builder, byte: str) -> str:
        return builder.convert("sext" if self.left.is_signed else "zext", "i8", byte, "i32")


def joined(builder: Builder, kind: str, elements: Sequence[str], group: int) -> str:
    """Up to `group` integers of 32 bits as the fields of one, the first one lowest."""
    width = 32 // group
    mask = literal(kind, (1 << width) - 1)
    result = ""
    for number, element in enumerate(elements):
        field = element if group == 1 else builder.binary("and", kind, element, mask)
        if number:
            field = builder.binary("shl", kind, field, literal(kind, number * width))
            field = builder.binary("or", kind, result, field)
        result = field
    return result


def _by_halves(builder: Builder, kind: str, pairs: Sequence[str], lanes: int) -> str:
    """Products of pairs where no instruction has that many lanes."""
    total = ""
    for half in range(2):
        places = range(half, 2 * lanes, 2)
        wide = [_every_other(builder, one, places, lanes) for one in pairs]
        product = builder.binary("mul", kind, *wide)
        total = builder.binary("add", kind, total, product) if total else product
    return total


def _every_other(builder: Builder, pairs: str, places: Sequence[int], lanes: int) -> str:
    kind, half = vector("i16", 2 * lanes), vector("i16", lanes)
    if lanes == 1:
        chosen = builder.extract(kind, pairs, places[0])
    else:
        listed = ", ".join(f"i32 {place}" for place in places)
        mask = f"<{lanes} x i32> <{listed}>"
        chosen = builder.value(f"shufflevector {kind} {pairs}, {kind} poison, {mask}")
    return builder.convert("sext", half, chosen, vector("i32", lanes))


def _padded(builder: Builder, kind: str, value: str, lanes: int) -> str:
    have = lanes_of(kind)
    if have == lanes:
        return value
    if have == 1:
        return builder.insert(vector("i32", lanes), "zeroinitializer", value, 0)
    listed = ", ".join(f"i32 {min(place, have)}" for place in range(lanes))
    mask = f"<{lanes} x i32> <{listed}>"
    return builder.value(f"shufflevector {kind} {value}, {kind} zeroinitializer, {mask}")


def _start(builder: Builder, kind: str, value: str, lanes: int) -> str:
    if lanes_of(kind) == lanes:
        return value
    if lanes == 1:
        return builder.extract(kind, value, 0)
    listed = ", ".join(f"i32 {place}" for place in range(lanes))
    mask = f"<{lanes} x i32> <{listed}>"
    return builder.value(f"shufflevector {kind} {value}, {kind} poison, {mask}")
