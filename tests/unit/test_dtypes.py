# SPDX-License-Identifier: Apache-2.0
"""The table of element types against ONNX's own, and against NumPy."""

import ml_dtypes
import numpy as np
import pytest
from onnx import TensorProto, helper

from ingot import dtypes
from ingot.errors import UnsupportedError

_LEFT_OUT = {"UNDEFINED", "STRING", "COMPLEX64", "COMPLEX128", "FLOAT6E2M3", "FLOAT6E3M2"}
_ONNX_SPELLING = {"FLOAT": "float32", "DOUBLE": "float64", "FLOAT4E2M1": "float4_e2m1fn"}
_FLOAT8 = {
    "FLOAT8E4M3FN": "float8_e4m3fn",
    "FLOAT8E4M3FNUZ": "float8_e4m3fnuz",
    "FLOAT8E5M2": "float8_e5m2",
    "FLOAT8E5M2FNUZ": "float8_e5m2fnuz",
    "FLOAT8E8M0": "float8_e8m0fnu",
}


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=str)
def test_names_and_numpy_types_lead_back(dtype):
    assert dtypes.by_name(str(dtype)) is dtype
    assert dtypes.from_numpy(dtype.numpy) is dtype
    assert np.zeros(3, dtype.numpy).itemsize == dtype.itemsize
    assert dtype.is_float == (dtype in dtypes.FLOATS)
    assert dtype.is_integer == (dtype in dtypes.INTEGERS)


@pytest.mark.parametrize("dtype", dtypes.INTEGERS, ids=str)
def test_integer_ranges_match_their_width_and_sign(dtype):
    limits = ml_dtypes.iinfo(dtype.numpy)
    magnitude = dtype.bits - dtype.is_signed
    assert int(limits.max) == 2**magnitude - 1
    assert int(limits.min) == (-(2**magnitude) if dtype.is_signed else 0)


@pytest.mark.parametrize("dtype", dtypes.FLOATS, ids=str)
def test_float_widths_match(dtype):
    assert ml_dtypes.finfo(dtype.numpy).bits == dtype.bits


def test_onnx_tensor_types_are_in_the_table():
    for name, number in TensorProto.DataType.items():
        if name in _LEFT_OUT:
            continue
        ours = _ONNX_SPELLING.get(name) or _FLOAT8.get(name) or name.lower()
        assert dtypes.by_name(ours).numpy == helper.tensor_dtype_to_np_dtype(number)


def test_byte_order_does_not_matter():
    assert dtypes.from_numpy(">f4") is dtypes.FLOAT32
    assert dtypes.from_numpy(np.float32) is dtypes.FLOAT32


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dtypes.by_name("float23"), "element type 'float23': unknown name; use one of"),
        (lambda: dtypes.from_numpy("c8"), "element type 'complex64': no tensor holds it"),
        (lambda: dtypes.from_numpy(object), "element type 'object': no tensor holds it"),
    ],
)
def test_unknown_types_are_refused(call, message):
    with pytest.raises(UnsupportedError) as caught:
        call()
    assert message in str(caught.value)
