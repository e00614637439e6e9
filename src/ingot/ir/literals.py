# SPDX-License-Identifier: Apache-2.0
"""Literals of the graph's text form: names, attribute values, constants and derivations.

Each `print_*` has a `parse_*` that reads back what it wrote. Scalars that are no number, string,
type name or keyword are symbolic sizes, so keywords and type names cannot name a symbol.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from ingot import dims, dtypes
from ingot.dims import Dim, Expression
from ingot.dtypes import DType
from ingot.errors import IngotError, TextError
from ingot.ir.graph import Array, Attribute, Constant, Derivation, Graph, ListType, TensorType

INLINE_ELEMENTS: Final = 16
KEYWORDS: Final = {"true": True, "false": False, "none": None, "inf": math.inf, "nan": math.nan}
TYPE_NAMES: Final = {dtype.name: dtype for dtype in dtypes.ALL}

SEQUENCES: Final = ("sequence", "any_sequence", "empty_sequence")
CONTAINERS: Final = (*SEQUENCES, "optional_tensor", *(f"optional_{name}" for name in SEQUENCES))

QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
BARE_NAME: Final = re.compile(r"[\w./$-]+")
_INTEGER: Final = re.compile(r"-?\d+")
_FLOAT: Final = re.compile(r"-?(?:\d+\.\d*(?:e[+-]?\d+)?|\d+e[+-]?\d+|inf)")
_TYPE: Final = re.compile(r"(\w+)\[(.*)\]")
_CALL: Final = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_KEYWORD_ARGUMENT: Final = re.compile(r"(\w+)=(.*)", re.DOTALL)
_SPLIT_TOKEN: Final = re.compile(rf"{QUOTED}|[()\[\]{{}},]")


def print_name(name: str) -> str:
    """`name` as it is where it is a plain word or path, else quoted."""
    return name if BARE_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def parse_name(text: str) -> str:
    """The name that `print_name` wrote."""
    if not text.startswith('"'):
        return text
    name = json.loads(text)
    assert isinstance(name, str)
    return name


def split(text: str) -> list[str]:
    """The comma-separated parts of `text`, commas in brackets and strings not counting."""
    if not any(mark in text for mark in '"(['):
        return [part for part in map(str.strip, text.split(",")) if part]
    return [part for part in _parts(text) if part]


def _parts(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for match in _SPLIT_TOKEN.finditer(text):
        mark = match.group()
        if mark in ("(", "[", "{"):
            depth += 1
        elif mark in (")", "]", "}"):
            depth -= 1
        elif mark == "," and depth == 0:
            yield text[start : match.start()].strip()
            start = match.end()
    yield text[start:].strip()


def parse_type(text: str) -> TensorType:
    """The tensor type written as `float32[batch, 3]`."""
    match = _TYPE.fullmatch(text)
    container, name = "", match[1] if match else ""
    for prefix in CONTAINERS:
        if name.startswith(f"{prefix}_") and not container:
            container, name = prefix, name.removeprefix(f"{prefix}_")
    if match is None or name not in TYPE_NAMES:
        raise TextError(f"'{text}' is no tensor type", cure="write it as float32[batch, 3]")
    shape = tuple(parse_dim(part) for part in split(match[2]))
    dtype = TYPE_NAMES[name]
    return ListType(dtype, shape, container) if container else TensorType(dtype, shape)


def parse_dim(text: str) -> Dim:
    """The size written as `text`: an integer or an expression over symbols."""
    return int(text) if _INTEGER.fullmatch(text) else dims.parse(text)


def print_attribute(value: Attribute, nested: Callable[[Graph], str]) -> str:
    """`value` as text; `nested` gives a graph's name in the text."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)
        case int() | Expression():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case DType():
            return value.name
        case tuple():
            parts = [print_attribute(part, nested) for part in value]
            return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
        case Graph():
            return f"graph({json.dumps(nested(value), ensure_ascii=False)})"
    raise TypeError(f"{type(value).__name__} is no attribute")


