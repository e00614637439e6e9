# SPDX-License-Identifier: Apache-2.0
"""Shape arithmetic, done while reading: operators on small tensors whose elements are known.

Elements are arrays of Python objects (numbers and symbolic sizes), so that NumPy moves them about
and `scalars` computes with them. `evaluate` gives None where an operator, a size or a comparison
cannot be settled here; the call is then mapped like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from ingot.dims import Dim, product
from ingot.dtypes import BOOL, INT64, DType, from_numpy
from ingot.onnx.axes import axes_of, slice_bounds
from ingot.onnx.call import Call
from ingot.onnx.constants import constant_array
from ingot.onnx.scalars import Arithmetic, Undecided
from ingot.onnx.tensor import Elements, elements_of
from ingot.onnx.tensors import ELEMENT_TYPES

MOST: Final = 1024
KNOWN_INTEGERS: Final = 256
KNOWN_FLOATS: Final = 16
Rule: TypeAlias = Callable[["Known"], "Elements | list[Elements]"]


class Known:
    """A call whose inputs are all known, with arithmetic in the type of its first output."""

    def __init__(self, call: Call, inputs: list[Elements], dtype: DType) -> None:
        self.call = call
        self.inputs = inputs
        self.arithmetic = Arithmetic(dtype, call.builder.symbols, self._demand)

    def _demand(self, size: Dim) -> None:
        self.call.guard("ge", size, 0, "a size that is divided must not be negative")

    def ints(self, index: int) -> list[int]:
        """An input that must be plain integers."""
        found = self.inputs[index].reshape(-1).tolist()
        if not all(isinstance(item, int) for item in found):
            raise Undecided
        return [int(item) for item in found]

    def has(self, index: int) -> bool:
        """Whether the input at `index` is given."""
        return self.call.has(index)


def evaluate(call: Call) -> tuple[DType, list[Elements]] | None:
    """The element type and elements of every output, where they can be known now."""
    rule = RULES.get(call.node.op)
    if rule is None or call.node.domain:
        return None
    inputs = [] if call.node.op in FROM_TYPES else _known_inputs(call)
    if inputs is None:
        return None
    dtype = result_type(call)
    try:
        made = rule(Known(call, inputs, dtype))
    except (Undecided, ValueError, IndexError, TypeError, OverflowError):
        return None
    results = made if isinstance(made, list) else [made]
    return (dtype, results) if all(part.size <= MOST for part in results) else None


def _known_inputs(call: Call) -> list[Elements] | None:
    """The elements of all inputs (empty where left out); None where one is not known."""
    found: list[Elements] = []
    for tensor in call.inputs:
        if tensor is None:
            found.append(np.empty(0, object))
        elif tensor.elements is None:
            return None
        else:
            found.append(tensor.elements)
    return found


def result_type(call: Call) -> DType:
    """The element type of the first output of an operator in `RULES`."""
    op = call.node.op
    if op in ("Shape", "Size", "NonZero"):
        return INT64
    if op in COMPARISONS or op in LOGIC or op == "Not":
        return BOOL
    if op == "Cast":
        return call.type_attribute("to")
    if op == "Constant":
        return from_numpy(constant_array(call).dtype)
    if op == "ConstantOfShape":
        return _fill_type(call)
    return call.dtype(1 if op in ("Where", "CastLike") else 0)


def _fill_type(call: Call) -> DType:
    if not call.given("value"):
        return ELEMENT_TYPES[1]
    record = call.node.attributes["value"].value
    return call.known_type(getattr(record, "data_type", 0), "attribute 'value'")


def _array(items: Sequence[Any], shape: tuple[int, ...] | None = None) -> Elements:
    result = np.empty(len(items), object)
    result[:] = items
    return result if shape is None else result.reshape(shape)


def _apply(function: Callable[..., Any], *inputs: Elements) -> Elements:
    """An element function over broadcast inputs."""
    shape = np.broadcast_shapes(*(part.shape for part in inputs))
    if math.prod(shape) > MOST:
        raise Undecided
    flat = [np.broadcast_to(part, shape).reshape(-1) for part in inputs]
    return _array([function(*items) for items in zip(*flat, strict=True)], shape)


def _binary(name: str) -> Rule:
    return lambda known: _apply(getattr(known.arithmetic, name), *known.inputs[:2])


def _variadic(name: str) -> Rule:
    def rule(known: Known) -> Elements:
        result, *rest = known.inputs
        for part in rest:
            result = _apply(getattr(known.arithmetic, name), result, part)
        return result

    return rule


def _unary(name: str) -> Rule:
    return lambda known: _apply(getattr(known.arithmetic, name), known.inputs[0])


def _plain(function: Callable[[float], float]) -> Rule:
    return lambda known: _apply(known.arithmetic.plain(function), known.inputs[0])


def _comparison(relation: str) -> Rule:
    return lambda known: _apply(
        lambda a, b: known.arithmetic.compare(relation, a, b), *known.inputs
    )


def _logic(function: Callable[..., bool]) -> Rule:
    return lambda known: _apply(lambda *items: function(*map(bool, items)), *known.inputs)


def _constant(known: Known) -> Elements:
    array = constant_array(known.call)
    if array.size > (KNOWN_INTEGERS if array.dtype.kind in "iub" else KNOWN_FLOATS):
        raise Undecided
    return elements_of(array)


def _shape(known: Known) -> Elements:
    shape = known.call.shape()
    start = known.call.int_attribute("start", 0)
    end = known.call.int_attribute("end", len(shape))
    return _array(shape[slice(start, end)])


def _size(known: Known) -> Elements:
    return _array([product(known.call.shape())], ())


def _cast(known: Known) -> Elements:
    return _apply(known.arithmetic.cast, known.inputs[0])


def _mod(known: Known) -> Elements:
    name = "fmod" if known.call.bool_attribute("fmod") else "mod"
    return _apply(getattr(known.arithmetic, name), *known.inputs)


def _where(known: Known) -> Elements:
    return _apply(lambda c, a, b: a if c else b, *known.inputs)


def _gather(known: Known) -> Elements:
    data, indices = known.inputs
    axis = known.call.axis(known.call.int_attribute("axis", 0), data.ndim)
    whole = np.array(known.ints(1), np.int64).reshape(indices.shape)
    return np.asarray(np.take(data, whole, axis=axis), object)


def _slice(known: Known) -> Elements:
    data = known.inputs[0]
    window: list[slice] = [slice(None)] * data.ndim
    for axis, start, end, step in slice_bounds(known.call):
        if not (isinstance(start, int) and isinstance(end, int)):
            raise Undecided
        # Going down, an end of -1 lies before the first element; to Python it is the last one.
        window[axis] = slice(start, None if end < 0 else end, step)
    return data[tuple(window)]


def _concat(known: Known) -> Elements:
    return np.concatenate(known.inputs, axis=known.call.int_attribute("axis", 1))


def _unsqueeze(known: Known) -> Elements:
    axes = axes_of(known.call, 13) or ()
    return np.expand_dims(known.inputs[0], tuple(axes))


def _squeeze(known: Known) -> Elements:
    axes = axes_of(known.call, 13)
    return np.squeeze(known.inputs[0], None if axes is None else tuple(axes))


def _reshape(known: Known) -> Elements:
    data, target = known.inputs[0], known.ints(1)
    if not known.call.bool_attribute("allowzero"):
        target = [data.shape[i] if size == 0 else size for i, size in enumerate(target)]
    return data.reshape(target)


def _flatten(known: Known) -> Elements:
    data = known.inputs[0]
    axis = known.call.int_attribute("axis", 1)
    return data.reshape(math.prod(data.shape[:axis]), -1)


def _transpose(known: Known) -> Elements:
    order = range(known.inputs[0].ndim)[::-1]
    return known.inputs[0].transpose(known.call.ints_attribute("perm", tuple(order)))


def _expand(known: Known) -> Elements:
    data = known.inputs[0]
    shape = np.broadcast_shapes(data.shape, tuple(_small(known.ints(1))))
    return np.broadcast_to(data, shape)


def _tile(known: Known) -> Elements:
    return np.tile(known.inputs[0], tuple(_small(known.ints(1))))


def _small(shape: list[int]) -> list[int]:
    if any(size < 0 for size in shape) or math.prod(shape) > MOST:
        raise Undecided
    return shape


def _range(known: Known) -> Elements:
    start, limit, step = (part.item() for part in known.inputs)
    if any(not isinstance(item, int | float) for item in (start, limit, step)):
        raise Undecided
    count = max(0, math.ceil((limit - start) / step)) if step else MOST + 1
    if count > MOST:
        raise Undecided
    return _array([known.arithmetic.number(start + i * step) for i in range(count)])


def _constant_of_shape(known: Known) -> Elements:
    shape = _small(known.ints(0))
    if not known.call.given("value"):
        return np.full(shape, 0.0, object)
    fill = elements_of(known.call.array_attribute("value")).reshape(-1)
    return np.full(shape, fill[0], object)


def _reduction(name: str) -> Rule:
    def rule(known: Known) -> Elements:
        data = known.inputs[0]
        axes = axes_of(known.call, 13 if known.call.node.op == "ReduceSum" else 18)
        if axes is None and known.call.bool_attribute("noop_with_empty_axes"):
            return data
        every = range(data.ndim) if axes is None else known.call.axes(axes, data.ndim)
        return _reduced(known, name, tuple(every))

    return rule


def _reduced(known: Known, name: str, axes: tuple[int, ...]) -> Elements:
    data = known.inputs[0]
    keep = known.call.bool_attribute("keepdims", True)
    function = getattr(known.arithmetic, name)
    for axis in sorted(axes, reverse=True):
        parts = list(np.moveaxis(data, axis, 0))
        if not parts:
            raise Undecided
        data = parts[0] if isinstance(parts[0], np.ndarray) else _array([parts[0]], ())
        for part in parts[1:]:
            other = part if isinstance(part, np.ndarray) else _array([part], ())
            data = _apply(function, data, other)
        data = np.expand_dims(data, axis) if keep else data
    return data


def _split(known: Known) -> list[Elements]:
    data, outputs = known.inputs[0], len(known.call.node.outputs)
    axis = known.call.axis(known.call.int_attribute("axis", 0), data.ndim)
    if known.has(1) and known.call.opset >= 13:
        sizes = known.ints(1)
    elif known.call.given("split"):
        sizes = list(known.call.ints_attribute("split"))
    else:
        each = -(-data.shape[axis] // outputs)
        sizes = [each] * (outputs - 1) + [data.shape[axis] - each * (outputs - 1)]
    if len(sizes) != outputs or sum(sizes) != data.shape[axis]:
        raise Undecided
    return list(np.split(data, np.cumsum(sizes)[:-1].tolist(), axis))


def _nonzero(known: Known) -> Elements:
    compare = known.arithmetic.compare
    flags = _apply(lambda item: compare("!=", item, 0), known.inputs[0])
    return elements_of(np.array(np.nonzero(flags.astype(bool)), np.int64))


def _scatter_nd(known: Known) -> Elements:
    data, indices, updates = known.inputs
    if known.call.text_attribute("reduction", "none") != "none":
        raise Undecided
    result = data.copy()
    where = np.array(known.ints(1), np.int64).reshape(indices.shape)
    result[tuple(np.moveaxis(where, -1, 0))] = updates
    return result


COMPARISONS: Final = {
    "Equal": "==",
    "Less": "<",
    "LessOrEqual": "<=",
    "Greater": ">",
    "GreaterOrEqual": ">=",
}
LOGIC: Final[dict[str, Callable[..., bool]]] = {
    "And": lambda a, b: a and b,
    "Or": lambda a, b: a or b,
    "Xor": lambda a, b: a != b,
}
FROM_TYPES: Final = ("Shape", "Size", "Constant")
RULES: Final[dict[str, Rule]] = {
    "Constant": _constant,
    "Shape": _shape,
    "Size": _size,
    "Cast": _cast,
    "CastLike": _cast,
    "Add": _binary("add"),
    "Sub": _binary("sub"),
    "Mul": _binary("mul"),
    "Div": _binary("div"),
    "Mod": _mod,
    "Pow": _binary("power"),
    "Min": _variadic("minimum"),
    "Max": _variadic("maximum"),
    "Sum": _variadic("add"),
    "Neg": _unary("negative"),
    "Abs": _unary("absolute"),
    "Sign": _unary("sign"),
    "Floor": _unary("floor"),
    "Ceil": _unary("ceil"),
    "Sqrt": _plain(math.sqrt),
    "Reciprocal": _plain(lambda a: 1 / a if a else math.inf),
    "Exp": _plain(math.exp),
    "Log": _plain(math.log),
    "Round": _plain(round),
    **{op: _comparison(relation) for op, relation in COMPARISONS.items()},
    **{op: _logic(function) for op, function in LOGIC.items()},
    "Not": _logic(lambda a: not a),
    "Where": _where,
    "Gather": _gather,
    "Slice": _slice,
    "Concat": _concat,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Expand": _expand,
    "Tile": _tile,
    "Range": _range,
    "ConstantOfShape": _constant_of_shape,
    "ReduceSum": _reduction("add"),
    "ReduceProd": _reduction("mul"),
    "ReduceMin": _reduction("minimum"),
    "ReduceMax": _reduction("maximum"),
    "Split": _split,
    "NonZero": _nonzero,
    "ScatterND": _scatter_nd,
}
