# SPDX-License-Identifier: Apache-2.0
"""The table of every ONNX operator that we read: one explicit tuple a family."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ingot.onnx.operator import Operator
from ingot.onnx.ops import (
    activation,
    arithmetic,
    attention,
    chance,
    contract,
    convolution,
    index,
    logic,
    maxima,
    microsoft,
    ngrams,
    normalization,
    pooling,
    quantization,
    recurrence,
    recurrent,
    reduction,
    resize,
    rotary,
    sampling,
    selection,
    shape,
    spectral,
)

FAMILIES: Final[Mapping[str, tuple[Operator, ...]]] = MappingProxyType(
    {
        "arithmetic": arithmetic.OPERATORS,
        "logic": logic.OPERATORS,
        "activation": activation.OPERATORS,
        "shape": shape.OPERATORS,
        "index": index.OPERATORS,
        "selection": selection.OPERATORS,
        "chance": chance.OPERATORS,
        "ngrams": ngrams.OPERATORS,
        "reduction": reduction.OPERATORS,
        "recurrent": recurrent.OPERATORS,
        "contract": contract.OPERATORS,
        "convolution": convolution.OPERATORS,
        "quantization": quantization.OPERATORS,
        "pooling": pooling.OPERATORS,
        "maxima": maxima.OPERATORS,
        "normalization": normalization.OPERATORS,
        "attention": attention.OPERATORS,
        "rotary": rotary.OPERATORS,
        "recurrence": recurrence.OPERATORS,
        "com.microsoft": microsoft.OPERATORS,
        "resize": resize.OPERATORS,
        "sampling": sampling.OPERATORS,
        "spectral": spectral.OPERATORS,
    }
)


def _by_name() -> dict[tuple[str, str], tuple[Operator, ...]]:
    """Every form of each operator, the newest first."""
    forms: dict[tuple[str, str], list[Operator]] = {}
    for family in FAMILIES.values():
        for operator in family:
            forms.setdefault((operator.domain, operator.name), []).append(operator)
    return {key: tuple(sorted(of, key=lambda o: -o.since)) for key, of in forms.items()}


OPERATORS: Final[Mapping[tuple[str, str], tuple[Operator, ...]]] = MappingProxyType(_by_name())


def find(domain: str, name: str, opset: int) -> Operator | None:
    """The form of an operator that holds in `opset`, or None."""
    for operator in OPERATORS.get((domain, name), ()):
        if operator.since <= opset:
            return operator
    return None


def oldest_known(name: str, domain: str = "") -> int | None:
    """The first opset whose form of an operator we read, or None where we read none."""
    forms = OPERATORS.get((domain, name))
    return forms[-1].since if forms else None
