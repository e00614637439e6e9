# SPDX-License-Identifier: Apache-2.0
"""Scalar expressions: what one element of a result is.

One expression serves every target: NumPy evaluates it (`evaluate.py`), the CPU target prints it as
LLVM IR. Expressions are immutable and interned, so equal expressions are the same object, a shared
subexpression is shared in memory, and equality is identity. Values of type float16 and bfloat16 are
held in float32 between a load and a store; an explicit `cast` rounds.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar
from weakref import WeakValueDictionary

from ingot.dims import Dim, Expression
from ingot.dtypes import BOOL, INT64, DType
from ingot.errors import GraphError
from ingot.kernel.operators import OPERATORS, result_dtype

Number = int | float | bool
ReduceKind = Literal[
    "sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "argmax_last", "argmin_last"
]
REDUCE_KINDS: tuple[ReduceKind, ...] = (
    "sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "argmax_last", "argmin_last",
)  # fmt: skip

_TABLE: WeakValueDictionary[Any, Expr] = WeakValueDictionary()
_LOCK = threading.Lock()
_E = TypeVar("_E", bound="Expr")


class Expr:
    """A scalar value of element type `dtype`; see the subclasses for what it may be."""

    __slots__ = ("__weakref__", "_free", "dtype")
    dtype: DType
    _free: frozenset[Var | Local]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"expression {type(self).__name__} is immutable")

    @property
    def children(self) -> tuple[Expr, ...]:
        """The expressions that this one is computed from."""
        return ()

    def __add__(self, other: Expr | Number) -> Expr:
        return apply("add", self, other)

    def __radd__(self, other: Number) -> Expr:
        return apply("add", other, self)

    def __sub__(self, other: Expr | Number) -> Expr:
        return apply("sub", self, other)

    def __rsub__(self, other: Number) -> Expr:
        return apply("sub", other, self)

    def __mul__(self, other: Expr | Number) -> Expr:
        return apply("mul", self, other)

    def __rmul__(self, other: Number) -> Expr:
        return apply("mul", other, self)

    def __truediv__(self, other: Expr | Number) -> Expr:
        return apply("div", self, other)

    def __rtruediv__(self, other: Number) -> Expr:
        return apply("div", other, self)

    def __floordiv__(self, other: Expr | Number) -> Expr:
        return apply("floor_div", self, other)

    def __mod__(self, other: Expr | Number) -> Expr:
        return apply("floor_mod", self, other)

    def __neg__(self) -> Expr:
        return apply("neg", self)

    def __and__(self, other: Expr) -> Expr:
        return apply("logical_and" if self.dtype == BOOL else "bitwise_and", self, other)

    def __or__(self, other: Expr) -> Expr:
        return apply("logical_or" if self.dtype == BOOL else "bitwise_or", self, other)

    def __invert__(self) -> Expr:
        return apply("logical_not" if self.dtype == BOOL else "bitwise_not", self)

    def __lt__(self, other: Expr | Number) -> Expr:
        return apply("less", self, other)

    def __le__(self, other: Expr | Number) -> Expr:
        return apply("less_equal", self, other)

    def __gt__(self, other: Expr | Number) -> Expr:
        return apply("greater", self, other)

    def __ge__(self, other: Expr | Number) -> Expr:
        return apply("greater_equal", self, other)


def _intern(cls: type[_E], key: Iterable[Any], **fields: Any) -> _E:
    identity = (cls, *key)
    with _LOCK:
        found = _TABLE.get(identity)
        if found is None:
            found = object.__new__(cls)
            for name, value in fields.items():
                object.__setattr__(found, name, value)
            _TABLE[identity] = found
    return found  # type: ignore[return-value]  # of the class asked for


class Const(Expr):
    """A literal: int for integer types, float for float types, bool for BOOL."""

    __slots__ = ("value",)
    value: Number

    def __new__(cls, value: Number, dtype: DType) -> Const:
        """Raises OverflowError when an integer does not fit `dtype`."""
        exact = _exact(value, dtype)
        return _intern(cls, (repr(exact), dtype), value=exact, dtype=dtype)


class Var(Expr):
    """An index variable, bound by an axis of a Compute or of a Reduce."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str) -> Var:
        """The variable called `name`."""
        return _intern(cls, (name,), name=name, dtype=INT64)


