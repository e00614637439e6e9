# SPDX-License-Identifier: Apache-2.0
"""Prints LLVM IR text: one Module per kernel, one Builder per function.

No LLVM pass runs over the text, so what is printed here is final: constants are folded while they
are printed (an integer operand is a Python int or the name of a register), loops are printed with
their carried values as phis, and what does not change inside a loop is printed before it. Types are
LLVM's own spellings: `i64`, `float`, `<8 x float>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from ingot.spec import DeviceSpec
from ingot.targets.cpu.literal import element_bits, element_of, lanes_of, literal, vector
from ingot.targets.cpu.slot import MARK, Slot, resolved

Integer = int | str
Flag = bool | str
Parameter = tuple[str, str]
Carried = tuple[str, Integer]
_I64 = "i64"
_WORD = 1 << 64
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "slt": lambda a, b: a < b,
    "sle": lambda a, b: a <= b,
    "sgt": lambda a, b: a > b,
    "sge": lambda a, b: a >= b,
    "ult": lambda a, b: a % _WORD < b % _WORD,
}

__all__ = [
    "Builder", "Carried", "Flag", "Integer", "Module", "Slot", "element_of", "lanes_of", "literal",
    "vector",
]  # fmt: skip


class Module:
    """The text of one LLVM module for `spec`: functions and the intrinsics that they declare."""

    def __init__(self, spec: DeviceSpec) -> None:
        self.spec = spec
        self._functions: list[Builder] = []
        self._declarations: dict[str, None] = {}
        self._names: set[str] = set()

    def function(
        self,
        name: str,
        parameters: Sequence[Parameter] = (),
        *,
        internal: bool = True,
        result: str = "void",
    ) -> Builder:
        """A new function `@name`; `parameters` are (type, "%name") pairs."""
        if name in self._names:
            raise ValueError(f"function @{name} is defined twice")
        self._names.add(name)
        listed = ", ".join(f"{kind} {register}" for kind, register in parameters)
        linkage = "internal " if internal else ""
        builder = Builder(self, f"define {linkage}{result} @{name}({listed}) #0 {{")
        self._functions.append(builder)
        return builder

    def kernel(self) -> Builder:
        """The public function that a plan's step calls."""
        parameters = [("ptr", "%frame"), (_I64, "%begin"), (_I64, "%end"), ("ptr", "%context")]
        return self.function("kernel", parameters, internal=False)

    def has(self, name: str) -> bool:
        """Whether a function `@name` is defined already."""
        return name in self._names

    def declare(self, declaration: str) -> None:
        """Add `declare …` once."""
        self._declarations[declaration] = None

    def text(self) -> str:
        """The whole module."""
        width = self.spec.vector_bits
        attributes = (
            'attributes #0 = { nounwind "no-trapping-math"="true" '
            f'"prefer-vector-width"="{width}" "min-legal-vector-width"="{width}" }}'
        )
        functions = [function.text() for function in self._functions]
        return "\n".join([*functions, *self._declarations, attributes, ""])


