# SPDX-License-Identifier: Apache-2.0
"""Scalar operators as C++: a table from operator names to formulas over C++ expressions.

`kernel/evaluate.py` says what each must give; the compiler's own mathematics does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ingot.dtypes import BFLOAT16, BOOL, FLOAT16, FLOAT64, DType
from ingot.kernel.operators import OPERATORS
from ingot.targets.cuda import minifloat
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import literal, memory_type, register_type, unsigned_type
from ingot.targets.minifloat import MINIFLOATS

_INFIX: Mapping[str, str] = {
    "add": "+", "sub": "-", "mul": "*", "div": "/",
    "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "logical_and": "&&", "logical_or": "||", "logical_xor": "!=",
    "bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^",
}  # fmt: skip
_FUNCTIONS: Mapping[str, str] = {
    "mod": "fmod", "pow": "pow", "fma": "fma", "abs": "fabs", "floor": "floor", "ceil": "ceil",
    "round_even": "rint", "trunc": "trunc", "sqrt": "sqrt", "exp": "exp", "expm1": "expm1",
    "log": "log", "log1p": "log1p", "erf": "erf", "tanh": "tanh", "sin": "sin", "cos": "cos",
    "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan", "sinh": "sinh", "cosh": "cosh",
    "asinh": "asinh", "acosh": "acosh", "atanh": "atanh",
}  # fmt: skip
_INTEGER_HELPERS: Mapping[str, str] = {
    "div": "quotient", "mod": "remainder_of", "floor_div": "floor_quotient",
    "floor_mod": "floor_remainder", "pow": "integer_power", "shift_left": "shift_left",
    "shift_right": "shift_right", "sign": "sign",
}  # fmt: skip
DIVISIONS: Final = ("div", "mod", "floor_div", "floor_mod")
_WHOLE_POWERS: Mapping[float, str] = {
    1.0: "{0}", 2.0: "{0} * {0}", 3.0: "{0} * {0} * {0}", 4.0: "({0} * {0}) * ({0} * {0})",
}  # fmt: skip


def operator_text(source: Source, op: str, dtype: DType, args: Sequence[str]) -> str:
    """`op` on arguments of type `dtype`; the arguments are names or in brackets."""
    if OPERATORS[op].result == "bool" and op not in ("is_nan", "is_inf"):
        return f"{args[0]} {_INFIX[op]} {args[1]}"
    if dtype == BOOL:
        return f"!{args[0]}" if op == "logical_not" else f"{args[0]} {_INFIX[op]} {args[1]}"
    if dtype.is_float:
        return _float(source, op, dtype, args)
    return _integer(source, op, dtype, args)


def _float(source: Source, op: str, dtype: DType, args: Sequence[str]) -> str:
    double = dtype == FLOAT64
    suffix = "" if double else "f"
    one = f"1.0{suffix}"
    if op in _INFIX:
        return f"{args[0]} {_INFIX[op]} {args[1]}"
    if op in _FUNCTIONS:
        return f"{_FUNCTIONS[op]}{suffix}({', '.join(args)})"
    if op in ("minimum", "maximum", "sign"):
        return f"{source.helper(op)}({', '.join(args)})"
    formulas: Mapping[str, Callable[[], str]] = {
        "neg": lambda: f"-{args[0]}",
        "floor_div": lambda: f"floor{suffix}({args[0]} / {args[1]})",
        "floor_mod": lambda: f"{source.helper('float_floor_mod')}({args[0]}, {args[1]})",
        "rsqrt": lambda: f"{one} / sqrt{suffix}({args[0]})",
        "reciprocal": lambda: f"{one} / {args[0]}",
        "sigmoid": lambda: f"{one} / ({one} + exp{suffix}(-{args[0]}))",
        "is_nan": lambda: f"{args[0]} != {args[0]}",
        "is_inf": lambda: f"fabs{suffix}({args[0]}) == {literal(float('inf'), dtype)}",
    }
    return formulas[op]()


def power_text(args: Sequence[str], exponent: float) -> str | None:
    """A float power with a small whole constant exponent as products."""
    form = _WHOLE_POWERS.get(exponent)
    return None if form is None else form.format(args[0])


def _integer(source: Source, op: str, dtype: DType, args: Sequence[str]) -> str:
    kind, wide = register_type(dtype), unsigned_type(dtype)
    if op in ("add", "sub", "mul"):
        return f"({kind})(({wide}){args[0]} {_INFIX[op]} ({wide}){args[1]})"
    if op in _INTEGER_HELPERS:
        values = ", ".join(f"({kind}){arg}" for arg in args)
        return f"{source.helper(_INTEGER_HELPERS[op])}<{kind}>({values})"
    if op in ("minimum", "maximum"):
        return f"({args[0]} {'<' if op == 'minimum' else '>'} {args[1]} ? {args[0]} : {args[1]})"
    if op == "neg":
        return f"({kind})(0u - ({wide}){args[0]})"
    if op == "abs":
        if not dtype.is_signed:
            return args[0]
        return f"({args[0]} < 0 ? ({kind})(0u - ({wide}){args[0]}) : {args[0]})"
    if op == "bitwise_not":
        return f"({kind})~{args[0]}"
    return f"({kind})({args[0]} {_INFIX[op]} {args[1]})"


def convert_text(source: Source, value: str, old: DType, new: DType) -> str:
    """`value` of type `old` as `new`: float to integer saturates, NaN becomes 0, ints wrap."""
    kind = register_type(new)
    if new == BOOL:
        return f"{value} != 0"
    if new in (FLOAT16, BFLOAT16, *MINIFLOATS):
        wide = value if old.is_float else f"(float){value}"
        return from_memory(source, new, to_memory(source, new, wide))
    if old.is_float and not new.is_float:
        low = -(1 << (new.bits - 1)) if new.is_signed else 0
        high = 1 << (new.bits - (1 if new.is_signed else 0))
        bounds = ", ".join((
            literal(float(low), old), literal(float(high), old),
            literal(low, new), literal(high - 1, new),
        ))  # fmt: skip
        return f"{source.helper('saturate')}<{kind}>({value}, {bounds})"
    return _low_bits(new, value) if new.bits < 8 and not new.is_float else f"({kind}){value}"


def reinterpret_text(source: Source, value: str, old: DType, new: DType) -> str:
    """The bits of `value` of type `old` as `new`, which is as wide."""
    helper = f"{source.helper('bits_as')}<{memory_type(new)}, {memory_type(old)}>"
    return from_memory(source, new, f"{helper}({to_memory(source, old, value)})")


def from_memory(source: Source, dtype: DType, value: str) -> str:
    """A register value from what was loaded."""
    if dtype == BOOL:
        return f"{value} != 0"
    if dtype == FLOAT16:
        return f"{source.helper('from_half')}({value})"
    if dtype == BFLOAT16:
        return f"{source.helper('from_bfloat')}({value})"
    if dtype in MINIFLOATS:
        name, template = minifloat.function(dtype, "from")
        return f"{source.helper(name)}{template}({value})"
    return _low_bits(dtype, value) if dtype.bits < 8 else value


def to_memory(source: Source, dtype: DType, value: str) -> str:
    """What to store for a register value, rounded to `dtype`."""
    if dtype == BOOL:
        return f"(unsigned char){value}"
    if dtype == FLOAT16:
        return f"{source.helper('to_half')}({value})"
    if dtype == BFLOAT16:
        return f"{source.helper('to_bfloat')}({value})"
    if dtype in MINIFLOATS:
        name, template = minifloat.function(dtype, "to")
        return f"{source.helper(name)}{template}({value})"
    return f"(unsigned char)({value} & {(1 << dtype.bits) - 1})" if dtype.bits < 8 else value


def _low_bits(dtype: DType, value: str) -> str:
    """The number that the low bits of an integer stand for; a sign bit less its weight twice."""
    low, sign = f"((int){value} & {(1 << dtype.bits) - 1})", 1 << (dtype.bits - 1)
    return (
        f"({register_type(dtype)})(({low} ^ {sign}) - {sign})"
        if dtype.is_signed
        else (f"({register_type(dtype)}){low}")
    )