class Size(Expr):
    """A symbolic size as an INT64 value; a size that is known becomes a Const."""

    __slots__ = ("dim",)
    dim: Expression

    def __new__(cls, dim: Dim) -> Expr:  # type: ignore[misc]  # folds to a Const
        """`dim` as an expression."""
        if isinstance(dim, int):
            return Const(dim, INT64)
        return _intern(cls, (dim,), dim=dim, dtype=INT64)


class Apply(Expr):
    """The operator `op` (a row of `operators.OPERATORS`) applied to `args`."""

    __slots__ = ("args", "op")
    op: str
    args: tuple[Expr, ...]

    def __new__(cls, op: str, args: Sequence[Expr], dtype: DType) -> Apply:
        """The node as it stands; `apply` checks and simplifies."""
        return _intern(cls, (op, tuple(args), dtype), op=op, args=tuple(args), dtype=dtype)

    @property
    def children(self) -> tuple[Expr, ...]:
        """The arguments."""
        return self.args


class Load(Expr):
    """Element `index` of operand number `operand` of the Compute."""

    __slots__ = ("index", "operand")
    operand: int
    index: tuple[Expr, ...]

    def __new__(cls, operand: int, index: Sequence[Expr], dtype: DType) -> Load:
        """One INT64 index for each axis of the operand."""
        fields = (operand, tuple(index), dtype)
        return _intern(cls, fields, operand=operand, index=tuple(index), dtype=dtype)

    @property
    def children(self) -> tuple[Expr, ...]:
        """The index expressions."""
        return self.index


class Reduce(Expr):
    """`body` folded over every index in `axes`; arg kinds give the flattened index of the winner.

    An empty fold gives the kind's neutral element. `sum` of float16 and bfloat16 accumulates in
    float32. `max` and `min` propagate NaN; in arg kinds NaN wins, and of equal values (or NaNs)
    the first, for `_last` kinds the last.
    """

    __slots__ = ("axes", "body", "kind")
    kind: ReduceKind
    axes: tuple[tuple[Var, Dim], ...]
    body: Expr

    def __new__(cls, kind: ReduceKind, axes: Sequence[tuple[Var, Dim]], body: Expr) -> Reduce:
        """Raises GraphError for an unknown kind."""
        if kind not in REDUCE_KINDS:
            raise GraphError(f"reduce: unknown kind '{kind}'")
        dtype = INT64 if kind.startswith("arg") else body.dtype
        fields = (kind, tuple(axes), body)
        return _intern(cls, fields, kind=kind, axes=tuple(axes), body=body, dtype=dtype)

    @property
    def children(self) -> tuple[Expr, ...]:
        """The body."""
        return (self.body,)


class Acc(Expr):
    """The value that a kernel family has accumulated for the element, in an epilogue expression."""

    __slots__ = ()

    def __new__(cls, dtype: DType) -> Acc:
        """The accumulator as a value of `dtype`."""
        return _intern(cls, (dtype,), dtype=dtype)


