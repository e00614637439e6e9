# SPDX-License-Identifier: Apache-2.0
"""Long reductions with few results, in two steps: parts side by side, then the parts together.

One result keeps one block of threads busy, or a single thread where neighbours in memory are other
results; a GPU wants many thousands of threads. So the longest axis is cut into parts, each part is
reduced for itself into a temporary buffer, and a second launch reduces those and does the rest.
Parts of a sum are kept in float32 where the elements are narrower.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ingot import dims
from ingot.dtypes import BFLOAT16, FLOAT16, FLOAT32, DType
from ingot.kernel import expr
from ingot.kernel.compute import Compute
from ingot.kernel.index import Indices
from ingot.kernel.nodes import Const, Expr, Load, Reduce, Var, free_variables, replaced, substitute
from ingot.kernel.traverse import loads, reduces
from ingot.kernel.view import View
from ingot.spec import DeviceSpec

BUFFER: Final = "parts"
_KINDS: Final = ("sum", "max", "min", "prod")
_LONG_ROW: Final = 1 << 16  # elements that one block of threads reduces alone
_LONG_COLUMN: Final = 1 << 11  # elements that one thread reduces alone
_PART_OF_ROW: Final = 1 << 12
_PART_OF_COLUMN: Final = 1 << 7
_MOST_BLOCKS: Final = 2  # blocks on each multiprocessor beyond which rows suffice
_MOST_THREADS: Final = 512
_WANTED: Final = 32  # warps on each multiprocessor


def in_parts(compute: Compute, spec: DeviceSpec) -> tuple[Compute, Compute] | None:
    """The two steps, which share the buffer `BUFFER`; None where one is as good."""
    found = reduces([value for _, value in compute.results])
    whole = _only(found)
    if whole is None:
        return None
    count = _parts(compute, whole, spec)
    if count is None:
        return None
    axis = max(range(len(whole.axes)), key=lambda k: _int(whole.axes[k][1]))
    part = Var("part")
    sizes = (*(extent for _, extent in compute.axes), count)
    dtype = FLOAT32 if whole.dtype in (FLOAT16, BFLOAT16) else whole.dtype
    kept = View.dense(BUFFER, dtype, sizes)
    first = expr.cast(_one_part(whole, axis, part, count), dtype)
    step = Compute((*compute.axes, (part, count)), compute.operands, ((kept, first),))
    number = len(compute.operands)
    index = (*(var for var, _ in compute.axes), part)
    total = expr.reduce(whole.kind, ((part, count),), Load(number, index, dtype))
    results = tuple(
        (view, replaced(value, {found[-1]: expr.cast(total, whole.dtype)}))
        for view, value in compute.results
    )
    return step, Compute(compute.axes, (*compute.operands, kept), results)


def _only(found: Sequence[Reduce]) -> Reduce | None:
    """The one reduction that there is, folds right inside a fold as one over all their axes."""
    if not found or found[-1].kind not in _KINDS:
        return None
    axes: list[tuple[Var, dims.Dim]] = []
    body: Expr = found[-1]
    for _ in found:
        if not isinstance(body, Reduce) or body.kind != found[-1].kind:
            return None
        axes += body.axes
        body = body.body
    return Reduce(found[-1].kind, axes, body)


def _parts(compute: Compute, whole: Reduce, spec: DeviceSpec) -> int | None:
    """How many parts the longest axis is cut into; None for no cut."""
    extents = [*(extent for _, extent in compute.axes), *(extent for _, extent in whole.axes)]
    if not all(isinstance(extent, int) for extent in extents):
        return None
    outer = {var for var, _ in compute.axes}
    if not free_variables(whole) >= outer:  # one reduction serves many results
        return None
    results = max(_int(dims.product(extent for _, extent in compute.axes)), 1)
    length = _int(dims.product(extent for _, extent in whole.axes))
    if _is_row(compute, whole):
        enough = results >= _MOST_BLOCKS * spec.cores or length < _LONG_ROW
        least = _PART_OF_ROW
    else:
        enough = results >= _MOST_THREADS * spec.cores or length < _LONG_COLUMN
        least = _PART_OF_COLUMN
    longest = max(_int(extent) for _, extent in whole.axes)
    count = min(_WANTED * 32 * spec.cores // results, length // least, longest // 2)
    return None if enough or count < 4 else -(-longest // -(-longest // count))


def _is_row(compute: Compute, whole: Reduce) -> bool:
    """Whether neighbours in memory are folded into one result."""
    strides = []
    for load in loads(whole.body):
        view = compute.operands[load.operand]
        indices = Indices({})
        for place, stride in zip(load.index, view.strides, strict=True):
            slope = indices.slope(indices.dim(place), whole.axes[-1][0])
            if slope is not None and slope != 0:
                strides.append(slope * stride)
    return 1 in strides


def _one_part(whole: Reduce, axis: int, part: Var, count: int) -> Expr:
    """The reduction of one part; what lies beyond the axis' end is neutral."""
    var, extent = whole.axes[axis]
    size = -(-_int(extent) // count)
    inner = Var("within")
    place = part * size + inner
    body = whole.body
    if size * count == extent:
        body = substitute(body, {var: place})
    else:
        last = expr.minimum(place, _int(extent) - 1)
        neutral = Const(_neutral(whole.kind, whole.dtype), whole.dtype)
        body = expr.where(expr.less(place, _int(extent)), substitute(body, {var: last}), neutral)
    axes = [*whole.axes]
    axes[axis] = (inner, size)
    return expr.reduce(whole.kind, tuple(axes), body)


def _neutral(kind: str, dtype: DType) -> float | int:
    if kind in ("sum", "prod"):
        return 0 if kind == "sum" else 1
    if dtype.is_float:
        return float("-inf") if kind == "max" else float("inf")
    limits = np.iinfo(dtype.numpy)
    return int(limits.min if kind == "max" else limits.max)


def _int(size: dims.Dim) -> int:
    assert isinstance(size, int)
    return size
