# SPDX-License-Identifier: Apache-2.0
"""Cases of the operators that quantize, for `test_operators.py`."""

from __future__ import annotations

from tests.unit.onnx.cases import Case, Tensor, known

X = Tensor((3, 6, 4), low=-9, high=9)
ROWS = known([0.11, 0.3, 0.07, 0.2, 0.13, 0.05], "float32")
SCALE, POINT = known(0.13, "float32"), known(7, "uint8")
CODES = Tensor((3, 6, 4), "uint8", 0, 255)
SIGNED = Tensor((3, 6, 4), "int8", -128, 127)
BLOCKS = Tensor((3, 2, 4), low=0.05, high=0.4, fixed=(0, 1, 2))
WHOLE = (0, 1, 2)

CASES = [
    Case("QuantizeLinear", [X, SCALE], opset=10),
    Case("QuantizeLinear", [X, SCALE, POINT], opset=13),
    Case("QuantizeLinear", [X, ROWS], {"axis": -2}, opset=19),
    Case("QuantizeLinear", [X, ROWS, known([1, 2, 3, 4, 5, -6], "int8")], {"axis": 1}),
    Case("QuantizeLinear", [Tensor((3, 6, 4), low=-9, high=9, fixed=WHOLE), BLOCKS],
         {"axis": 1, "block_size": 3, "output_dtype": 3}),
    Case("QuantizeLinear", [Tensor((3, 6, 4), low=-9, high=9, fixed=WHOLE), BLOCKS],
         {"axis": 1, "block_size": 4, "output_dtype": 5}),
    Case("DequantizeLinear", [CODES, SCALE], opset=10, runtime=True),
    Case("DequantizeLinear", [CODES, SCALE, POINT], opset=13, runtime=True),
    Case("DequantizeLinear", [SIGNED, ROWS], {"axis": 1}, opset=19),
    Case("DequantizeLinear", [SIGNED, SCALE], {"output_dtype": 10}),
    Case("DequantizeLinear", [Tensor((3, 6, 4), "int8", -128, 127, fixed=WHOLE), BLOCKS],
         {"axis": 1, "block_size": 3}),
    Case("DequantizeLinear", [Tensor((3, 6), "int32", -9000, 9000), SCALE]),
    Case("DynamicQuantizeLinear", [X], outputs=3),
    Case("DynamicQuantizeLinear", [Tensor((5, 7), low=1.0)], outputs=3),
    Case("QLinearMatMul",
         [Tensor((3, 5), "uint8", 0, 255), SCALE, POINT, Tensor((5, 4), "int8", -128, 127),
          known(0.2, "float32"), known(-3, "int8"), known(1.7, "float32"), POINT], runtime=True),
    Case("QLinearConv",
         [Tensor((1, 2, 5, 5), "uint8", 0, 255), SCALE, POINT,
          Tensor((3, 2, 3, 3), "uint8", 0, 255, fixed=(0, 1, 2, 3)), known(0.2, "float32"),
          known(9, "uint8"), known(3.1, "float32"), POINT, known([900, -400, 70], "int32")],
         {"pads": [1, 1, 0, 1], "strides": [2, 1]}),
]  # fmt: skip
