# SPDX-License-Identifier: Apache-2.0
"""Constant nodes: the tensor in whichever attribute holds it."""

from __future__ import annotations

import numpy as np

from ingot.ir.graph import Array
from ingot.onnx.call import Call


def constant_array(call: Call) -> Array:
    """The tensor of a Constant node, in whichever attribute it is."""
    if call.given("value"):
        return call.array_attribute("value")
    if call.given("sparse_value"):
        return call.sparse_attribute("sparse_value")
    if call.given("value_float"):
        return np.array(call.float_attribute("value_float"), np.float32)
    if call.given("value_floats"):
        return np.array(call.floats_attribute("value_floats"), np.float32)
    if call.given("value_int"):
        return np.array(call.int_attribute("value_int"), np.int64)
    if call.given("value_ints"):
        return np.array(call.ints_attribute("value_ints"), np.int64)
    if call.given("value_string") or call.given("value_strings"):
        call.refuse("it holds strings", "tensors of floats, integers and bools are supported")
    raise call.error("it holds no value", "give it one of the value attributes")
