# SPDX-License-Identifier: Apache-2.0
"""The meaning of scalar expressions, in NumPy.

Floats are computed in float64 whatever their type (the caller rounds once), integers exactly in
their own type with wraparound. Every target's code is tested against this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import BOOL, DType
from ingot.errors import RunError
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Acc, Apply, Const, Expr, Load, Reduce, Size, Var, walk

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Environment:
    """What the leaves of an expression stand for.

    `variables` are integers or integer arrays that broadcast together; `operands` are the logical
    arrays that loads read (a load without index gives the whole operand); `sizes` bind symbols;
    `accumulator` is the value of `Acc`.
    """

    operands: Sequence[Array] = ()
    variables: Mapping[str, int | Array] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    accumulator: Array | None = None


def evaluate(expr: Expr, environment: Environment) -> Array:
    """The value of `expr`: float64 for float types, the type itself for others.

    Raises RunError where a kernel reports a fault: an index out of range, integer division by zero.
    """
    variables = {
        name: np.asarray(value, dtype=np.int64) for name, value in environment.variables.items()
    }
    held = np.zeros(()) if environment.accumulator is None else environment.accumulator
    ranks = [held.ndim, *(value.ndim for value in variables.values())]
    with np.errstate(all="ignore"):
        return _Evaluator(environment, variables, max(ranks)).value(expr)


def run(compute: Compute, operands: Sequence[Array], sizes: Mapping[str, int]) -> list[Array]:
    """All results of `compute` on logical arrays, each rounded once to its view's type."""
    extents = [dims.evaluate(extent, dict(sizes)) for _, extent in compute.axes]
    rank = len(extents)
    variables: dict[str, int | Array] = {
        var.name: np.arange(extent).reshape((1,) * axis + (-1,) + (1,) * (rank - axis - 1))
        for axis, ((var, _), extent) in enumerate(zip(compute.axes, extents, strict=True))
    }
    environment = Environment(operands, variables, sizes)
    return [
        np.broadcast_to(rounded(evaluate(expr, environment), view.dtype), extents)
        for view, expr in compute.results
    ]


def rounded(values: Array, dtype: DType) -> Array:
    """`values` as an array of `dtype`, rounded to nearest even."""
    with np.errstate(all="ignore"):
        return _nearest(np.asarray(values), dtype)


def _nearest(values: Array, dtype: DType) -> Array:
    """The nearest values of a type. NumPy's narrowest floats take doubles by way of float32.

    So that this rounds once, a float32 that is not exact is the one with an odd last bit.
    """
    if not (dtype.is_float and dtype.bits <= 8 and values.dtype == np.float64):
        return values.astype(dtype.numpy)
    near = values.astype(np.float32)
    bits = near.view(np.uint32) - (np.abs(near) > np.abs(values))
    inexact = (near != values) & ~np.isnan(values)
    return np.where(inexact, bits | 1, near.view(np.uint32)).view(np.float32).astype(dtype.numpy)


def convert(value: Array, source: DType, target: DType) -> Array:
    """`cast`: saturates from float to integer, wraps between integers, rounds to narrow floats."""
    value = np.asarray(value)
    with np.errstate(all="ignore"):
        if target == BOOL:
            return np.asarray(value != 0)
        if target.is_float:
            return _nearest(value, target).astype(np.float64)
        if not source.is_float:
            wide = value.astype(np.int8) if source.bits < 8 else value
            return wide.astype(target.numpy)
        low = -(2.0 ** (target.bits - 1)) if target.is_signed else 0.0
        high = 2.0 ** (target.bits - (1 if target.is_signed else 0))
        inside = np.where((value > low) & (value < high), np.trunc(value), 0.0)
        result = inside.astype(target.numpy)
        result = np.where(value >= high, np.array(int(high) - 1).astype(target.numpy), result)
        return np.where(value <= low, np.array(int(low)).astype(target.numpy), result)


