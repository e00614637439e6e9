# SPDX-License-Identifier: Apache-2.0
"""Reductions, indices of winners, and normalisation by a norm."""

from __future__ import annotations

from ingot.dtypes import BOOL, FLOAT64, INT64, UINT8, UINT64
from ingot.ir.graph import Value
from ingot.onnx.axes import axes_of
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Read

REDUCTIONS = (
    ("ReduceSum", "reduce_sum", 13),
    ("ReduceMean", "reduce_mean", 18),
    ("ReduceMax", "reduce_max", 18),
    ("ReduceMin", "reduce_min", 18),
    ("ReduceProd", "reduce_prod", 18),
    ("ReduceL1", "reduce_l1", 18),
    ("ReduceLogSum", "reduce_log_sum", 18),
    ("ReduceLogSumExp", "reduce_log_sum_exp", 18),
    ("ReduceSumSquare", "reduce_sum_square", 18),
)


def reduction(op: str, since: int) -> Read:
    """The mapping to a reduction whose axes are an input from opset `since` on."""

    def read(call: Call) -> Value:
        axes = _axes(call, since)
        keep = call.bool_attribute("keepdims", True)
        if call.dtype() == BOOL:
            folded = call.make(op, call.make("cast", call[0], to=UINT8), axes=axes, keep_dims=keep)
            return call.result("cast", folded, to=BOOL)
        return call.result(op, call[0], axes=axes, keep_dims=keep)

    return read


def _root_of_squares(call: Call) -> Value:
    """The 2-norm; of integers the squares wrap, their sum has 64 bits, the root is truncated."""
    dtype, axes = call.dtype(), _axes(call, 18)
    keep = call.bool_attribute("keepdims", True)
    if dtype.is_float:
        return call.result("reduce_l2", call[0], axes=axes, keep_dims=keep)
    squares = call.make("mul", call[0], call[0])
    wide = call.make("cast", squares, to=INT64 if dtype.is_signed else UINT64)
    total = call.make("reduce_sum", wide, axes=axes, keep_dims=keep)
    root = call.make("sqrt", call.make("cast", total, to=FLOAT64))
    return call.result("cast", root, to=dtype)


def _axes(call: Call, since: int) -> tuple[int, ...]:
    """The axes to fold: all where none are given, unless that shall mean none."""
    given = axes_of(call, since)
    if given is not None:
        return tuple(sorted(call.axes(given, call.rank())))
    return () if call.bool_attribute("noop_with_empty_axes") else tuple(range(call.rank()))


def winner(op: str) -> Read:
    """The mapping to argmax or argmin."""

    def read(call: Call) -> Value:
        return call.result(
            op,
            call[0],
            axis=call.axis(call.int_attribute("axis", 0), call.rank()),
            keep_dims=call.bool_attribute("keepdims", True),
            select_last=call.bool_attribute("select_last_index"),
        )

    return read


def _lp_normalization(call: Call) -> Value:
    """The input over its norm along an axis; 0 where the norm is 0."""
    axis = call.axis(call.int_attribute("axis", -1), call.rank())
    order = call.int_attribute("p", 2)
    if order not in (1, 2):
        call.fail(f"attribute 'p' is {order}", "it must be 1 or 2")
    norm = call.make(f"reduce_l{order}", call[0], axes=(axis,), keep_dims=True)
    zero = call.make("equal", norm, 0.0)
    return call.result("div", call[0], call.make("where", zero, call.constant(1, norm.dtype), norm))


# Only says something where no axes are given.
NOOP = ("noop_with_empty_axes",)

OPERATORS = (
    *(Operator(name, reduction(op, since), ignores=NOOP) for name, op, since in REDUCTIONS),
    Operator("ReduceL2", _root_of_squares, ignores=NOOP),
    Operator("ArgMax", winner("argmax")),
    Operator("ArgMin", winner("argmin")),
    Operator("LpNormalization", _lp_normalization),
)
