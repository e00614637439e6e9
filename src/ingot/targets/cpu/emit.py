# SPDX-License-Identifier: Apache-2.0
"""Prints scalar expressions as LLVM IR, each one once, in the outermost scope that knows its parts.

Inside a vector loop an expression that depends on the lane variable is a vector; all others stay
scalar and are spread over the lanes where they meet a vector.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingot.dtypes import BOOL, INT64, DType
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
    walk,
)
from ingot.kernel.operators import OPERATORS
from ingot.targets.cpu.builder import Builder, Integer, literal, vector
from ingot.targets.cpu.choice import Chain, Users, chain_of, own_parts
from ingot.targets.cpu.floats import emit_float, emit_float_test
from ingot.targets.cpu.frame import DIVISION_FAULT, INDEX_FAULT, Frame
from ingot.targets.cpu.integers import (
    DIVISIONS,
    emit_comparison,
    emit_integer,
    emit_logic,
    is_zero,
)
from ingot.targets.cpu.memory import Memory
from ingot.targets.cpu.scope import Scopes, Value
from ingot.targets.cpu.types import convert, register_type, reinterpret


class Emitter:
    """Prints the expressions of one kernel."""

    def __init__(self, builder: Builder, frame: Frame, scopes: Scopes, memory: Memory) -> None:
        self.builder = builder
        self.frame = frame
        self.scopes = scopes
        self.memory = memory
        self._root: Expr | None = None
        self._users: Users | None = None

    # Values.

    def value(self, expr: Expr) -> Value:
        """The value of `expr`: scalar, or a vector where it depends on the lane variable."""
        if self._root is not None:
            return self._value(expr)
        self._root, self._users = expr, None
        try:
            return self._value(expr)
        finally:
            self._root = None

    def _value(self, expr: Expr) -> Value:
        for part in walk((expr,), stop=self._stop):
            if self.scopes.find(part) is None:
                self.scopes.keep(part, self._print(part))
        found = self.scopes.find(expr)
        assert found is not None
        return found

    def integer(self, expr: Expr) -> Integer:
        """A scalar INT64 expression as an int where it is known, else a register."""
        if isinstance(expr, Const):
            return int(expr.value)
        register = self.value(expr).register
        return int(register) if _is_number(register) else register

    def spread(self, expr: Expr, lanes: int) -> str:
        """The value of `expr` in `lanes` lanes."""
        value = self.value(expr)
        if value.lanes == lanes:
            return value.register
        kind = register_type(expr.dtype, lanes)
        if isinstance(expr, Const):
            return literal(kind, expr.value)
        key = ("spread", expr, lanes)
        found = self.scopes.find(key)
        if found is None:
            with self.scopes.at(value.depth):
                register = self.builder.splat(kind, value.register)
            found = self.scopes.keep(key, Value(register, lanes, value.depth))
        return found.register

    def _stop(self, expr: Expr) -> bool:
        branches = isinstance(expr, Apply) and expr.op == "where"
        return branches or isinstance(expr, Load) or self.scopes.find(expr) is not None

    def _print(self, expr: Expr) -> Value:
        if isinstance(expr, Const):
            return Value(literal(register_type(expr.dtype), expr.value), 1, 0)
        if isinstance(expr, Size):
            return Value(str(self.frame.size(expr.dim)), 1, 0)
        if isinstance(expr, Var):
            return self._variable(expr)
        if isinstance(expr, Local):
            return self.scopes.bound(expr)
        if isinstance(expr, Load):
            return self._load(expr)
        if isinstance(expr, Apply):
            return self._where(expr) if expr.op == "where" else self._apply(expr)
        raise CompileError(f"expression {type(expr).__name__}: not allowed in a scheduled kernel")

    def _variable(self, var: Var) -> Value:
        lane = self.scopes.lane
        value = self.scopes.bound(var)
        if lane is None or lane.var is not var or lane.lanes == 1:
            return value
        kind = vector("i64", lane.lanes)
        steps = ", ".join(f"i64 {k}" for k in range(lane.lanes))
        with self.scopes.at(value.depth):
            base = self.builder.splat(kind, str(lane.base))
            register = self.builder.binary("add", kind, base, f"<{steps}>")
        return Value(register, lane.lanes, value.depth)

    # Operators.

    def _apply(self, expr: Apply) -> Value:
        values = [self.value(arg) for arg in expr.args]
        depth = max(value.depth for value in values)
        lanes = max(value.lanes for value in values)
        args = [self.spread(arg, lanes) for arg in expr.args]
        with self.scopes.at(depth):
            return Value(self._operator(expr, args, lanes), lanes, depth)

    def _operator(self, expr: Apply, args: Sequence[str], lanes: int) -> str:
        dtype = expr.args[0].dtype
        kind = register_type(dtype, lanes)
        builder = self.builder
        if expr.op == "cast":
            return convert(builder, args[0], dtype, expr.dtype, lanes)
        if expr.op == "bits":
            return reinterpret(builder, args[0], dtype, expr.dtype, lanes)
        if expr.op in ("index", "wrapped_index"):
            return self._checked_index(expr, args, lanes)
        if OPERATORS[expr.op].result == "bool":
            if dtype.is_float:
                return emit_float_test(builder, expr.op, kind, args)
            return emit_comparison(builder, expr.op, dtype, kind, args)
        if dtype == BOOL:
            return emit_logic(builder, expr.op, kind, args)
        if dtype.is_float:
            return emit_float(builder, expr.op, kind, args)
        if expr.op in DIVISIONS:
            return self._divide(expr, dtype, kind, args, lanes)
        return emit_integer(builder, expr.op, dtype, kind, args)

    def _divide(self, expr: Apply, dtype: DType, kind: str, args: Sequence[str], lanes: int) -> str:
        divisor = expr.args[1]
        known = isinstance(divisor, Const) and int(divisor.value) > 0
        if known and dtype == INT64 and self._not_negative(expr.args[0]):
            return self.builder.binary("udiv" if "div" in expr.op else "urem", kind, *args)
        if not known and any(isinstance(leaf, Load) for leaf in walk((divisor,))):
            zero = is_zero(self.builder, kind, args[1])
            self._report(DIVISION_FAULT, zero, lanes, None)
        return emit_integer(self.builder, expr.op, dtype, kind, args)

    def _not_negative(self, expr: Expr) -> bool:
        return self.scopes.indices.at_least(self.scopes.indices.dim(expr), 0)

    def _checked_index(self, expr: Apply, args: Sequence[str], lanes: int) -> str:
        kind = vector("i64", lanes)
        builder, zero = self.builder, literal(kind, 0)
        index, extent = args
        if expr.op == "wrapped_index":
            below = builder.test("icmp slt", kind, index, zero)
            wrapped = builder.binary("add", kind, index, extent)
            index = builder.choose(kind, below, wrapped, index)
        bad = builder.test("icmp uge", kind, index, extent)
        self._report(INDEX_FAULT, bad, lanes, args[0])
        return builder.choose(kind, bad, zero, index)

    def _report(self, code: int, flags: str, lanes: int, values: str | None) -> None:
        """Report a fault where a flag is set in a lane that counts."""
        builder, lane = self.builder, self.scopes.lane
        if lanes == 1:
            builder.branch_if(flags, lambda: self.frame.fault(code, values or 0))
            return
        kind = vector("i1", lanes)
        if lane is not None and lane.mask is not None:
            flags = builder.binary("and", kind, flags, lane.mask)
        bits = builder.convert("bitcast", kind, flags, f"i{lanes}")
        some = builder.test("icmp ne", f"i{lanes}", bits, 0)

        def report() -> None:
            value: Integer = 0
            if values is not None:
                arguments: list[tuple[str, Integer]] = [(f"i{lanes}", bits), ("i1", "true")]
                name = f"llvm.cttz.i{lanes}"
                first = builder.call(name, f"i{lanes}", arguments, declare=True)
                wide = vector("i64", lanes)
                value = builder.value(f"extractelement {wide} {values}, i{lanes} {first}")
            self.frame.fault(code, value)

        builder.branch_if(some, report)

    # Choices.

    def _where(self, expr: Apply) -> Value:
        users = self._users_of_all()
        uniform = self.value(expr.args[0]).lanes == 1
        chain = chain_of(expr, users, lambda c: (self.value(c).lanes == 1) == uniform)
        for condition in chain.conditions:
            self.value(condition)
        dear, shared = own_parts(chain, users, lambda part: self.scopes.find(part) is not None)
        if not uniform or not dear:
            return self._select(expr, chain)
        for part in shared:
            self.value(part)
        return self._branch(expr, chain)

    def _users_of_all(self) -> Users:
        if self._users is None:
            assert self._root is not None
            self._users = Users(self._root)
        return self._users

    def _select(self, expr: Apply, chain: Chain) -> Value:
        """Compute every outcome and pick one, lane by lane."""
        values = [self.value(part) for part in (*chain.conditions, *chain.outcomes)]
        depth = max(value.depth for value in values)
        lanes = max(value.lanes for value in values)
        kind = register_type(expr.dtype, lanes)
        result = self.spread(chain.default, lanes)
        for condition, arm in reversed(list(zip(chain.conditions, chain.arms, strict=True))):
            flags, chosen = self.value(condition), self.spread(arm, lanes)
            with self.scopes.at(depth):
                result = self._pick(kind, flags, chosen, result)
        return Value(result, lanes, depth)

    def _pick(self, kind: str, flags: Value, chosen: str, other: str) -> str:
        if flags.lanes == 1:
            text = f"select i1 {flags.register}, {kind} {chosen}, {kind} {other}"
            return self.builder.value(text)
        return self.builder.choose(kind, flags.register, chosen, other)

    def _branch(self, expr: Apply, chain: Chain) -> Value:
        """Compute only the outcome that is needed, by jumps."""
        builder = self.builder
        lanes = self._lanes_of(expr)
        depth = self.scopes.depth_of(expr)
        kind = register_type(expr.dtype, lanes)
        edges: list[tuple[str, str]] = []
        done = builder.label()

        def outcome(part: Expr) -> None:
            with self.scopes.arm(depth):
                edges.append((self.spread(part, lanes), builder.here()))
            builder.jump(done)

        with self.scopes.at(depth):
            for condition, arm in zip(chain.conditions, chain.arms, strict=True):
                yes, no = builder.label(), builder.label()
                builder.emit(f"br i1 {self.value(condition).register}, label %{yes}, label %{no}")
                builder.start(yes)
                outcome(arm)
                builder.start(no)
            outcome(chain.default)
            builder.start(done)
            sources = ", ".join(f"[{value}, %{block}]" for value, block in edges)
            return Value(builder.value(f"phi {kind} {sources}"), lanes, depth)

    def _lanes_of(self, expr: Expr) -> int:
        """The lanes of the value of `expr`, before it is printed."""
        lane = self.scopes.lane
        if lane is None or lane.lanes == 1:
            return 1
        names = free_names(expr)
        return lane.lanes if lane.var in names or self.scopes.spreads(expr) else 1

    # Memory.

    def _load(self, load: Load) -> Value:
        lanes = self._lanes_of(load)
        depth = self.scopes.depth_of(load)
        index = load.index[0]
        if lanes == 1:
            pointer = self.memory.pointer(self, load.operand, index, depth)
            with self.scopes.at(depth):
                return Value(self.memory.load_scalar(load.operand, pointer), 1, depth)
        return Value(self.memory.load_vector(self, load.operand, index, depth), lanes, depth)


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()