class _Evaluator:
    """Evaluates expressions in one environment; a Reduce opens an inner one with more axes."""

    def __init__(
        self,
        environment: Environment,
        variables: Mapping[str, Array],
        rank: int,
    ) -> None:
        self._environment = environment
        self._variables = variables
        self._rank = rank
        self._memo: dict[Expr, Array] = {}

    def value(self, expr: Expr) -> Array:
        for part in walk((expr,), stop=lambda part: isinstance(part, Reduce)):
            if part not in self._memo:
                self._memo[part] = self._compute(part)
        return self._memo[expr]

    def _compute(self, expr: Expr) -> Array:
        if isinstance(expr, Const):
            return np.asarray(expr.value, dtype=_holder(expr.dtype))
        if isinstance(expr, Var):
            return self._variables[expr.name]
        if isinstance(expr, Size):
            return np.asarray(self._size(expr.dim), dtype=np.int64)
        if isinstance(expr, Load):
            return self._load(expr)
        if isinstance(expr, Reduce):
            return self._reduce(expr)
        if isinstance(expr, Acc):
            assert self._environment.accumulator is not None, "no accumulator in this expression"
            return self._environment.accumulator.astype(_holder(expr.dtype))
        assert isinstance(expr, Apply)
        return self._apply(expr)

    def _size(self, dim: Dim) -> int:
        return dims.evaluate(dim, dict(self._environment.sizes))

    def _apply(self, expr: Apply) -> Array:
        args = [self._memo[arg] for arg in expr.args]
        if expr.op == "cast":
            return convert(args[0], expr.args[0].dtype, expr.dtype)
        if expr.op == "bits":
            stored = args[0].astype(expr.args[0].dtype.numpy)
            return stored.view(expr.dtype.numpy).astype(_holder(expr.dtype))
        if expr.op in ("index", "wrapped_index"):
            return _checked(args[0], args[1], expr.op == "wrapped_index")
        if expr.args[0].dtype.is_integer and expr.op in INTEGER_FORMULAS:
            if expr.op in ("div", "mod", "floor_div", "floor_mod") and np.any(args[1] == 0):
                raise RunError("integer division: divisor is 0", cure="check the input data")
            return np.asarray(INTEGER_FORMULAS[expr.op](*args)).astype(expr.dtype.numpy)
        return np.asarray(FORMULAS[expr.op](*args), dtype=_holder(expr.dtype))

    def _load(self, expr: Load) -> Array:
        array = self._environment.operands[expr.operand]
        index = [self._memo[part] for part in expr.index]
        if array.size == 0 and index:
            shape = np.broadcast_shapes((1,) * self._rank, *(part.shape for part in index))
            return np.zeros(shape, dtype=_holder(expr.dtype))
        for part, extent in zip(index, array.shape, strict=bool(index)):  # () is the whole array
            inside = bool(np.all((part >= 0) & (part < extent)))
            assert inside, f"load from operand {expr.operand}: index out of range"
        return np.asarray(array[tuple(index)]).astype(_holder(expr.dtype))

    def _reduce(self, expr: Reduce) -> Array:
        variables = dict(self._variables)
        extents = [self._size(extent) for _, extent in expr.axes]
        rank = self._rank
        for (var, _), extent in zip(reversed(expr.axes), reversed(extents), strict=True):
            variables[var.name] = np.arange(extent).reshape((-1,) + (1,) * rank)
            rank += 1
        body = _Evaluator(self._environment, variables, rank).value(expr.body)
        tail = np.broadcast_shapes(body.shape, (1,) * rank)[len(extents) :]
        flat = np.broadcast_to(body, (*extents, *tail)).reshape(math.prod(extents), *tail)
        return np.asarray(_REDUCTIONS[expr.kind](flat), dtype=_holder(expr.dtype))


def _checked(value: Array, extent: Array, wrap: bool) -> Array:
    index = np.where(value < 0, value + extent, value) if wrap else value
    bad = (index < 0) | (index >= extent)
    if np.any(bad):
        first, size = (np.broadcast_to(array, bad.shape)[bad][0] for array in (value, extent))
        raise RunError(f"index {first}: out of range for an axis of size {size}")
    return np.asarray(index)


