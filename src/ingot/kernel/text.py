# SPDX-License-Identifier: Apache-2.0
"""The text form of computes and kernels; what is printed parses back to an equal value.

Expressions are written as calls, `mul(load(0, float32, i, j), float32(0.5))`; one that is used more
than once gets a name on a line of its own, `%3 = …`. Sizes stand in braces where they are symbolic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar, cast

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import BOOL, INT64, DType, by_name
from ingot.errors import IngotError, TextError
from ingot.kernel.compute import Compute
from ingot.kernel.loops import (
    Assign,
    Axis,
    Branch,
    Fold,
    Kernel,
    Loop,
    LoopKind,
    Statement,
    Store,
    Tile,
    Transpose,
    While,
    expressions,
)
from ingot.kernel.nodes import (
    REDUCE_KINDS,
    Acc,
    Apply,
    Const,
    Expr,
    Load,
    Local,
    Number,
    Reduce,
    ReduceKind,
    Size,
    Var,
    walk,
)
from ingot.kernel.operators import CONVERSIONS, OPERATORS, result_dtype
from ingot.kernel.view import View

_T = TypeVar("_T")
_TOKENS = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<dim>\{[^}]*\})|(?P<name>[%$]?[A-Za-z_][\w.]*|%\d+)'
    r"|(?P<number>-?(?:\d[\d.]*(?:e[+-]?\d+)?|inf|nan))|(?P<sign>[()\[\]=,:]))"
)


def print_compute(compute: Compute) -> str:
    """The text of `compute`."""
    writer = _Writer([value for _, value in compute.results])
    lines = ["compute"]
    lines += [f"axis {var.name} {_dim(extent)}" for var, extent in compute.axes]
    lines += [f"operand {_view(view)}" for view in compute.operands]
    for view, value in compute.results:
        text = writer.text(value, lines, "")
        lines.append(f"result {_view(view)} = {text}")
    return "\n".join(lines) + "\n"


def print_kernel(kernel: Kernel) -> str:
    """The text of `kernel`."""
    writer = _Writer(expressions(kernel.body))
    sizes = f"{kernel.kept} {kernel.lanes} {_dim(kernel.grain)} {_dim(kernel.flops)}"
    lines = [f"kernel {sizes}"]
    lines += [f"operand {_view(view)}" for view in kernel.operands]
    lines += [f"result {_view(view)}" for view in kernel.results]
    lines += [f"tile {tile.dtype} {tile.size}" for tile in kernel.tiles]
    _print_block(kernel.body, writer, lines, "")
    return "\n".join(lines) + "\n"


def _print_block(body: Sequence[Statement], writer: _Writer, lines: list[str], indent: str) -> None:
    for statement in body:
        if isinstance(statement, Fold):
            _print_fold(statement, writer, lines, indent)
        elif isinstance(statement, Transpose):
            _print_transpose(statement, writer, lines, indent)
        else:
            lines.append(indent + _head(statement, writer, lines, indent))
            _print_inside(statement, writer, lines, indent)


def _head(
    statement: Loop | Store | Assign | Branch | While,
    writer: _Writer,
    lines: list[str],
    indent: str,
) -> str:
    """The first line of a statement."""
    match statement:
        case Loop(axis=axis):
            return f"loop {_axis(axis, writer, lines, indent)}"
        case Store():
            return _store(statement, writer, lines, indent)
        case Assign(target=target, value=value):
            return f"let {target.name} {target.dtype} = {writer.text(value, lines, indent)}"
    word = "if" if isinstance(statement, Branch) else "while"
    return f"{word} {writer.text(statement.condition, lines, indent)}"


def _print_inside(
    statement: Loop | Store | Assign | Branch | While,
    writer: _Writer,
    lines: list[str],
    indent: str,
) -> None:
    """The blocks of a statement, and what closes it."""
    match statement:
        case Loop(body=body) | While(body=body) | Branch(then=body):
            _print_block(body, writer, lines, indent + "  ")
        case _:
            return
    if isinstance(statement, Branch) and statement.otherwise:
        lines.append(f"{indent}else")
        _print_block(statement.otherwise, writer, lines, indent + "  ")
    lines.append(f"{indent}end")


def _print_fold(fold: Fold, writer: _Writer, lines: list[str], indent: str) -> None:
    target = f"{fold.target.name} {fold.target.dtype}"
    axes = [_axis(axis, writer, lines, indent) for axis in fold.axes]
    if fold.inner:
        lines.append(f"{indent}inner")
        _print_block(fold.inner, writer, lines, indent + "  ")
        lines.append(f"{indent}end")
    value = writer.text(fold.value, lines, indent)
    at = "" if fold.position is None else f" at {writer.text(fold.position, lines, indent)}"
    stores = [_store(store, writer, lines, indent + "  ") for store in fold.stores]
    lines.append(f"{indent}fold {target} = {fold.kind} {value}{at}")
    lines += [f"{indent}  over {axis}" for axis in axes]
    lines += [f"{indent}  {store}" for store in stores]
    lines.append(f"{indent}end")


def _print_transpose(statement: Transpose, writer: _Writer, lines: list[str], indent: str) -> None:
    index = writer.text(statement.index, lines, indent)
    axes = [_axis(axis, writer, lines, indent) for axis in (statement.row, statement.column)]
    lines.append(f"{indent}transpose {statement.tile} {statement.operand} {index}")
    lines += [f"{indent}  over {axis}" for axis in axes]
    lines.append(f"{indent}end")


def _axis(axis: Axis, writer: _Writer, lines: list[str], indent: str) -> str:
    start, stop = (writer.text(bound, lines, indent) for bound in (axis.start, axis.stop))
    return f"{axis.kind} {axis.var.name} {start} {stop} {axis.step}"


def _store(store: Store, writer: _Writer, lines: list[str], indent: str) -> str:
    index = writer.text(store.index, lines, indent)
    return f"store {store.result} {index} = {writer.text(store.value, lines, indent)}"


def _dim(dim: Dim) -> str:
    return str(dim) if isinstance(dim, int) else f"{{{dim}}}"


def _dims(values: Iterable[Dim]) -> str:
    return "[" + ", ".join(_dim(value) for value in values) + "]"


def _view(view: View) -> str:
    buffer = json.dumps(view.buffer)
    return f"{view.dtype} {_dims(view.shape)} {_dims(view.strides)} {_dim(view.offset)} {buffer}"


class _Writer:
    """Prints expressions; those used more than once are defined before their first use."""

    def __init__(self, roots: Iterable[Expr]) -> None:
        uses: dict[Expr, int] = {}
        for root in roots:
            uses[root] = uses.get(root, 0) + 1
        for expr in walk(list(uses)):
            for child in expr.children:
                uses[child] = uses.get(child, 0) + 1
        self._shared = {expr for expr, count in uses.items() if count > 1 and expr.children}
        self._names: dict[Expr, str] = {}

    def text(self, root: Expr, lines: list[str], indent: str) -> str:
        """The text of `root`; definitions that it needs are added to `lines`."""
        texts: dict[Expr, str] = dict(self._names)
        for expr in walk((root,), stop=lambda expr: expr in self._names):
            if expr in texts:
                continue
            texts[expr] = _expression(expr, [texts[child] for child in expr.children])
            if expr in self._shared:
                self._names[expr] = f"%{len(self._names)}"
                lines.append(f"{indent}{self._names[expr]} = {texts[expr]}")
                texts[expr] = self._names[expr]
        return texts[root]


def _expression(expr: Expr, parts: Sequence[str]) -> str:
    listed = ", ".join(parts)
    if isinstance(expr, Const):
        return str(expr.value) if expr.dtype == INT64 else f"{expr.dtype}({_number(expr.value)})"
    if isinstance(expr, Var):
        return expr.name
    if isinstance(expr, Local):
        return f"${expr.name}({expr.dtype})"
    if isinstance(expr, Size):
        return _dim(expr.dim)
    if isinstance(expr, Acc):
        return f"acc({expr.dtype})"
    if isinstance(expr, Load):
        return f"load({', '.join((str(expr.operand), str(expr.dtype), *parts))})"
    if isinstance(expr, Reduce):
        axes = "".join(f"{var.name}: {_dim(extent)}, " for var, extent in expr.axes)
        return f"reduce({expr.kind}, {axes}{listed})"
    assert isinstance(expr, Apply)
    return f"{expr.op}({listed}{f', {expr.dtype}' if expr.op in CONVERSIONS else ''})"


def _number(value: Number) -> str:
    return str(int(value)) if isinstance(value, bool) else repr(value)


def parse_compute(text: str) -> Compute:
    """The Compute that `text` describes; raises TextError."""
    reader = _Reader(text)
    reader.expect_line("compute")
    axes: list[tuple[Var, Dim]] = []
    operands: list[View] = []
    results: list[tuple[View, Expr]] = []
    while reader.next_line():
        if reader.definition():
            continue
        word = reader.word()
        if word == "axis":
            axes.append((Var(reader.word()), reader.dim()))
        elif word == "operand":
            operands.append(reader.view())
        elif word == "result":
            view = reader.view()
            reader.sign("=")
            results.append((view, reader.expr()))
        else:
            raise reader.error(f"'{word}' begins no line of a compute")
    return Compute(tuple(axes), tuple(operands), tuple(results))


def parse_kernel(text: str) -> Kernel:
    """The Kernel that `text` describes; raises TextError."""
    reader = _Reader(text)
    reader.expect_line("kernel")
    kept, lanes = reader.integer(), reader.integer()
    grain, flops = reader.dim(), reader.dim()
    views: dict[str, list[View]] = {"operand": [], "result": []}
    tiles: list[Tile] = []
    while reader.next_line() and reader.peek() in ("operand", "result", "tile"):
        word = reader.word()
        if word == "tile":
            tiles.append(Tile(by_name(reader.word()), reader.integer()))
        else:
            views[word].append(reader.view())
    reader.back()
    body = reader.block(top=True)
    operands, results = tuple(views["operand"]), tuple(views["result"])
    return Kernel(operands, results, body, tuple(tiles), kept, lanes, grain, flops)


class _Reader:
    """A recursive-descent parser, one statement a line."""

    def __init__(self, text: str) -> None:
        self._lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        self._line = -1
        self._tokens: list[str] = []
        self._defined: dict[str, Expr] = {}

    # Lines.

    def next_line(self) -> bool:
        """Go to the next line; False at the end of the text."""
        if self._tokens:
            raise self.error(f"'{self._tokens[0]}' is one word too many")
        self._line += 1
        if self._line >= len(self._lines):
            return False
        self._tokens = list(self._split(self._lines[self._line][1]))
        return True

    def back(self) -> None:
        """Let the next line be the present one again."""
        self._line -= 1
        self._tokens = []

    def expect_line(self, word: str) -> None:
        """The next line begins with `word`."""
        if not self.next_line() or self.word() != word:
            raise self.error(f"expects '{word}'")

    def error(self, message: str) -> TextError:
        """The error of the present line."""
        number = self._lines[self._line][0] if 0 <= self._line < len(self._lines) else 0
        return TextError(f"kernel text: {message}", line=number)

    def _split(self, line: str) -> Iterator[str]:
        position, line = 0, line.rstrip()
        while position < len(line):
            match = _TOKENS.match(line, position)
            if match is None:
                raise self.error(f"'{line[position:].strip()[:20]}' is not understood")
            position = match.end()
            yield match.group().strip()

    # Words.

    def peek(self) -> str:
        """The next word of the line; empty at its end."""
        return self._tokens[0] if self._tokens else ""

    def word(self) -> str:
        """Take the next word."""
        if not self._tokens:
            raise self.error("the line ends too early")
        return self._tokens.pop(0)

    def sign(self, sign: str) -> None:
        """Take the next word, which must be `sign`."""
        word = self.word()
        if word != sign:
            raise self.error(f"expects '{sign}', not '{word}'")

    def integer(self) -> int:
        """Take an integer."""
        return self._checked(int, self.word())

    def dim(self) -> Dim:
        """Take a size."""
        word = self.word()
        if word.startswith("{"):
            return self._size(word)
        return self._checked(int, word)

    def dtype(self) -> DType:
        """Take the name of an element type."""
        return self._named(self.word())

    def _named(self, word: str) -> DType:
        try:
            return by_name(word)
        except IngotError as error:
            raise self.error(error.message) from error

    def kind(self) -> ReduceKind:
        """Take the kind of a reduction."""
        word = self.word()
        if word not in REDUCE_KINDS:
            raise self.error(f"'{word}' is no kind of reduction")
        return word

    def _size(self, word: str) -> Dim:
        try:
            return dims.parse(word[1:-1])
        except IngotError as error:
            raise self.error(error.message) from error

    def _checked(self, convert: Callable[[str], _T], word: str) -> _T:
        try:
            return convert(word)
        except (ValueError, OverflowError) as error:
            raise self.error(f"'{word}' is no number") from error

    def _list(self) -> tuple[Dim, ...]:
        self.sign("[")
        values: list[Dim] = []
        while self.peek() != "]":
            values.append(self.dim())
            if self.peek() != "]":
                self.sign(",")
        self.sign("]")
        return tuple(values)

    def view(self) -> View:
        """Take a view."""
        dtype = self.dtype()
        shape, strides, offset = self._list(), self._list(), self.dim()
        return View(str(json.loads(self.word())), dtype, shape, strides, offset)

    # Expressions.

    def definition(self) -> bool:
        """Take a whole line `%name = expression`; False when the line is something else."""
        if not self.peek().startswith("%"):
            return False
        name = self.word()
        self.sign("=")
        self._defined[name] = self.expr()
        return True

    def expr(self) -> Expr:
        """Take an expression."""
        word = self.word()
        if word.startswith("%"):
            if word not in self._defined:
                raise self.error(f"'{word}' is not defined")
            return self._defined[word]
        if word.startswith("{"):
            return Size(self._size(word))
        if self.peek() != "(":
            if re.fullmatch(r"-?\d+", word):
                return Const(int(word), INT64)
            return Var(word)
        self.sign("(")
        result = self._call(word)
        self.sign(")")
        return result

    def _call(self, word: str) -> Expr:
        if word.startswith("$"):
            return Local(word[1:], self.dtype())
        if word == "acc":
            return Acc(self.dtype())
        if word == "load":
            operand = self.integer()
            self.sign(",")
            dtype = self.dtype()
            return Load(operand, self._rest(), dtype)
        if word == "reduce":
            return self._reduce()
        if word in OPERATORS:
            return self._apply(word)
        return self._constant(self._named(word))

    def _constant(self, dtype: DType) -> Const:
        word = self.word()
        if dtype.is_float:
            return Const(self._checked(float, word), dtype)
        value = self._checked(int, word)
        return Const(bool(value) if dtype == BOOL else value, dtype)

    def _rest(self) -> list[Expr]:
        """`, expression` until the closing bracket."""
        found: list[Expr] = []
        while self.peek() == ",":
            self.sign(",")
            found.append(self.expr())
        return found

    def _reduce(self) -> Expr:
        kind = self.kind()
        self.sign(",")
        axes: list[tuple[Var, Dim]] = []
        while len(self._tokens) > 1 and self._tokens[1] == ":":
            var = Var(self.word())
            self.sign(":")
            axes.append((var, self.dim()))
            self.sign(",")
        return Reduce(kind, axes, self.expr())

    def _apply(self, op: str) -> Expr:
        args = [self.expr()]
        while self.peek() == ",":
            self.sign(",")
            if op in CONVERSIONS:
                return Apply(op, args, self.dtype())
            args.append(self.expr())
        dtype = result_dtype(OPERATORS[op], tuple(arg.dtype for arg in args))
        return Apply(op, args, dtype)

    # Statements.

    def block(self, top: bool = False) -> tuple[Statement, ...]:
        """Statements up to `end`, or to the end of the text."""
        return self._block(top)[0]

    def _block(self, top: bool = False) -> tuple[tuple[Statement, ...], str]:
        """Statements, and the word behind them: `end`, `else`, or nothing at the top."""
        found: list[Statement] = []
        inner: tuple[Statement, ...] = ()
        while self.next_line():
            if self.definition():
                continue
            word = self.word()
            if word == "inner":
                inner = self.block()
            elif word in ("end", "else") and not top:
                return tuple(found), word
            elif word == "fold":
                found.append(self._fold(inner))
                inner = ()
            else:
                found.append(self._statement(word))
        if not top:
            raise self.error("the text ends inside a block")
        return tuple(found), ""

    def _statement(self, word: str) -> Statement:
        if word == "loop":
            axis = self._axis()
            return Loop(axis, self.block())
        if word == "store":
            return self._store()
        if word == "transpose":
            return self._transpose()
        if word == "let":
            target = Local(self.word(), self.dtype())
            self.sign("=")
            return Assign(target, self.expr())
        if word == "while":
            return While(self.expr(), self.block())
        if word == "if":
            condition = self.expr()
            then, closing = self._block()
            return Branch(condition, then, self.block() if closing == "else" else ())
        raise self.error(f"'{word}' begins no statement")

    def _axis(self) -> Axis:
        kind = self.word()
        if kind not in ("parallel", "serial", "vector"):
            raise self.error(f"'{kind}' is no kind of loop")
        var = Var(self.word())
        start, stop = self.expr(), self.expr()
        return Axis(var, start, stop, cast(LoopKind, kind), self.integer())

    def _store(self) -> Store:
        result, index = self.integer(), self.expr()
        self.sign("=")
        return Store(result, index, self.expr())

    def _parts(self) -> tuple[list[Axis], list[Store]]:
        """The lines of a fold or transpose up to its `end`."""
        axes: list[Axis] = []
        stores: list[Store] = []
        while self.next_line():
            word = self.word()
            if word == "end":
                return axes, stores
            if word == "over":
                axes.append(self._axis())
            elif word == "store":
                stores.append(self._store())
            else:
                raise self.error(f"'{word}' is no part of a fold")
        raise self.error("the text ends inside a fold")

    def _fold(self, inner: tuple[Statement, ...]) -> Fold:
        target = Local(self.word(), self.dtype())
        self.sign("=")
        kind, value = self.kind(), self.expr()
        position = None
        if self.peek() == "at":
            self.word()
            position = self.expr()
        axes, stores = self._parts()
        folds = tuple(item for item in inner if isinstance(item, Fold))
        return Fold(target, kind, tuple(axes), value, position, folds, tuple(stores))

    def _transpose(self) -> Transpose:
        tile, operand, index = self.integer(), self.integer(), self.expr()
        axes, _ = self._parts()
        if len(axes) != 2:
            raise self.error("a transpose has a row and a column axis")
        return Transpose(tile, operand, index, *axes)
