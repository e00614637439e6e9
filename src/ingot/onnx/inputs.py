# SPDX-License-Identifier: Apache-2.0
"""The declared inputs of a model: which can be had, and the symbolic sizes of those."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from ingot.dims import Dim, Expression, parse, symbol, symbols
from ingot.errors import IngotError, Obstacle, UsageError
from ingot.ir.graph import Array, ListType, SymbolRange, Value
from ingot.ir.literals import KEYWORDS, TYPE_NAMES
from ingot.onnx.records import ValueRecord
from ingot.onnx.tensors import ELEMENT_TYPES, type_name

# (least, most) of a free size by its name, or (least, ..., greatest) shape of an input by its name.
Profiles: TypeAlias = Mapping[str, Sequence[int] | Sequence[Sequence[int]]]


LISTS: Final = ("sequence", "optional_tensor", "optional_sequence")


def list_type(value: ValueRecord) -> ListType:
    """The type of an input that is a sequence or optional.

    Named sizes of the tensors in it may differ; where no rank is declared that may too.
    """
    dtype = ELEMENT_TYPES[value.element_type]
    if value.shape is None or (not value.shape and value.kind != "optional_tensor"):
        return ListType(dtype, (), value.kind.replace("sequence", "any_sequence"))
    sizes = (size if isinstance(size, int) and size >= 0 else -1 for size in value.shape)
    return ListType(dtype, tuple(sizes), value.kind)


def input_obstacle(value: ValueRecord) -> Obstacle | None:
    """Why an input cannot be had, or None."""
    if value.kind != "tensor" and value.kind not in LISTS:
        reason = f"is a {value.kind} value, only tensors and lists of them are supported"
        return Obstacle(value.name, "input", reason, "split it into tensors before exporting")
    if value.element_type not in ELEMENT_TYPES:
        reason = f"holds {type_name(value.element_type)}"
        return Obstacle(value.name, "input", reason, "use floats, integers or bools")
    if value.shape is None and "sequence" not in value.kind:
        reason = "declares no shape, not even its rank"
        cure = "declare its axes, or give a profile of its shape; sizes may be names"
        return Obstacle(value.name, "input", reason, cure)
    return None


def fixed_input(value: ValueRecord, given: Array) -> Array:
    """The constant that takes the place of an input, read-only; raises UsageError."""
    array = np.array(given)
    wanted = ELEMENT_TYPES.get(value.element_type)
    fits = value.shape is None or (
        len(value.shape) == array.ndim
        and all(
            size == asked
            for size, asked in zip(array.shape, value.shape, strict=True)
            if isinstance(asked, int) and asked >= 0
        )
    )
    if wanted is None or array.dtype != wanted.numpy or not fits:
        raise UsageError(
            f"constant for input '{value.name}': is {array.dtype}{list(array.shape)}, the input is "
            f"{type_name(value.element_type)}{list(value.shape or ())}",
            cure="give an array of the input's type and shape",
        )
    array.flags.writeable = False
    return array


class Sizes:
    """The declared sizes of a model's inputs: numbers, names, arithmetic over names, or unknown.

    A name that is no plain word is spelled as one; each name is one symbol.
    """

    def __init__(self, values: Sequence[ValueRecord]) -> None:
        declared = [size for value in values for size in value.shape or ()]
        names = dict.fromkeys(size for size in declared if isinstance(size, str))
        self._words = {*KEYWORDS, *TYPE_NAMES}
        self._plain = {name: self._word(name) for name in names if _is_plain(name)}
        self._formulas = {name: self._formula(name) for name in names if name not in self._plain}
        for name, formula in self._formulas.items():
            if formula is None:
                self._plain[name] = self._word(name)

    def shape(self, value: ValueRecord) -> tuple[Dim, ...]:
        """The shape of an input; a size that the model leaves open is a new symbol."""
        return tuple(
            self._size(size, f"{value.name}_{axis}") for axis, size in enumerate(value.shape or ())
        )

    def _word(self, name: str) -> str:
        """A plain word that resembles `name` and is not taken; it is taken from then on."""
        word = re.sub("[^A-Za-z0-9_]", "_", name)
        word = word if _is_plain(word) else f"n{word}"
        while word in self._words:
            word += "_"
        self._words.add(word)
        return word

    def _formula(self, name: str) -> Expression | None:
        """The arithmetic that a name spells over other names, if it does."""
        try:
            formula = parse(name)
        except IngotError:
            return None
        if not isinstance(formula, Expression) or not symbols(formula) <= self._plain.keys():
            return None
        return formula

    def _size(self, size: int | str | None, fallback: str) -> Dim:
        if isinstance(size, int) and size >= 0:
            return size
        if not isinstance(size, str):
            return symbol(self._word(fallback))
        formula = self._formulas.get(size)
        return symbol(self._plain[size]) if formula is None else formula


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isidentifier()


def limit_symbols(
    ranges: MutableMapping[str, SymbolRange], inputs: Sequence[Value], profiles: Profiles
) -> None:
    """Narrow the ranges of free sizes to what the profiles allow; raises UsageError."""
    shapes = {value.name: value.shape for value in inputs}
    for name, (least, *_, most) in profiles.items():
        if name in ranges and isinstance(least, int) and isinstance(most, int):
            _narrow(ranges, name, least, most)
        elif name in shapes and not isinstance(least, int) and not isinstance(most, int):
            _narrow_shape(ranges, name, shapes[name], least, most)
        else:
            raise UsageError(
                f"profile of '{name}': is neither (least, most) of a free size nor of an input",
                cure=f"free sizes are {_listed(ranges)}, inputs are {_listed(shapes)}",
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _narrow(ranges: MutableMapping[str, SymbolRange], name: str, least: int, most: int) -> None:
    known = ranges[name]
    low = max(least, known.lo)
    high = most if known.hi is None else min(most, known.hi)
    if low > high:
        raise UsageError(f"profile of '{name}': no size is from {low} to {high}")
    ranges[name] = SymbolRange(low, high)


def _narrow_shape(
    ranges: MutableMapping[str, SymbolRange],
    name: str,
    shape: Sequence[Dim],
    least: Sequence[int],
    most: Sequence[int],
) -> None:
    if not len(least) == len(most) == len(shape):
        raise UsageError(
            f"profile of input '{name}': has rank {len(least)}, the input has rank {len(shape)}",
            cure="give one size for every axis",
        )
    for size, low, high in zip(shape, least, most, strict=True):
        if isinstance(size, int) and not low <= size <= high:
            raise UsageError(
                f"profile of input '{name}': asks for sizes {low} to {high}, the model has {size}",
                cure="correct the profile",
            )
        for text in symbols(size):
            if size == symbol(text):
                _narrow(ranges, text, low, high)
