# SPDX-License-Identifier: Apache-2.0
"""The table of scalar operators: how many arguments each takes and which types it works on.

The meaning of each is in `evaluate.py`, one NumPy formula a row; each target prints the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ingot.dtypes import BOOL, INT64, DType
from ingot.errors import GraphError

Domain = Literal["float", "integer", "number", "bool", "any"]
Result = Literal["same", "bool", "index"]


@dataclass(frozen=True, slots=True)
class Operator:
    """A scalar operator; arguments (but the condition of `where`) share one type in `domain`."""

    name: str
    arity: int
    domain: Domain
    result: Result = "same"
    cost: int = 1


def _rows(
    names: str, arity: int, domain: Domain, result: Result = "same", cost: int = 1
) -> list[Operator]:
    return [Operator(name, arity, domain, result, cost) for name in names.split()]


OPERATORS: Mapping[str, Operator] = {
    operator.name: operator
    for operator in (
        *_rows("add sub mul minimum maximum", 2, "number"),
        *_rows("neg abs sign", 1, "number"),
        *_rows("div mod floor_div floor_mod", 2, "number", cost=8),
        *_rows("pow", 2, "number", cost=60),
        *_rows("fma", 3, "float"),
        *_rows("floor ceil round_even trunc", 1, "float"),
        *_rows("sqrt rsqrt reciprocal", 1, "float", cost=8),
        *_rows("exp expm1 log log1p erf tanh sigmoid sin cos", 1, "float", cost=20),
        *_rows("tan asin acos atan sinh cosh asinh acosh atanh", 1, "float", cost=40),
        *_rows("equal not_equal", 2, "any", "bool"),
        *_rows("less less_equal greater greater_equal", 2, "any", "bool"),
        *_rows("is_nan is_inf", 1, "float", "bool"),
        *_rows("logical_and logical_or logical_xor", 2, "bool"),
        *_rows("logical_not", 1, "bool"),
        *_rows("bitwise_and bitwise_or bitwise_xor shift_left shift_right", 2, "integer"),
        *_rows("bitwise_not", 1, "integer"),
        *_rows("where", 3, "any"),
        *_rows("index wrapped_index", 2, "integer", "index", cost=4),
        *_rows("cast bits", 1, "any"),
    )
}


# What tells its own result type.
CONVERSIONS = frozenset({"cast", "bits"})


def _in_domain(dtype: DType, domain: Domain) -> bool:
    if domain == "any":
        return True
    if domain == "bool":
        return dtype == BOOL
    if domain == "number":
        return dtype != BOOL
    return dtype.is_float if domain == "float" else dtype.is_integer


def result_dtype(operator: Operator, dtypes: tuple[DType, ...]) -> DType:
    """The type that `operator` gives; raises GraphError when the arguments' types do not fit."""
    values = dtypes
    if operator.name == "where":
        if dtypes[0] != BOOL:
            raise GraphError(f"scalar operator 'where': condition is {dtypes[0]}, expects bool")
        values = dtypes[1:]
    if any(dtype != values[0] for dtype in values):
        listed = ", ".join(dtype.name for dtype in values)
        raise GraphError(f"scalar operator '{operator.name}': arguments differ in type ({listed})")
    if not _in_domain(values[0], operator.domain):
        raise GraphError(
            f"scalar operator '{operator.name}': takes {operator.domain} types, not {values[0]}"
        )
    if operator.result == "same":
        return values[0]
    return BOOL if operator.result == "bool" else INT64