def _holder(dtype: DType) -> np.dtype[Any]:
    return np.dtype(np.float64) if dtype.is_float else dtype.numpy


def _truncated_div(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, (a - np.fmod(a, np.where(b == 0, 1, b))) // np.where(b == 0, 1, b))


def _integer_pow(base: Array, exponent: Array) -> Array:
    positive = np.power(base, np.maximum(exponent, 0))
    negative = np.where(base == 1, 1, np.where(base == -1, 1 - 2 * (exponent & 1), 0))
    return np.where(exponent >= 0, positive, negative)


def _shift(value: Array, amount: Array, left: bool) -> Array:
    bits = value.dtype.itemsize * 8
    inside = (amount >= 0) & (amount < bits)
    count = np.where(inside, amount, 0)
    if left:
        return np.where(inside, np.left_shift(value, count), 0)
    beyond = -(value < 0).astype(value.dtype)
    return np.where(inside, np.right_shift(value, count), beyond)


def _elementwise(function: Callable[[float], float]) -> Callable[[Array], Array]:
    vectorised = np.frompyfunc(function, 1, 1)
    return lambda values: np.asarray(vectorised(values)).astype(np.float64)


FORMULAS: Mapping[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "mod": np.fmod,
    "floor_div": lambda a, b: np.floor(np.divide(a, b)),
    "floor_mod": lambda a, b: np.where(np.isinf(b) & np.isfinite(a), _wrap(a, b), np.mod(a, b)),
    "pow": np.power,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "neg": np.negative,
    "abs": np.abs,
    "sign": np.sign,
    "fma": lambda a, b, c: a * b + c,
    "floor": np.floor,
    "ceil": np.ceil,
    "round_even": np.rint,
    "trunc": np.trunc,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1.0 / np.sqrt(x),
    "reciprocal": lambda x: 1.0 / x,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "erf": _elementwise(math.erf),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "is_nan": np.isnan,
    "is_inf": np.isinf,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "logical_not": np.logical_not,
    "where": np.where,
}

INTEGER_FORMULAS: Mapping[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "neg": np.negative,
    "abs": np.abs,
    "sign": np.sign,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "div": _truncated_div,
    "mod": lambda a, b: np.where(b == 0, 0, np.fmod(a, np.where(b == 0, 1, b))),
    "floor_div": lambda a, b: np.where(b == 0, 0, np.floor_divide(a, np.where(b == 0, 1, b))),
    "floor_mod": lambda a, b: np.where(b == 0, 0, np.mod(a, np.where(b == 0, 1, b))),
    "pow": _integer_pow,
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
    "bitwise_not": np.invert,
    "shift_left": lambda value, amount: _shift(value, amount, left=True),
    "shift_right": lambda value, amount: _shift(value, amount, left=False),
}


def _wrap(a: Array, b: Array) -> Array:
    return np.where((a == 0) | ((a < 0) == (b < 0)), a, b)


def _winner(pick: Callable[..., Any], last: bool) -> Callable[[Array], Any]:
    def position(body: Array) -> Any:
        if body.shape[0] == 0:
            return np.zeros(body.shape[1:], dtype=np.int64)
        return body.shape[0] - 1 - pick(body[::-1], axis=0) if last else pick(body, axis=0)

    return position


_REDUCTIONS: Mapping[str, Callable[[Array], Any]] = {
    "sum": lambda body: body.sum(axis=0, dtype=body.dtype),
    "prod": lambda body: body.prod(axis=0, dtype=body.dtype),
    "max": lambda body: body.max(axis=0, initial=_lowest(body.dtype)),
    "min": lambda body: body.min(axis=0, initial=_highest(body.dtype)),
    "any": lambda body: body.any(axis=0),
    "all": lambda body: body.all(axis=0),
    "argmax": _winner(np.argmax, last=False),
    "argmin": _winner(np.argmin, last=False),
    "argmax_last": _winner(np.argmax, last=True),
    "argmin_last": _winner(np.argmin, last=True),
}


def _lowest(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "b":
        return False
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _highest(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "b":
        return True
    return np.inf if dtype.kind == "f" else np.iinfo(dtype).max
