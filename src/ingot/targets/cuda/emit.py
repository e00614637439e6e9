# SPDX-License-Identifier: Apache-2.0
"""Prints scalar expressions as C++, each one once in its scope.

Index arithmetic is done in `int` wherever the ranges of the variables prove that it fits, since
64-bit arithmetic is several instructions on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import INT64, DType
from ingot.errors import CompileError
from ingot.kernel.nodes import (
    Apply,
    Const,
    Expr,
    Load,
    Local,
    Size,
    Var,
    free_names,
    substitute,
    walk,
)
from ingot.kernel.operators import CONVERSIONS, OPERATORS
from ingot.targets.cuda.operators import (
    DIVISIONS,
    convert_text,
    from_memory,
    operator_text,
    power_text,
    reinterpret_text,
    to_memory,
)
from ingot.targets.cuda.scope import BASE, ELEMENT, Lane, Scopes, Value
from ingot.targets.cuda.source import DIVISION_FAULT, INDEX_FAULT, Source
from ingot.targets.cuda.types import INDEX, LONG, literal, memory_type, register_type

_BRANCH_COST = 16
_ARITHMETIC: Final = {"add": "+", "sub": "-", "mul": "*"}
_EXTREMES: Final = {"minimum": "<", "maximum": ">"}
Place = Callable[[int], tuple[str, DType, Dim]]


class Emitter:
    """Prints the expressions of one kernel; `place` gives an operand's pointer, type and start."""

    def __init__(self, source: Source, scopes: Scopes, place: Place) -> None:
        self.source = source
        self.scopes = scopes
        self._place = place

    # Values.

    def value(self, expr: Expr) -> Value:
        """The value of `expr`, wide where it depends on the lane."""
        for part in walk((expr,), stop=self._stop):
            if self.scopes.find(part) is None:
                self.scopes.bind(part, self._print(part))
        found = self.scopes.find(expr)
        assert found is not None
        return found

    def define(self, kind: str, text: str, *, wide: bool = False) -> Value:
        """A new constant with the value of a C++ expression, one for each lane where wide."""
        name = self.source.fresh()
        if not wide:
            self.source.line(f"const {kind} {name} = {text};")
            return Value(name, kind)
        self.source.line(f"{kind} {name}[{self.width}];")
        self.each_lane(f"{name}[{ELEMENT}] = {text};")
        return Value(f"{name}[{ELEMENT}]", kind, True)

    def each_lane(self, statement: str) -> None:
        """A statement for every lane."""
        self.source.line("#pragma unroll")
        head = f"for (int {ELEMENT} = 0; {ELEMENT} < {self.width}; ++{ELEMENT})"
        self.source.line(f"{head} {statement}")

    @property
    def width(self) -> int:
        """How many lanes a wide value has here."""
        return 1 if self.scopes.lane is None else self.scopes.lane.width

    def _stop(self, expr: Expr) -> bool:
        branches = isinstance(expr, Apply) and expr.op == "where"
        return branches or isinstance(expr, Load) or self.scopes.find(expr) is not None

    def _print(self, expr: Expr) -> Value:
        if isinstance(expr, Const):
            return self._constant(expr)
        if isinstance(expr, Size):
            return Value(self.source.size(expr.dim), LONG)
        if isinstance(expr, Load):
            return self._load(expr)
        if isinstance(expr, Apply):
            return self._where(expr) if expr.op == "where" else self._apply(expr)
        if isinstance(expr, Var | Local):
            raise CompileError(f"kernel: '{expr.name}' is read where it is not known")
        raise CompileError(f"expression {type(expr).__name__}: not allowed in a scheduled kernel")

    def _constant(self, expr: Const) -> Value:
        small = expr.dtype == INT64 and abs(int(expr.value)) < 1 << 31
        if small:
            return Value(f"({expr.value})" if expr.value < 0 else str(expr.value), INDEX)
        return Value(literal(expr.value, expr.dtype), register_type(expr.dtype))

    # Operators.

    def _apply(self, expr: Apply) -> Value:
        args = [self.value(arg) for arg in expr.args]
        wide = any(arg.wide for arg in args)
        if expr.dtype == INT64 and expr.op not in CONVERSIONS and _is_index(expr):
            return self._index_arithmetic(expr, args, wide)
        if expr.op in ("index", "wrapped_index"):
            return self._checked_index(expr, args, wide)
        kind = register_type(expr.dtype)
        return self.define(kind, self._operator(expr, [arg.text for arg in args], wide), wide=wide)

    def _operator(self, expr: Apply, texts: Sequence[str], wide: bool) -> str:
        dtype = expr.args[0].dtype
        if expr.op == "cast":
            return convert_text(self.source, texts[0], dtype, expr.dtype)
        if expr.op == "bits":
            return reinterpret_text(self.source, texts[0], dtype, expr.dtype)
        if expr.op in DIVISIONS and dtype.is_integer:
            self._check_divisor(expr.args[1], texts[1], wide)
        if expr.op == "pow" and dtype.is_float and isinstance(expr.args[1], Const):
            products = power_text(texts, float(expr.args[1].value))
            if products is not None:
                return products
        return operator_text(self.source, expr.op, dtype, texts)

    def _index_arithmetic(self, expr: Apply, args: Sequence[Value], wide: bool) -> Value:
        """Integer arithmetic on indices and sizes, as narrow as their ranges allow."""
        kind = INDEX if self._fits(expr) else LONG
        a, b = (self._as(arg, kind) for arg in args)
        if expr.op in _ARITHMETIC:
            return self.define(kind, f"{a} {_ARITHMETIC[expr.op]} {b}", wide=wide)
        if expr.op in _EXTREMES:
            return self.define(kind, f"{a} {_EXTREMES[expr.op]} {b} ? {a} : {b}", wide=wide)
        divide = expr.op == "floor_div"
        indices = self.scopes.indices
        if indices.at_least(indices.dim(expr.args[0]), 0) and _is_positive(expr.args[1]):
            return self.define(kind, f"{a} {'/' if divide else '%'} {b}", wide=wide)
        name = self.source.helper("floor_quotient" if divide else "floor_remainder")
        a, b = (self._as(arg, LONG) for arg in args)
        return self.define(LONG, f"{name}<{LONG}>({a}, {b})", wide=wide)

    def _fits(self, expr: Apply) -> bool:
        """Whether an index, and what it is computed from, is known to fit 32 bits."""
        indices = self.scopes.indices
        for part in (*expr.args, expr):
            dim = indices.dim(part)
            low, high = indices.lower(dim), indices.upper(dim)
            if low is None or high is None or low < -(1 << 31) or high >= 1 << 31:
                return False
        return True

    def _as(self, value: Value, kind: str) -> str:
        return value.text if value.kind == kind or kind == INDEX else f"({kind}){value.text}"

    def _check_divisor(self, divisor: Expr, text: str, wide: bool) -> None:
        """Report a division by zero where data decides."""
        if any(isinstance(leaf, Load) for leaf in walk((divisor,))):
            self._report(f"{text} == 0", DIVISION_FAULT, "0", wide)

    def _checked_index(self, expr: Apply, args: Sequence[Value], wide: bool) -> Value:
        """An index from data: wrapped where it counts from the end, reported where out of range."""
        given, extent = args
        size = self._as(extent, LONG)
        text = self._as(given, LONG)
        index = self.define(LONG, text, wide=wide)
        if expr.op == "wrapped_index":
            wrapped = f"{index.text} < 0 ? {index.text} + {size} : {index.text}"
            index = self.define(LONG, wrapped, wide=wide)
        bad = f"{index.text} < 0 || {index.text} >= {size}"
        self._report(bad, INDEX_FAULT, text, wide)
        narrow = INDEX if extent.kind == INDEX else LONG
        return self.define(narrow, f"{bad} ? 0 : ({narrow}){index.text}", wide=wide)

    def _report(self, bad: str, code: int, value: str, wide: bool) -> None:
        if not wide:
            with self.source.block(f"if ({bad})"):
                self.source.fault(code, value)
            return
        self.source.line("#pragma unroll")
        head = f"for (int {ELEMENT} = 0; {ELEMENT} < {self.width}; ++{ELEMENT})"
        with self.source.block(f"{head} if ({bad})"):
            self.source.fault(code, value)

    # Choices.

    def _where(self, expr: Apply) -> Value:
        condition = self.value(expr.args[0])
        if not condition.wide and any(self._costly(arm) for arm in expr.args[1:]):
            return self._branch(expr, condition)
        chosen, other = (self.value(arm) for arm in expr.args[1:])
        wide = condition.wide or chosen.wide or other.wide
        kind = self._common([chosen, other], expr.dtype)
        a, b = (self._as(value, kind) for value in (chosen, other))
        return self.define(kind, f"{condition.text} ? {a} : {b}", wide=wide)

    def _common(self, values: Sequence[Value], dtype: DType) -> str:
        """The type that holds all `values` of element type `dtype`."""
        if dtype != INT64:
            return register_type(dtype)
        return INDEX if all(value.kind == INDEX for value in values) else LONG

    def _costly(self, arm: Expr) -> bool:
        """Whether an arm of a choice is better jumped over than computed in vain."""
        total = 0
        for part in walk((arm,), stop=lambda part: self.scopes.find(part) is not None):
            if self.scopes.find(part) is not None:
                continue
            if isinstance(part, Load):
                return True
            total += OPERATORS[part.op].cost if isinstance(part, Apply) else 0
        return total >= _BRANCH_COST

    def _branch(self, expr: Apply, condition: Value) -> Value:
        """Compute only the arm that is needed."""
        wide = self.scopes.is_wide(free_names(expr))
        kind = register_type(expr.dtype)
        name = self.source.fresh()
        self.source.line(f"{kind} {name}[{self.width}];" if wide else f"{kind} {name};")
        for head, arm in ((f"if ({condition.text})", expr.args[1]), ("else", expr.args[2])):
            with self.source.block(head), self.scopes.inside():
                value = self.value(arm)
                if wide:
                    self.each_lane(f"{name}[{ELEMENT}] = {value.text};")
                else:
                    self.source.line(f"{name} = {value.text};")
        return Value(f"{name}[{ELEMENT}]" if wide else name, kind, wide)

    # Memory.

    def _load(self, load: Load) -> Value:
        pointer, dtype, start = self._place(load.operand)
        kind = register_type(dtype)
        index = load.index[0]
        lane = self.scopes.lane
        aligned = 1 if lane is None else self.alignment(index, lane, dtype, start)
        if lane is None or aligned == 1:
            place = self.value(index)
            text = from_memory(self.source, dtype, f"{pointer}[{place.text}]")
            return self.define(kind, text, wide=place.wide)
        first = self.first(index, lane)
        element, vector = memory_type(dtype), self.source.helper("Vec")
        name = self.source.fresh()
        pieces = lane.width // aligned
        whole = f"{vector}<{element}, {aligned}>"
        self.source.line(f"{whole} {name}[{pieces}];")
        for piece in range(pieces):
            at = f"{pointer} + {first.text} + {piece * aligned}"
            self.source.line(f"{name}[{piece}] = *(const {whole}*)({at});")
        raw = f"{name}[{ELEMENT} / {aligned}].at[{ELEMENT} % {aligned}]"
        return self.define(kind, from_memory(self.source, dtype, raw), wide=True)

    def store(self, result: int, index: Expr, value: Expr) -> None:
        """Write `value`, rounded to the result's type, at an element offset."""
        pointer, dtype, start = self._place(-1 - result)
        lane = self.scopes.lane
        aligned = 1 if lane is None else self.alignment(index, lane, dtype, start)
        stored = self.value(value)
        text = to_memory(self.source, dtype, stored.text)
        if lane is None or aligned == 1:
            place = self.value(index)
            statement = f"{pointer}[{place.text}] = {text};"
            self.each_lane(statement) if place.wide else self.source.line(statement)
            return
        first = self.first(index, lane)
        whole = f"{self.source.helper('Vec')}<{memory_type(dtype)}, {aligned}>"
        name = self.source.fresh()
        pieces = lane.width // aligned
        self.source.line(f"{whole} {name}[{pieces}];")
        self.each_lane(f"{name}[{ELEMENT} / {aligned}].at[{ELEMENT} % {aligned}] = {text};")
        for piece in range(pieces):
            at = f"{pointer} + {first.text} + {piece * aligned}"
            self.source.line(f"*({whole}*)({at}) = {name}[{piece}];")

    def first(self, index: Expr, lane: Lane) -> Value:
        """The value of an index in lane 0."""
        return self.value(substitute(index, {lane.var: BASE}))

    def alignment(self, index: Expr, lane: Lane, dtype: DType, start: Dim) -> int:
        """How many neighbouring lanes one access can take: a power of two, 1 for none.

        `start` is the element of its buffer at which the view begins.
        """
        indices = self.scopes.indices
        dim = indices.dim(index)
        if indices.slope(dim, lane.var) != 1 or self.scopes.is_wide(free_names(index) - {lane.var}):
            return 1
        most = min(lane.width, max(1, 16 // dtype.itemsize))
        places = (dim - indices.dim(lane.var), start)
        fitting = (n for n in (16, 8, 4, 2) if n <= most)
        return next((n for n in fitting if all(dims.is_multiple(p, n, {}) for p in places)), 1)


def _is_index(expr: Apply) -> bool:
    """Whether an INT64 value comes from variables and sizes alone, not from data."""
    if expr.op not in ("add", "sub", "mul", "minimum", "maximum", "floor_div", "floor_mod"):
        return False
    return all(_is_index_part(arg) for arg in expr.args)


def _is_index_part(expr: Expr) -> bool:
    if isinstance(expr, Apply):
        return expr.op in ("index", "wrapped_index") or _is_index(expr)
    return isinstance(expr, Var | Size | Const)


def _is_positive(expr: Expr) -> bool:
    return isinstance(expr, Size) or (isinstance(expr, Const) and int(expr.value) > 0)