def parse_attribute(text: str, nested: Callable[[str], Graph]) -> Attribute:
    """The attribute that `print_attribute` wrote; `nested` finds a graph by its name."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if text in KEYWORDS:
        return KEYWORDS[text]
    if text in TYPE_NAMES:
        return TYPE_NAMES[text]
    if text.startswith('"'):
        return str(json.loads(text))
    if text.startswith("graph("):
        return nested(json.loads(text[len("graph(") : -1]))
    if _is_tuple(text):
        return tuple(parse_attribute(part, nested) for part in split(text[1:-1]))
    return dims.parse(text)


def _is_tuple(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    inner = text[1:-1]
    return not inner.strip() or sum(1 for _ in _parts(inner)) > 1


def print_elements(array: Array) -> str:
    """The elements of a small array in braces, exactly; NaNs by their bytes."""
    if array.dtype.kind == "f" or dtypes.from_numpy(array.dtype).is_float:
        if np.isnan(array.astype(np.float64)).any():
            return f"{{bytes {array.tobytes().hex()}}}"
        return f"{{{', '.join(_print_float(element) for element in array.flat)}}}"
    if array.dtype == np.bool_:
        return f"{{{', '.join('true' if element else 'false' for element in array.flat)}}}"
    return f"{{{', '.join(str(int(element)) for element in array.flat)}}}"


def _print_float(element: Any) -> str:
    shortest = str(element)
    exact = element.dtype.type(float(shortest)) == element
    return repr(float(shortest if exact else element))


def parse_elements(text: str, type: TensorType) -> Array:
    """The read-only array that `print_elements` wrote."""
    shape = tuple(dims.evaluate(size, {}) for size in type.shape)
    inner = text.strip()[1:-1].strip()
    if inner.startswith("bytes "):
        array = np.frombuffer(bytes.fromhex(inner[len("bytes ") :]), type.dtype.numpy)
    else:
        array = np.array([_parse_element(part) for part in split(inner)], _wide(type.dtype))
        array = array.astype(type.dtype.numpy)
    if array.size != math.prod(shape):
        raise TextError(f"{type} needs {math.prod(shape)} elements, {array.size} are given")
    array = array.reshape(shape)
    array.flags.writeable = False
    return array


def _parse_element(text: str) -> bool | int | float:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _INTEGER.fullmatch(text) else float(text)


def _wide(dtype: DType) -> Any:
    """The NumPy type in which literals are read before they are rounded to `dtype` once."""
    if dtype.is_float:
        return np.float64
    return dtype.numpy if dtype.itemsize == 8 else np.bool_ if dtype is dtypes.BOOL else np.int64


def print_derivation(derivation: Derivation) -> str:
    """The expression as text: `mul(source("w"), reshape(source("s"), shape=(64, 1, 1, 1)))`."""
    if derivation.is_source:
        return f"source({json.dumps(derivation.source_name, ensure_ascii=False)})"
    if derivation.data is not None:
        constant = derivation.data
        type = TensorType(constant.dtype, constant.shape)
        return f"constant({type}, {print_elements(constant.array())})"
    parts = [print_derivation(arg) for arg in derivation.args]
    parts += [f"{key}={print_attribute(value, _no_graph)}" for key, value in derivation.attributes]
    return f"{derivation.op}({', '.join(parts)})"


def parse_derivation(text: str) -> Derivation:
    """The derivation that `print_derivation` wrote."""
    match = _CALL.fullmatch(text.strip())
    if match is None:
        raise TextError(f"'{text}' is no derivation", cure='write it as op(source("name"), key=1)')
    op, parts = match[1], split(match[2])
    if op == "source" and len(parts) == 1:
        return Derivation.source(str(json.loads(parts[0])))
    if op == "constant" and len(parts) == 2:
        return Derivation("constant", data=_parse_constant(*parts))
    args: list[Derivation] = []
    attributes: dict[str, Attribute] = {}
    for part in parts:
        keyword = _KEYWORD_ARGUMENT.fullmatch(part)
        if keyword is None or "(" in keyword[1]:
            args.append(parse_derivation(part))
        else:
            attributes[keyword[1]] = parse_attribute(keyword[2], _no_graph)
    return Derivation.apply(op, *args, **attributes)


def _parse_constant(type_text: str, elements: str) -> Constant:
    return Constant.of(parse_elements(elements, parse_type(type_text)))


def _no_graph(_: object) -> Any:
    raise IngotError("a derivation holds no nested graph")
