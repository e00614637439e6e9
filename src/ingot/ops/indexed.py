# SPDX-License-Identifier: Apache-2.0
"""Ops whose lowering is their whole definition: the NumPy meaning evaluates the same expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingot.dtypes import from_numpy
from ingot.ir.graph import Array, TensorType
from ingot.kernel.compute import Compute
from ingot.kernel.evaluate import run
from ingot.kernel.expr import Var
from ingot.kernel.view import View
from ingot.ops.matmul import widened
from ingot.ops.op import EvaluateRule, LowerRule
from ingot.ops.read import loaded
from ingot.ops.require import Require


def meaning(name: str, infer: Callable[..., TensorType], lower: LowerRule) -> EvaluateRule:
    """The evaluation of op `name` by its lowering: floats in fp64, rounded once."""

    def numpy(*arrays: Array | None, **attributes: Any) -> Array:
        result = infer(Require(name), *map(_type_of, arrays), **attributes)
        exact = [None if array is None else widened(array) for array in arrays]
        types = list(map(_type_of, exact))
        given = [array for array in exact if array is not None]
        places = iter(range(len(given)))
        reads = [None if t is None else loaded(next(places), t.shape, t.dtype) for t in types]
        index = tuple(Var(f"i{axis}") for axis in range(result.rank))
        value = lower(index, *reads, **attributes)
        assert not isinstance(value, tuple)
        views = tuple(View.dense(f"x{k}", t.dtype, t.shape) for k, t in enumerate(types) if t)
        axes = tuple(zip(index, result.shape, strict=True))
        view = View.dense("y", result.dtype, result.shape)
        return run(Compute(axes, views, ((view, value),)), given, {})[0]

    return numpy


def _type_of(array: Array | None) -> TensorType | None:
    return None if array is None else TensorType(from_numpy(array.dtype), array.shape)
