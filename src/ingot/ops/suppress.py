# SPDX-License-Identifier: Apache-2.0
"""Non-maximum suppression: of boxes that overlap much, the one with the best score stays.

Each class of each image is a unit of work: the candidates above the score threshold are sorted by
score, and each is held against those that have been selected before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import BOOL, FLOAT32, INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel.expr import maximum, minimum
from ingot.kernel.nodes import Const, Expr, Local, Size, apply
from ingot.kernel.routine import Routine
from ingot.kernel.view import View
from ingot.ops.domains import BATCH
from ingot.ops.example import Example, Sample
from ingot.ops.lines import split_index
from ingot.ops.op import AttributeSpec, InputSpec, Op
from ingot.ops.order import ranked
from ingot.ops.require import Require
from ingot.ops.sorting import Sorter, sort_key, sorter
from ingot.ops.steps import Steps

_CHUNK = 128
_FLOAT = (FLOAT32,)


def _corners(box: Any, low: Any, high: Any, center_point: bool) -> tuple[Any, ...]:
    """The lower corner and the upper corner of a box that is given by corners or by its centre."""
    if not center_point:
        a, b, c, d = box
        return low(a, c), low(b, d), high(a, c), high(b, d)
    x, y, width, height = box
    return y - height * 0.5, x - width * 0.5, y + height * 0.5, x + width * 0.5


def _area(box: Any) -> Any:
    return (box[2] - box[0]) * (box[3] - box[1])


def _overlaps(a: Any, b: Any, threshold: Any, low: Any, high: Any) -> Any:
    """Whether two boxes share more than `threshold` of their union; without area they do not.

    Boxes are given by corners and area.
    """
    height = low(a[2], b[2]) - high(a[0], b[0])
    width = low(a[3], b[3]) - high(a[1], b[1])
    shared = height * width
    union = a[4] + b[4] - shared
    real = (height > 0) & (width > 0) & (a[4] > 0) & (b[4] > 0) & (union > 0)
    return real & (shared / union > threshold)


def _infer_suppress(
    require: Require, boxes: TensorType, scores: TensorType, overlap: TensorType,
    least: TensorType | None, *, limit: Dim, center_point: bool,
) -> TensorType:  # fmt: skip
    require.that(boxes.rank == scores.rank == 3, "boxes and scores have three axes each")
    require.equal(boxes.shape[2], 4, "a box is four numbers")
    require.equal(boxes.shape[0], scores.shape[0], "the number of images")
    require.equal(boxes.shape[1], scores.shape[2], "the number of boxes")
    require.that(overlap.rank == 0, "the overlap must be a scalar")
    require.that(least is None or least.rank == 0, "the score threshold must be a scalar")
    return TensorType(INT64, (*scores.shape[:2], limit))


def _suppress(
    boxes: Array, scores: Array, overlap: Array, least: Array | None,
    *, limit: int, center_point: bool,
) -> Array:  # fmt: skip
    result = np.full((*scores.shape[:2], limit), -1, np.int64)
    with np.errstate(all="ignore"):
        for image, group in np.ndindex(*scores.shape[:2]):
            box = _corners(boxes[image].T, np.minimum, np.maximum, center_point)
            whole = np.stack([*box, _area(box)])
            kept = _greedy(whole, scores[image, group], overlap, least, limit)
            result[image, group, : len(kept)] = kept
    return result


def _greedy(
    boxes: Array, scores: Array, overlap: Array, least: Array | None, limit: int
) -> list[int]:
    kept: list[int] = []
    for index in np.argsort(ranked(scores, descending=True), kind="stable"):
        if len(kept) == limit:
            break
        if least is not None and not scores[index] > least:
            continue
        other = boxes[:, kept]
        if not np.any(_overlaps(boxes[:, index], other, overlap, np.minimum, np.maximum)):
            kept.append(int(index))
    return kept


class _Suppressor:
    """Writes the work on one class of one image."""

    def __init__(self, routine: Routine, order: Sorter, center_point: bool) -> None:
        self._routine = routine
        self._order = order
        self._center_point = center_point
        self._boxes, self._scores, self._overlap, *rest = routine.reads
        self._least = rest[0] if rest else None
        self._result, self._kept = routine.writes[:2]
        shape = self._scores.shape
        self._image, self._group = split_index(order.line, shape[:2])
        self._count: Dim = shape[2]

    def write(self) -> None:
        """Candidates, best first, each against those that are kept."""
        routine, limit = self._routine, self._result.shape[2]
        overlap = routine.let(self._overlap[()])
        candidates = self._candidates()
        self._order.sort(candidates)
        kept, position = routine.let(0), routine.let(0)
        with routine.repeat((position < candidates) & (kept < Size(limit))):
            index = routine.let(self._order.index(position))
            box = self._box(index)
            with routine.when(~self._hit(box, kept, overlap)):
                self._keep(box, index, kept)
                routine.set(kept, kept + Const(1, INT64))
            routine.set(position, position + Const(1, INT64))
        with routine.vector(kept, limit) as rest:
            routine.store(self._result, Const(-1, INT64), self._image, self._group, rest)

    def _candidates(self) -> Local:
        """Collect the boxes above the threshold; whole chunks without any are passed over."""
        routine, order = self._routine, self._order
        found = routine.let(0)
        least = None if self._least is None else routine.let(self._least[()])

        def take(index: Expr) -> None:
            score = routine.let(self._score(index))
            with routine.when(Const(True, BOOL) if least is None else score > least):
                order.put(found, sort_key(score, descending=True), index)
                routine.set(found, found + Const(1, INT64))

        with routine.loop(0, dims.ceil_div(self._count, _CHUNK)) as chunk:
            start = routine.let(chunk * _CHUNK)
            stop = routine.let(apply("minimum", start + _CHUNK, Size(self._count)))
            some: Expr = Const(True, BOOL)
            if least is not None:
                some = routine.fold("any", start, stop, lambda i: self._score(i) > least)
            with routine.when(some), routine.loop(start, stop) as index:
                take(index)
        return found

    def _score(self, index: Expr) -> Expr:
        return self._scores[self._image, self._group, index]

    def _box(self, index: Expr) -> list[Local]:
        """Corners and area of a box."""
        routine = self._routine
        given = [routine.let(self._boxes[self._image, index, k]) for k in range(4)]
        corners = _corners(given, minimum, maximum, self._center_point)
        known = [routine.let(corner) for corner in corners]
        return [*known, routine.let(_area(known))]

    def _hit(self, box: Sequence[Expr], kept: Expr, overlap: Expr) -> Expr:
        line = self._order.line

        def overlaps(j: Expr) -> Expr:
            other = [self._kept[line, k, j] for k in range(5)]
            result = _overlaps(box, other, overlap, minimum, maximum)
            assert isinstance(result, Expr)
            return result

        return self._routine.fold("any", 0, kept, overlaps)

    def _keep(self, box: Sequence[Expr], index: Expr, kept: Expr) -> None:
        routine = self._routine
        for k, part in enumerate(box):
            routine.store(self._kept, part, self._order.line, k, kept)
        routine.store(self._result, index, self._image, self._group, kept)


def _suppress_steps(
    steps: Steps, boxes: View, scores: View, overlap: View, least: View | None, y: View,
    *, limit: Dim, center_point: bool,
) -> None:  # fmt: skip
    images, groups, count = scores.shape
    memory = sorter(steps, FLOAT32, images * groups, count)
    kept = steps.scratch(FLOAT32, images * groups, 5, limit)
    reads = (boxes, scores, overlap, *(() if least is None else (least,)))
    with (
        steps.kernel(reads, (y, kept, *memory.views)) as routine,
        routine.parallel(images * groups, count * 2) as line,
    ):
        order = Sorter(routine, memory, routine.writes[2:], line)
        _Suppressor(routine, order, center_point).write()


def _example(images: Dim, count: Dim, limit: Dim, center: bool, least: float | None) -> Example:
    low = 0.1 if center else -4.0
    threshold = () if least is None else (Sample((), FLOAT32, values=(least,)),)
    return Example(
        (Sample((images, count, 4), FLOAT32, low=low), Sample((images, 3, count), FLOAT32),
         Sample((), FLOAT32, values=(0.3,)), *threshold),
        {"limit": limit, "center_point": center}, {"batch": 2},
    )  # fmt: skip


SUPPRESS = Op(
    name="suppress_boxes", kind="special",
    inputs=(InputSpec("boxes", _FLOAT), InputSpec("scores", _FLOAT), InputSpec("overlap", _FLOAT),
            InputSpec("least", _FLOAT, optional=True)),
    attributes=(
        AttributeSpec("limit", "dim", doc="the most boxes of one class"),
        AttributeSpec("center_point", "bool", False,
                      doc="boxes are centre x, y, width, height; else two opposite corners y, x"),
    ),
    infer_rule=_infer_suppress, evaluate_rule=_suppress, steps_rule=_suppress_steps,
    doc="For each image and class the boxes that stay, by falling score, then -1: those with a "
    "score above `least` of which no better one covers more than `overlap` of the union.",
    examples=(
        _example(2, 150, 20, False, 0.5), _example(1, 300, 300, False, None),
        _example(1, 40, 5, True, -1.0), _example(1, 1, 1, False, None),
        _example(2, 0, 0, False, 0.0), _example(BATCH, 60, 7, True, None),
        _example(1, 30, 0, False, None),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (SUPPRESS,)