class Local(Expr):
    """A scalar that a kernel's loops computed before: a finished reduction."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str, dtype: DType) -> Local:
        """The local called `name`."""
        return _intern(cls, (name, dtype), name=name, dtype=dtype)


def _exact(value: Number, dtype: DType) -> Number:
    if dtype.is_float:
        return float(value)
    if dtype == BOOL:
        return bool(value)
    number = int(value)
    low = -(1 << (dtype.bits - 1)) if dtype.is_signed else 0
    if number != value or not low <= number < low + (1 << dtype.bits):
        raise OverflowError(f"constant {value}: not a value of type {dtype}")
    return number


def apply(op: str, *args: Expr | Number) -> Expr:
    """`op` applied to `args`, simplified; Python numbers take the type of the other arguments.

    Raises GraphError when the operator is unknown or the types do not fit it.
    """
    operator = OPERATORS.get(op)
    if operator is None or operator.arity != len(args):
        raise GraphError(f"scalar operator '{op}': unknown with {len(args)} arguments")
    values = args[1:] if op == "where" else args
    typed = [arg.dtype for arg in values if isinstance(arg, Expr)]
    if not typed:
        raise GraphError(f"scalar operator '{op}': every argument is a bare number")
    exprs = tuple(arg if isinstance(arg, Expr) else Const(arg, typed[-1]) for arg in args)
    dtype = result_dtype(operator, tuple(arg.dtype for arg in exprs))
    return _simplified(op, exprs) or Apply(op, exprs, dtype)


def _size_of(expr: Expr) -> Dim | None:
    if isinstance(expr, Size):
        return expr.dim
    if isinstance(expr, Const) and expr.dtype == INT64:
        return int(expr.value)
    return None


_SIZE_ARITHMETIC: Mapping[str, Callable[[Dim, Dim], Dim]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "floor_div": lambda a, b: a // b,
    "floor_mod": lambda a, b: a % b,
}
_CONSTANT_COMPARISON: Mapping[str, Callable[[Number, Number], bool]] = {
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
}


def _simplified(op: str, args: tuple[Expr, ...]) -> Expr | None:
    """An equal, simpler expression that is exact for every input, or None."""
    if len(args) == 2:
        return _simplified_pair(op, *args)
    if op == "where":
        condition, chosen, other = args
        if isinstance(condition, Const):
            return chosen if condition.value else other
        return chosen if chosen is other else None
    if op == "logical_not" and isinstance(args[0], Const):
        return Const(not args[0].value, BOOL)
    return None


def _simplified_pair(op: str, a: Expr, b: Expr) -> Expr | None:
    left, right = _size_of(a), _size_of(b)
    if left is not None and right is not None and op in _SIZE_ARITHMETIC:
        if right != 0 or op not in ("floor_div", "floor_mod"):
            return Size(_SIZE_ARITHMETIC[op](left, right))
    if isinstance(a, Const) and isinstance(b, Const) and op in _CONSTANT_COMPARISON:
        return Const(_CONSTANT_COMPARISON[op](a.value, b.value), BOOL)
    if op in ("logical_and", "logical_or"):
        return _simplified_logic(op, a, b)
    return _neutral(op, a, b)


def _simplified_logic(op: str, a: Expr, b: Expr) -> Expr | None:
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Const):
            return other if bool(one.value) == (op == "logical_and") else one
    return a if a is b else None


def _neutral(op: str, a: Expr, b: Expr) -> Expr | None:
    integer = a.dtype.is_integer
    if _is_number(b, 1) and (op in ("mul", "div") or (op == "floor_div" and integer)):
        return a
    if _is_number(a, 1) and op == "mul":
        return b
    if not integer:
        return None
    if _is_number(b, 0) and op in ("add", "sub"):
        return a
    if _is_number(a, 0) and op == "add":
        return b
    if op == "mul" and (_is_number(a, 0) or _is_number(b, 0)):
        return Const(0, a.dtype)
    return Const(0, a.dtype) if op == "floor_mod" and _is_number(b, 1) else None


def _is_number(expr: Expr, value: int) -> bool:
    return isinstance(expr, Const) and expr.dtype != BOOL and expr.value == value


def constant(value: Number, dtype: DType) -> Expr:
    """The literal `value`."""
    return Const(value, dtype)


def cast(value: Expr, dtype: DType) -> Expr:
    """`value` converted: floats round to nearest even, float to integer truncates and saturates.

    NaN becomes the integer 0; integer to integer wraps; anything but zero is True as BOOL.
    """
    if value.dtype == dtype:
        return value
    if isinstance(value, Const) and math.isfinite(value.value):
        if dtype.is_float and value.dtype.is_integer:
            return Const(value.value, dtype)
    return Apply("cast", (value,), dtype)


def bits(value: Expr, dtype: DType) -> Expr:
    """The bits of `value` as a value of `dtype`, which is as wide; raises GraphError."""
    if value.dtype == dtype:
        return value
    if value.dtype.bits != dtype.bits:
        raise GraphError(f"scalar operator 'bits': {value.dtype} and {dtype} differ in width")
    return Apply("bits", (value,), dtype)


def where(condition: Expr, chosen: Expr | Number, other: Expr | Number) -> Expr:
    """`chosen` where `condition` holds, else `other`.

    Both may be evaluated, so the indices of loads must be in range on either side.
    """
    return apply("where", condition, chosen, other)


def checked_index(value: Expr, extent: Dim | Expr, *, wrap: bool = True) -> Expr:
    """`value`, an index read from a tensor, as a safe INT64 index in [0, extent).

    Negative values count from the end when `wrap` is set. An index out of range raises kernel fault
    1 and gives the nearest index in range.
    """
    size = extent if isinstance(extent, Expr) else Size(extent)
    return apply("wrapped_index" if wrap else "index", cast(value, INT64), size)


def reduce(kind: ReduceKind, axes: Sequence[tuple[Var, Dim]], body: Expr) -> Expr:
    """`body` folded over `axes`; `body` itself when there are none and the kind keeps values."""
    if not axes and not kind.startswith("arg"):
        return body
    return Reduce(kind, axes, body)


def walk(roots: Iterable[Expr], stop: Callable[[Expr], bool] | None = None) -> Iterator[Expr]:
    """Every distinct expression below `roots`, children first; `stop` hides what is below one."""
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(root, False) for root in reversed(list(roots))]
    while stack:
        expr, ready = stack.pop()
        if ready:
            yield expr
        elif expr not in seen:
            seen.add(expr)
            stack.append((expr, True))
            if stop is None or not stop(expr):
                stack.extend((child, False) for child in reversed(expr.children))


def rewrite(root: Expr, replace: Callable[[Expr], Expr | None]) -> Expr:
    """`root` rebuilt bottom-up; `replace` gives the new form of a rebuilt node or None to keep it.

    Reduce axes are kept as they are.
    """
    done: dict[Expr, Expr] = {}
    for expr in walk((root,)):
        rebuilt = with_children(expr, tuple(done[child] for child in expr.children))
        done[expr] = replace(rebuilt) or rebuilt
    return done[root]


def replaced(root: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """`root` with each whole expression in `values` replaced, the outermost ones only."""
    done: dict[Expr, Expr] = dict(values)
    for expr in walk((root,), stop=lambda expr: expr in values):
        if expr not in values:
            done[expr] = with_children(expr, tuple(done[child] for child in expr.children))
    return done[root]


def with_children(expr: Expr, children: tuple[Expr, ...]) -> Expr:
    """The same kind of expression over other `children`."""
    if children == expr.children:
        return expr
    if isinstance(expr, Apply):
        if expr.op == "bits":
            return bits(children[0], expr.dtype)
        return cast(children[0], expr.dtype) if expr.op == "cast" else apply(expr.op, *children)
    if isinstance(expr, Load):
        return Load(expr.operand, children, expr.dtype)
    if isinstance(expr, Reduce):
        return Reduce(expr.kind, expr.axes, children[0])
    return expr


def substitute(root: Expr, values: Mapping[Var, Expr]) -> Expr:
    """`root` with index variables replaced."""
    return rewrite(root, lambda expr: values.get(expr) if isinstance(expr, Var) else None)


def free_names(root: Expr) -> frozenset[Var | Local]:
    """Locals of `root`, and the variables that no Reduce inside it binds."""
    if not hasattr(root, "_free"):
        for expr in walk((root,), stop=lambda expr: hasattr(expr, "_free")):
            if not hasattr(expr, "_free"):
                object.__setattr__(expr, "_free", _free_of(expr))
    return root._free


def _free_of(expr: Expr) -> frozenset[Var | Local]:
    if isinstance(expr, Var | Local):
        return frozenset((expr,))
    below = [child._free for child in expr.children if child._free]
    names = below[0].union(*below[1:]) if below else frozenset[Var | Local]()
    return names - {var for var, _ in expr.axes} if isinstance(expr, Reduce) else names


def free_variables(root: Expr) -> frozenset[Var]:
    """Variables of `root` that no Reduce inside it binds."""
    return frozenset(name for name in free_names(root) if isinstance(name, Var))