class Builder:
    """Prints one function, from its entry block to its end.

    Text is kept in slots, places to which one can return and print more: an expression that a loop
    does not change is printed into a slot before the loop, whenever it is first needed.
    """

    def __init__(self, module: Module, header: str) -> None:
        self.module = module
        self.spec = module.spec
        self.fused = bool({"fma", "neon"} & module.spec.features)
        self._header = header
        self.prologue = Slot()
        self._body: Slot = Slot()
        self._out = self._body
        self._count = 0

    # Text.

    def text(self) -> str:
        """The printed function."""
        lines = resolved(["entry:", *self.prologue.lines(), *self._body.lines()])
        return "\n".join([self._header, *lines, "}"])

    def emit(self, line: str) -> None:
        """Print an instruction that gives no value."""
        self._out.parts.append("  " + line)

    def value(self, instruction: str) -> str:
        """Print an instruction and name its value."""
        register = self.register()
        self._out.parts.append(f"  {register} = {instruction}")
        return register

    def register(self) -> str:
        """A new register name."""
        self._count += 1
        return f"%t{self._count}"

    def label(self) -> str:
        """A new block name."""
        self._count += 1
        return f"b{self._count}"

    def start(self, block: str) -> None:
        """Begin `block`; the block before must have ended in a jump."""
        self._out.parts.append(block + ":")

    def here(self) -> str:
        """The name, for a phi, of the block that is being printed; known when all is printed."""
        self._count += 1
        mark = f"{MARK}{self._count}{MARK}"
        self._out.parts.append(mark)
        return mark

    def jump(self, block: str) -> None:
        """End the block with a jump."""
        self.emit(f"br label %{block}")

    def ret(self, kind: str = "void", value: Integer | None = None) -> None:
        """Return from the function."""
        self.emit("ret void" if value is None else f"ret {kind} {value}")

    def slot(self) -> Slot:
        """Leave a place here, to print into later with `at`."""
        slot = Slot()
        self._out.parts.append(slot)
        return slot

    @contextmanager
    def at(self, slot: Slot) -> Iterator[None]:
        """Print at the end of `slot` for a while."""
        outer, self._out = self._out, slot
        try:
            yield
        finally:
            self._out = outer

    def hoisted(self) -> AbstractContextManager[None]:
        """Print at the end of the entry code, before everything else."""
        return self.at(self.prologue)

    # Integers.

    def add(self, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """`a + b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if b == 0:
            return a
        return b if a == 0 else self.value(f"add {kind} {a}, {b}")

    def sub(self, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """`a - b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a - b
        return a if b == 0 else self.value(f"sub {kind} {a}, {b}")

    def mul(self, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """`a * b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if a == 0 or b == 0:
            return 0
        if b == 1:
            return a
        return b if a == 1 else self.value(f"mul {kind} {a}, {b}")

    def udiv(self, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """`a // b` of values that are not negative; `b` is not zero."""
        if isinstance(a, int) and isinstance(b, int):
            return a // b
        return a if b == 1 else self.value(f"udiv {kind} {a}, {b}")

    def urem(self, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """`a % b` of values that are not negative; `b` is not zero."""
        if isinstance(a, int) and isinstance(b, int):
            return a % b
        return 0 if b == 1 else self.value(f"urem {kind} {a}, {b}")

    def sdiv(self, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """`a / b` truncated toward zero; `b` is not zero."""
        if isinstance(a, int) and isinstance(b, int):
            quotient = abs(a) // abs(b)
            return quotient if (a < 0) == (b < 0) else -quotient
        return a if b == 1 else self.value(f"sdiv {kind} {a}, {b}")

    def ceil_div(self, a: Integer, b: Integer) -> Integer:
        """`a / b` rounded up, of values that are not negative."""
        return self.udiv(self.add(a, self.sub(b, 1)), b)

    def round_down(self, a: Integer, step: int) -> Integer:
        """The largest multiple of `step` that is not above `a`, for `a` not negative."""
        if isinstance(a, str) and step & (step - 1) == 0:
            return a if step == 1 else self.value(f"and i64 {a}, {-step}")
        return self.mul(self.udiv(a, step), step)

    def minimum(self, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """The smaller of two signed integers."""
        return self.select(self.compare("slt", a, b, kind), a, b, kind)

    def maximum(self, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """The larger of two signed integers."""
        return self.select(self.compare("sgt", a, b, kind), a, b, kind)

    def compare(self, predicate: str, a: Integer, b: Integer, kind: str = _I64) -> Flag:
        """`icmp`: eq ne slt sle sgt sge ult."""
        if isinstance(a, int) and isinstance(b, int):
            return _COMPARISONS[predicate](a, b)
        return self.value(f"icmp {predicate} {kind} {a}, {b}")

    def both(self, a: Flag, b: Flag) -> Flag:
        """Logical and of two flags."""
        if isinstance(a, bool):
            return b if a else False
        if isinstance(b, bool):
            return a if b else False
        return self.value(f"and i1 {a}, {b}")

    def select(self, condition: Flag, a: Integer, b: Integer, kind: str = _I64) -> Integer:
        """`a` if the scalar `condition` holds, else `b`."""
        if isinstance(condition, bool):
            return a if condition else b
        return a if a == b else self.value(f"select i1 {condition}, {kind} {a}, {kind} {b}")

    # Vectors and floats.

    def binary(self, op: str, kind: str, a: Integer, b: Integer) -> str:
        """Any two-operand instruction on registers or literals, such as `fadd <8 x float>`."""
        return self.value(f"{op} {kind} {a}, {b}")

    def fadd(self, kind: str, a: str, b: str) -> str:
        """`a + b`."""
        return self.binary("fadd", kind, a, b)

    def fsub(self, kind: str, a: str, b: str) -> str:
        """`a - b`."""
        return self.binary("fsub", kind, a, b)

    def fmul(self, kind: str, a: str, b: str) -> str:
        """`a * b`."""
        return self.binary("fmul", kind, a, b)

    def fdiv(self, kind: str, a: str, b: str) -> str:
        """`a / b`."""
        return self.binary("fdiv", kind, a, b)

    def fma(self, kind: str, a: str, b: str, c: str) -> str:
        """`a * b + c`: fused where the device has it, else a multiplication and an addition."""
        if not self.fused:
            return self.fadd(kind, self.fmul(kind, a, b), c)
        return self.intrinsic("fma", kind, [(kind, a), (kind, b), (kind, c)])

    def fmax(self, kind: str, a: str, b: str) -> str:
        """The larger; `b` when either is NaN."""
        return self.choose(kind, self.test("fcmp ogt", kind, a, b), a, b)

    def fmin(self, kind: str, a: str, b: str) -> str:
        """The smaller; `b` when either is NaN."""
        return self.choose(kind, self.test("fcmp olt", kind, a, b), a, b)

    def test(self, predicate: str, kind: str, a: Integer, b: Integer) -> str:
        """`fcmp …` or `icmp …` of scalars or vectors."""
        return self.value(f"{predicate} {kind} {a}, {b}")

    def choose(self, kind: str, condition: str, a: str, b: str) -> str:
        """Lane by lane `a` where `condition` (i1, or a vector of i1) holds, else `b`."""
        flags = vector("i1", lanes_of(kind))
        return self.value(f"select {flags} {condition}, {kind} {a}, {kind} {b}")

    def convert(self, op: str, source: str, value: str, target: str) -> str:
        """A conversion such as `fpext`, `sext`, `bitcast`."""
        return value if source == target else self.value(f"{op} {source} {value} to {target}")

    def splat(self, kind: str, scalar: str) -> str:
        """The scalar register in every lane of vector type `kind`; of a scalar type, the scalar."""
        if lanes_of(kind) == 1:
            return scalar
        first = self.value(f"insertelement {kind} poison, {element_of(kind)} {scalar}, i64 0")
        mask = f"<{lanes_of(kind)} x i32> zeroinitializer"
        return self.value(f"shufflevector {kind} {first}, {kind} poison, {mask}")

    def extract(self, kind: str, value: str, lane: int) -> str:
        """One lane of a vector; of a scalar, the scalar."""
        if lanes_of(kind) == 1:
            return value
        return self.value(f"extractelement {kind} {value}, i64 {lane}")

    def insert(self, kind: str, value: str, scalar: str, lane: int) -> str:
        """`value` with one lane replaced."""
        return self.value(f"insertelement {kind} {value}, {element_of(kind)} {scalar}, i64 {lane}")

    def shuffle(self, kind: str, a: str, b: str, mask: Sequence[int]) -> str:
        """Lanes of `a` (0…) and `b` (lanes…) as `mask` lists them."""
        lanes = ", ".join(f"i32 {lane}" for lane in mask)
        return self.value(f"shufflevector {kind} {a}, {kind} {b}, <{len(mask)} x i32> <{lanes}>")

    def intrinsic(self, name: str, result: str, arguments: Sequence[tuple[str, Integer]]) -> str:
        """Call `@llvm.name` overloaded on `result` and name its value."""
        return self.call(f"llvm.{name}.{_mangled(result)}", result, arguments, declare=True)

    def call(
        self,
        name: str,
        result: str,
        arguments: Sequence[tuple[str, Integer]],
        *,
        declare: bool = False,
    ) -> str:
        """Call `@name`; the value's register, an empty text for `void`."""
        if declare:
            kinds = ", ".join(kind for kind, _ in arguments)
            self.module.declare(f"declare {result} @{name}({kinds})")
        listed = ", ".join(f"{kind} {value}" for kind, value in arguments)
        if result == "void":
            self.emit(f"call void @{name}({listed})")
            return ""
        return self.value(f"call {result} @{name}({listed})")

    # Memory.

    def offset(self, pointer: str, index: Integer, kind: str) -> str:
        """`pointer` moved by `index` elements of type `kind`."""
        if index == 0:
            return pointer
        return self.value(f"getelementptr inbounds {kind}, ptr {pointer}, i64 {index}")

    def load(self, kind: str, pointer: str, align: int | None = None) -> str:
        """Load a scalar or vector; `align` in bytes, that of the element when it is None."""
        return self.value(f"load {kind}, ptr {pointer}, align {align or _alignment(kind)}")

    def store(self, kind: str, value: Integer, pointer: str, align: int | None = None) -> None:
        """Store a scalar or vector."""
        self.emit(f"store {kind} {value}, ptr {pointer}, align {align or _alignment(kind)}")

    def stack(self, kind: str, count: int, align: int = 64) -> str:
        """Room for `count` elements that lives as long as the call."""
        with self.hoisted():
            return self.value(f"alloca [{count} x {kind}], align {align}")

    def prefetch(self, pointer: str, *, write: bool = False, locality: int = 3) -> None:
        """Ask for the cache line at `pointer`; any address is allowed."""
        hints = [("i32", int(write)), ("i32", locality), ("i32", 1)]
        self.call("llvm.prefetch.p0", "void", [("ptr", pointer), *hints], declare=True)

    # Control.

    def loop(
        self,
        start: Integer,
        stop: Integer,
        step: Integer,
        body: Callable[[Integer, list[str]], Sequence[Integer] | None],
        carried: Sequence[Carried] = (),
        *,
        nonempty: bool = False,
    ) -> list[str]:
        """`for i in range(start, stop, step)`; the final values of what is carried around.

        `body` gets the index and the carried registers and gives their next values. No code is
        printed for a loop without iterations, and no loop for one iteration. `nonempty` promises at
        least one.
        """
        initial = [str(value) for _, value in carried]
        if isinstance(start, int) and isinstance(stop, int):
            if start >= stop:
                return initial
            if isinstance(step, int) and start + step >= stop:
                return [str(value) for value in body(start, initial) or ()]
            nonempty = True
        head, done = self.label(), self.label()
        before = self.here()
        if nonempty:
            self.jump(head)
        else:
            enter = self.value(f"icmp slt i64 {start}, {stop}")
            self.emit(f"br i1 {enter}, label %{head}, label %{done}")
        self.start(head)
        phis = self.slot()
        index = self.register()
        registers = [self.register() for _ in carried]
        final = [str(value) for value in body(index, registers) or ()]
        after = self.value(f"add nsw i64 {index}, {step}")
        again = self.value(f"icmp slt i64 {after}, {stop}")
        latch = self.here()
        self.emit(f"br i1 {again}, label %{head}, label %{done}")
        with self.at(phis):
            self.emit(f"{index} = phi i64 [{start}, %{before}], [{after}, %{latch}]")
            for register, (kind, first), last in zip(registers, carried, final, strict=True):
                self.emit(f"{register} = phi {kind} [{first}, %{before}], [{last}, %{latch}]")
        self.start(done)
        if nonempty:
            return final
        edges = zip(carried, final, strict=True)
        return [
            self.value(f"phi {kind} [{first}, %{before}], [{last}, %{latch}]")
            for (kind, first), last in edges
        ]

    def loop_while(
        self,
        test: Callable[[list[str]], Flag],
        body: Callable[[list[str]], Sequence[Integer]],
        carried: Sequence[Carried],
    ) -> list[str]:
        """Run `body` as long as `test` holds; the final values of what is carried around.

        Both get the carried registers; `body` gives their next values.
        """
        head, inside, done = self.label(), self.label(), self.label()
        before = self.here()
        self.jump(head)
        self.start(head)
        phis = self.slot()
        registers = [self.register() for _ in carried]
        condition = test(registers)
        again = str(condition).lower()
        self.emit(f"br i1 {again}, label %{inside}, label %{done}")
        self.start(inside)
        final = [str(value) for value in body(registers)]
        latch = self.here()
        self.jump(head)
        with self.at(phis):
            for register, (kind, first), last in zip(registers, carried, final, strict=True):
                self.emit(f"{register} = phi {kind} [{first}, %{before}], [{last}, %{latch}]")
        self.start(done)
        return registers

    def branch_if(
        self,
        condition: Flag,
        then: Callable[[], Sequence[Integer] | None],
        otherwise: Callable[[], Sequence[Integer] | None] | None = None,
        kinds: Sequence[str] = (),
    ) -> list[str]:
        """Run one of two arms; values of types `kinds` that the arms give, joined."""
        other = otherwise or (lambda: None)
        if isinstance(condition, bool):
            return [str(value) for value in (then if condition else other)() or ()]
        yes, no, done = self.label(), self.label(), self.label()
        self.emit(f"br i1 {condition}, label %{yes}, label %{no}")
        self.start(yes)
        chosen, chosen_block = self._arm(then, done)
        self.start(no)
        refused, refused_block = self._arm(other, done)
        self.start(done)
        return [
            self.value(f"phi {kind} [{a}, %{chosen_block}], [{b}, %{refused_block}]")
            for kind, a, b in zip(kinds, chosen, refused, strict=True)
        ]

    def _arm(
        self, arm: Callable[[], Sequence[Integer] | None], done: str
    ) -> tuple[list[Integer], str]:
        values = list(arm() or ())
        here = self.here()
        self.jump(done)
        return values, here


def _mangled(kind: str) -> str:
    names = {"float": "f32", "double": "f64", "half": "f16", "bfloat": "bf16"}
    element = element_of(kind)
    lanes = lanes_of(kind)
    return (f"v{lanes}" if lanes > 1 else "") + names.get(element, element)


def _alignment(kind: str) -> int:
    return max(1, element_bits(kind) // 8)
