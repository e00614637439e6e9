# SPDX-License-Identifier: Apache-2.0
"""Every mapping computes what onnx.reference computes, with fixed and with symbolic sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import onnx
import pytest
from tests.conformance import cases as suite
from tests.unit.onnx import images, quantization
from tests.unit.onnx.cases import Case, Tensor, known

from ingot.onnx.table import OPERATORS

X = Tensor((2, 3, 4))
IMAGE = Tensor((2, 4, 9, 8))
POSITIVE = Tensor((2, 3, 4), low=0.2, high=3.0)
UNIT = Tensor((2, 3, 4), low=-0.95, high=0.95)
INTS = Tensor((2, 3, 4), dtype="int32", low=-9, high=9)
BOOLS = Tensor((2, 3, 4), dtype="bool")
MAX = 2**63 - 1
SPATIAL = (2, 3, 4)
HEADS = (1, 3)


def unary() -> list[Case]:
    domains = {
        "Log": POSITIVE,
        "Sqrt": POSITIVE,
        "Reciprocal": POSITIVE,
        "Asin": UNIT,
        "Acos": UNIT,
        "Atanh": UNIT,
        "Acosh": Tensor((2, 3), low=1.05, high=5.0),
        "Tan": UNIT,
    }
    names = (
        "Neg",
        "Abs",
        "Sign",
        "Reciprocal",
        "Exp",
        "Log",
        "Sqrt",
        "Erf",
        "Tanh",
        "Sigmoid",
        "Sin",
        "Cos",
        "Tan",
        "Asin",
        "Acos",
        "Atan",
        "Sinh",
        "Cosh",
        "Asinh",
        "Acosh",
        "Atanh",
        "Floor",
        "Ceil",
        "Round",
        "Relu",
        "HardSwish",
        "Softplus",
        "Softsign",
        "Mish",
        "Identity",
        "IsNaN",
    )
    return [
        *(Case(name, [domains.get(name, X)]) for name in names),
        Case("Not", [BOOLS]),
        Case("BitwiseNot", [INTS]),
        Case("IsInf", [Tensor(values=[1.0, np.inf, -np.inf, np.nan])], {"detect_negative": 0}),
        Case("Neg", [INTS]),
        Case("Sign", [INTS]),
        Case("Relu", [INTS]),
    ]


def binary() -> list[Case]:
    row, column = Tensor((4,)), Tensor((2, 1, 1))
    some = Tensor((3, 4), dtype="int32", low=1, high=5)
    return [
        *(Case(op, [X, row]) for op in ("Add", "Sub", "Mul", "Div", "PRelu")),
        *(Case("PRelu", [Tensor((2, 3), t, 0), Tensor((3,), t, 0)]) for t in ("int32", "uint64")),
        *(
            Case("Shrink", [Tensor((4, 3), t, 0)], {"lambd": 1.5, "bias": 0.5})
            for t in ("float32", "float16", "int8", "uint8", "int64")
        ),
        Case("Shrink", [Tensor((4, 3), "float64")], {"bias": -0.25}),
        *(Case(op, [column, X]) for op in ("Add", "Sub", "Mul", "Div")),
        *(Case(op, [X, X]) for op in ("Less", "LessOrEqual", "Greater", "GreaterOrEqual")),
        *(Case(op, [INTS, some]) for op in ("Add", "Sub", "Mul", "Mod", "Equal", "BitwiseXor")),
        *(Case(op, [INTS, INTS]) for op in ("BitwiseAnd", "BitwiseOr")),
        *(Case(op, [BOOLS, BOOLS]) for op in ("And", "Or", "Xor", "Equal")),
        Case(
            "Div",
            [Tensor((6,), dtype="int32", low=1, high=90), Tensor(values=[7] * 6, dtype="int32")],
        ),
        Case("Mod", [X, Tensor((4,), low=0.5, high=2.0)], {"fmod": 1}),
        Case("Mod", [INTS, some], {"fmod": 1}),
        Case("Pow", [POSITIVE, row]),
        Case("Pow", [X, Tensor(values=2.0)]),
        Case("Pow", [X, known(3)]),
        Case("Pow", [Tensor((3,), dtype="int32", low=1, high=5), Tensor(values=[2.0, 0.5, 1.0])]),
        Case(
            "BitShift",
            [Tensor((3,), "uint8", 0, 99), Tensor((3,), "uint8", 0, 5)],
            {"direction": "LEFT"},
        ),
        Case(
            "BitShift",
            [Tensor((3,), "uint8", 0, 99), Tensor((3,), "uint8", 0, 5)],
            {"direction": "RIGHT"},
        ),
        Case("Where", [Tensor((2, 1, 4), dtype="bool"), X, row]),
        *(Case(op, [X, row, column]) for op in ("Sum", "Min", "Max", "Mean")),
        *(Case(op, [X]) for op in ("Sum", "Min", "Max", "Mean")),
        Case("Sum", [X, row], opset=8),
    ]


def activations() -> list[Case]:
    return [
        Case("LeakyRelu", [X], {"alpha": 0.3}),
        Case("LeakyRelu", [X]),
        Case("ThresholdedRelu", [X], {"alpha": 0.7}),
        Case("Elu", [X], {"alpha": 0.8}),
        Case("Selu", [X]),
        Case("Selu", [X], {"alpha": 1.5, "gamma": 0.9}),
        Case("Celu", [X], {"alpha": 1.7}),
        Case("HardSigmoid", [X], {"alpha": 0.3, "beta": 0.4}),
        Case("Gelu", [X]),
        Case("Gelu", [X], {"approximate": "tanh"}),
        Case("Swish", [X], {"alpha": 1.5}, opset=24),
        Case("Swish", [X], opset=24),
        Case("Shrink", [X], {"lambd": 0.8, "bias": 0.3}),
        *(Case(op, [X], {"axis": axis}) for op in ("Softmax", "LogSoftmax") for axis in (-1, 0, 1)),
        *(
            Case(op, [X], {"axis": axis}, opset=11, runtime=True)
            for op in ("Softmax", "LogSoftmax", "Hardmax")
            for axis in (1, 2)
        ),
        Case("Hardmax", [X], {"axis": 1}),
        Case("Clip", [X, known(-1.0, "float32"), known(0.5, "float32")]),
        Case("Clip", [X, None, Tensor(values=0.25)]),
        Case("Clip", [X, Tensor(values=-0.25)]),
        Case("Clip", [X, Tensor(values=-0.25), Tensor(values=0.5)]),
        Case("Clip", [INTS, known(-2, "int32"), known(3, "int32")]),
        Case("Clip", [X], {"min": -0.5, "max": 1.0}, opset=10),
        Case("Clip", [X], {"min": -3.4028234663852886e38, "max": 3.4028234663852886e38}, opset=10),
        Case("Clip", [Tensor((9,), dtype="float16")], {"min": -1e30, "max": 0.3}, opset=10),
        Case("Clip", [X], {"max": 1.0}, opset=6 + 1),
        Case("Dropout", [X, known(0.4, "float32")]),
        Case("Dropout", [X], {"ratio": 0.4}, opset=10),
        Case("Cast", [X], {"to": 6}),
        Case("Cast", [X], {"to": 10}),
        Case("Cast", [INTS], {"to": 9}),
        Case("CastLike", [X, Tensor(values=[1], dtype="int64")]),
    ]


def shapes() -> list[Case]:
    return [
        Case("Reshape", [X, known([4, -1])]),
        Case("Reshape", [X, known([0, -1])]),
        Case("Reshape", [X, known([0, 0, 2, -1])]),
        Case("Reshape", [X, known([-1])]),
        *(Case("Flatten", [X], {"axis": axis}) for axis in (0, 1, 2, 3, -1)),
        Case("Squeeze", [Tensor((1, 3, 1)), known([0, -1])]),
        Case("Squeeze", [Tensor((1, 3, 1))], {"axes": [2]}, opset=12),
        Case("Unsqueeze", [X, known([0, -1])]),
        Case("Unsqueeze", [X], {"axes": [1, 4]}, opset=12),
        Case("Transpose", [X]),
        Case("Transpose", [X], {"perm": [1, 2, 0]}),
        Case("Expand", [Tensor((3, 1)), known([2, 1, 5])]),
        Case("Slice", [X, known([1, 0]), known([3, MAX]), known([1, 2]), known([1, 2])]),
        Case("Slice", [X, known([-1]), known([-MAX]), known([1]), known([-1])]),
        Case("Slice", [X, known([-2, 0, 1]), known([MAX, -1, 3])]),
        Case("Slice", [X], {"starts": [0, 1], "ends": [1, -1], "axes": [0, 2]}, opset=9),
        Case("Slice", [X, known([2]), known([99]), known([2])]),
        *(Case("Concat", [X, X, X], {"axis": axis}) for axis in (0, 1, -1)),
        Case("Split", [X, known([1, 3])], {"axis": 2}, outputs=2),
        Case("Split", [X], {"axis": 2, "split": [3, 1]}, opset=11, outputs=2),
        Case("Split", [X], {"axis": 2}, opset=13, outputs=2),
        Case("Split", [Tensor((7, 2))], {"num_outputs": 3}, outputs=3),
        Case("Tile", [X, known([2, 1, 3])]),
        Case("Pad", [X, known([0, 1, 2, 1, 0, 3]), known(0.5, "float32")]),
        Case("Pad", [X, known([1, 0, 0, 1, 0, 0])]),
        Case("Pad", [X], {"pads": [1, 0, 2, 0, 1, 0], "value": 0.5}, opset=10, runtime=True),
        Case("Pad", [X], {"pads": [0, 1, 1, 0, 1, 1], "mode": "edge"}, opset=10, runtime=True),
        Case("Pad", [X, known([0, 1, 1, 0, 1, 1])], {"mode": "reflect"}),
        Case("Pad", [X, known([0, 1, 2, 0, 3, 1])], {"mode": "edge"}),
        Case("Pad", [X, known([1, 2, 1, 1]), None, known([1, -1])], {"mode": "wrap"}, opset=19),
        Case("Pad", [X, known([1, 2]), known(9.0, "float32"), known([-2])]),
        Case("DepthToSpace", [Tensor((2, 8, 3, 4))], {"blocksize": 2}),
        Case("DepthToSpace", [Tensor((2, 8, 3, 4))], {"blocksize": 2, "mode": "CRD"}),
        Case("SpaceToDepth", [Tensor((2, 3, 4, 6))], {"blocksize": 2}),
        Case("Shape", [X]),
        Case("Shape", [X], {"start": 1, "end": -1}),
        Case("Size", [X]),
        Case("ConstantOfShape", [known([2, 3])]),
        Case("Range", [known(1), known(11), known(3)]),
        Case("Range", [known(5.0, "float32"), known(1.0, "float32"), known(-1.5, "float32")]),
        Case("EyeLike", [Tensor((4, 5))], {"k": -1}),
        Case("EyeLike", [Tensor((4, 5))], {"k": 2, "dtype": 7}),
        Case("Trilu", [Tensor((2, 4, 5))]),
        Case("Trilu", [Tensor((2, 4, 5)), known(-1)], {"upper": 0}),
        Case("Trilu", [Tensor((4, 5)), Tensor(values=1, dtype="int64")]),
        Case("Constant", [], {"value_floats": [0.5, 2.0, 3.5]}),
        Case("Constant", [], {"value_int": 7}),
    ]


def indexing() -> list[Case]:
    def picks(shape: tuple[int, ...], size: int) -> Tensor:
        return Tensor(shape, "int64", -size, size - 1)

    where = known([[0, 1], [1, 2]])
    return [
        Case("Gather", [X, picks((2, 5), 3)], {"axis": 1}),
        Case("Gather", [X, picks((), 2)]),
        Case("Gather", [X, known(-1)], {"axis": -1}),
        Case("GatherElements", [X, picks((2, 2, 4), 3)], {"axis": 1}),
        Case("GatherND", [X, where]),
        Case("GatherND", [X, known([[0], [2]])], {"batch_dims": 1}),
        Case("ScatterElements", [Tensor((3, 4)), known([[0, 2, 1, 0]]), Tensor((1, 4))]),
        Case(
            "ScatterElements",
            [Tensor((3, 4)), known([[1, 3], [0, 2]]), Tensor((2, 2))],
            {"axis": 1, "reduction": "add"},
            18,
        ),
        Case(
            "Scatter",
            [Tensor((3, 4)), known([[0, 2, 1, 0]]), Tensor((1, 4))],
            opset=10,
            runtime=True,
        ),
        Case("ScatterElements", [Tensor((3, 4)), known([[0, 2, 1, 0]]), Tensor((1, 4))], opset=11),
        Case("ScatterND", [X, where, Tensor((2, 4))]),
        Case("ScatterND", [X, where, Tensor((2, 4))], {"reduction": "mul"}),
        Case("OneHot", [picks((2, 3), 5), known(5), known([-1.0, 2.0], "float32")]),
        Case(
            "OneHot",
            [picks((2, 3), 5), known([5]), known([0.0, 1.0], "float32")],
            {"axis": 0},
            runtime=True,
        ),
        *(
            Case("CumSum", [X, known(axis)], {"exclusive": e, "reverse": r})
            for axis, e, r in ((0, 0, 0), (1, 1, 0), (-1, 0, 1), (2, 1, 1))
        ),
    ]


def reductions() -> list[Case]:
    def axes(op: str) -> list[Case]:
        x = POSITIVE if op == "ReduceLogSum" else X
        return [
            Case(op, [x, known([1, -1])], {"keepdims": 0}),
            Case(op, [x, known([0])]),
            Case(op, [x]),
            Case(op, [x], {"axes": [1], "keepdims": 0}, opset=12),
            Case(op, [x], {"noop_with_empty_axes": 1}, opset=18),
        ]

    names = (
        "ReduceSum",
        "ReduceMean",
        "ReduceMax",
        "ReduceMin",
        "ReduceProd",
        "ReduceL1",
        "ReduceL2",
        "ReduceLogSum",
        "ReduceLogSumExp",
        "ReduceSumSquare",
    )
    return [
        *(case for op in names for case in axes(op)),
        Case("ReduceMax", [BOOLS, known([1])], opset=20),
        Case("ReduceSum", [INTS, known([1])]),
        *(Case(op, [INTS], {"axis": 1, "keepdims": 0}) for op in ("ArgMax", "ArgMin")),
        *(Case(op, [INTS], {"axis": -1, "select_last_index": 1}) for op in ("ArgMax", "ArgMin")),
        *(Case("LpNormalization", [X], {"axis": 1, "p": p}, runtime=True) for p in (1, 2)),
        Case("MeanVarianceNormalization", [IMAGE]),
        Case("MeanVarianceNormalization", [IMAGE], {"axes": [1]}),
    ]


def products() -> list[Case]:
    return [
        Case("MatMul", [Tensor((3, 5)), Tensor((5, 4))]),
        Case("MatMul", [Tensor((2, 1, 3, 5)), Tensor((4, 5, 6))]),
        Case("MatMul", [Tensor((5,)), Tensor((2, 5, 3))]),
        Case("MatMul", [Tensor((2, 3, 5)), Tensor((5,))]),
        Case("Gemm", [Tensor((3, 5)), Tensor((5, 4)), Tensor((4,))]),
        Case(
            "Gemm",
            [Tensor((5, 3)), Tensor((4, 5)), Tensor((3, 1))],
            {"transA": 1, "transB": 1, "alpha": 0.5, "beta": 2.0},
        ),
        Case("Gemm", [Tensor((3, 5)), Tensor((5, 4))], {"alpha": 0.25}),
        Case("Gemm", [Tensor((3, 5)), Tensor((4, 5))], {"transB": 1}),
        Case("Gemm", [Tensor((3, 5)), Tensor((5, 4)), Tensor((3, 4))], {"beta": 0.0}),
        Case(
            "MatMulInteger",
            [
                Tensor((3, 5), "uint8", 0, 255),
                Tensor((5, 4), "uint8", 0, 255),
                Tensor(values=12, dtype="uint8"),
                Tensor(values=7, dtype="uint8"),
            ],
        ),
        *(
            Case("Einsum", [Tensor(shape) for shape in parts], {"equation": equation})
            for equation, *parts in (
                ("ij,jk->ik", (3, 4), (4, 5)),
                ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
                ("ij->ji", (3, 4)),
                ("ij->", (3, 4)),
                ("i,j->ij", (3,), (4,)),
                ("bhqd,bhkd->bhqk", (2, 3, 4, 5), (2, 3, 6, 5)),
                ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)),
                ("ij,jk", (3, 4), (4, 5)),
                ("bi,bi->b", (3, 4), (3, 4)),
                ("ij,kl,jk->il", (2, 3), (4, 5), (3, 4)),
                ("bnij,bnj->bi", (2, 3, 4, 5), (2, 3, 5)),
                ("i...->...", (3, 4, 2)),
            )
        ),
    ]


def windows() -> list[Case]:
    weight = Tensor((6, 4, 3, 3), fixed=SPATIAL)
    pool = {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 1]}
    return [
        Case("Conv", [IMAGE, weight]),
        Case("Conv", [IMAGE, weight, Tensor((6,))], {"strides": [2, 1], "pads": [1, 0, 2, 1]}),
        Case(
            "Conv",
            [IMAGE, Tensor((8, 2, 3, 3), fixed=(0, 1, 2, 3))],
            {"group": 2, "dilations": [2, 2]},
        ),
        Case(
            "Conv",
            [IMAGE, Tensor((4, 1, 3, 3), fixed=(0, 1, 2, 3)), Tensor((4,))],
            {"group": 4, "pads": [1] * 4},
        ),
        *(
            Case("Conv", [IMAGE, weight], {"auto_pad": auto, "strides": [2, 3]})
            for auto in ("SAME_UPPER", "SAME_LOWER", "VALID")
        ),
        Case(
            "Conv",
            [Tensor((2, 3, 11)), Tensor((5, 3, 4), fixed=SPATIAL)],
            {"strides": [3], "pads": [1, 2]},
        ),
        Case(
            "Conv",
            [Tensor((1, 2, 5, 6, 7)), Tensor((3, 2, 2, 3, 2), fixed=SPATIAL)],
            {"kernel_shape": [2, 3, 2]},
        ),
        Case(
            "ConvTranspose",
            [Tensor((1, 3, 4, 5)), Tensor((3, 2, 3, 3), fixed=SPATIAL)],
            {"strides": [2, 2]},
        ),
        Case(
            "ConvTranspose",
            [Tensor((1, 3, 4, 5)), Tensor((3, 2, 3, 3), fixed=SPATIAL), Tensor((2,))],
            {"strides": [2, 3], "pads": [1, 0, 1, 1], "output_padding": [1, 0]},
        ),
        Case(
            "ConvInteger",
            [
                Tensor((1, 2, 5, 5), "uint8", 0, 255),
                Tensor((3, 2, 3, 3), "uint8", 0, 255, fixed=SPATIAL),
                Tensor(values=100, dtype="uint8"),
            ],
        ),
        Case("MaxPool", [IMAGE], pool),
        Case("MaxPool", [IMAGE], {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
        Case("MaxPool", [IMAGE], {"kernel_shape": [2, 2], "dilations": [2, 2]}),
        Case("AveragePool", [IMAGE], pool),
        Case("AveragePool", [IMAGE], {**pool, "count_include_pad": 1}),
        Case("AveragePool", [IMAGE], {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
        Case("LpPool", [IMAGE], {"kernel_shape": [2, 3], "strides": [2, 1]}),
        *(Case(op, [IMAGE]) for op in ("GlobalAveragePool", "GlobalMaxPool")),
        Case("GlobalLpPool", [IMAGE], {"p": 3}, opset=21, runtime=True),
        Case(
            "LRN",
            [Tensor((2, 7, 3, 4))],
            {"size": 3, "alpha": 0.2, "beta": 0.6, "bias": 1.5},
            runtime=True,
        ),
    ]


def normalizations() -> list[Case]:
    channel, positive = Tensor((4,)), Tensor((4,), low=0.3, high=2.0)
    return [
        Case("BatchNormalization", [IMAGE, channel, channel, channel, positive], {"epsilon": 1e-3}),
        Case(
            "BatchNormalization",
            [IMAGE, channel, channel, channel, positive],
            opset=9,
            runtime=True,
        ),
        Case("LayerNormalization", [X, channel, channel]),
        Case("LayerNormalization", [X, Tensor((3, 4))], {"axis": 1, "epsilon": 1e-2}),
        Case("LayerNormalization", [X, channel, channel], {"axis": -1}, outputs=3),
        Case("RMSNormalization", [X, channel], {"epsilon": 1e-3}),
        Case("InstanceNormalization", [IMAGE, channel, channel], {"epsilon": 1e-2}),
        Case("GroupNormalization", [IMAGE, channel, channel], {"num_groups": 2}, opset=21),
        Case(
            "GroupNormalization", [IMAGE, Tensor((2,)), Tensor((2,))], {"num_groups": 2}, opset=18
        ),
    ]


def resizings() -> list[Case]:
    def by(*factors: float) -> list[Tensor | None]:
        return [IMAGE, None, known(factors, "float32")]

    def to(*sizes: int) -> list[Tensor | None]:
        return [IMAGE, None, None, known(sizes)]

    grids = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
    return [
        Case("Resize", by(1, 1, 2, 3)),
        Case("Resize", by(1, 1, 0.5, 0.75)),
        Case("Resize", by(1, 1, 2, 0.5), {"nearest_mode": "floor"}),
        *(
            Case("Resize", to(2, 4, 5, 13), {"mode": mode, "coordinate_transformation_mode": grid})
            for mode in ("linear", "cubic")
            for grid in grids
        ),
        Case("Resize", by(1, 1, 2, 2), {"mode": "cubic", "exclude_outside": 1}),
        *(
            Case("Resize", to(2, 4, 4, 5), {"mode": mode, "antialias": 1, "exclude_outside": out})
            for mode in ("linear", "cubic")
            for out in (0, 1)
        ),
        Case("Resize", by(1, 1, 0.7, 0.6), {"mode": "linear"}, runtime=True),
        Case(
            "Resize",
            [IMAGE, known([0.1, -0.2, 0.9, 0.7], "float32"), None, known([6, 7])],
            {
                "mode": "linear",
                "axes": [3, 2],
                "coordinate_transformation_mode": "tf_crop_and_resize",
                "extrapolation_value": 2.5,
            },
        ),
        Case(
            "Resize",
            [
                IMAGE,
                Tensor(values=[0.0, 0.0, -0.2, 0.1, 1.0, 1.0, 0.7, 0.9]),
                None,
                known([2, 4, 6, 7]),
            ],
            {"coordinate_transformation_mode": "tf_crop_and_resize", "extrapolation_value": 2.5},
        ),
        Case(
            "Resize",
            [Tensor((1, 1, 5, 6), "uint8", 0, 255), None, None, known([1, 1, 7, 4])],
            {"mode": "linear"},
        ),
        Case("Resize", [IMAGE, None, None, known([6, 7])], {"mode": "linear", "axes": [3, 2]}),
        Case(
            "Resize", [IMAGE, known([1, 1, 2, 3], "float32")], {"mode": "linear"}, 10, runtime=True
        ),
        Case(
            "Resize", [IMAGE, known([1, 1, 2, 3], "float32")], {"mode": "nearest"}, 10, runtime=True
        ),
        Case("Upsample", [IMAGE, known([1, 1, 2, 3], "float32")], {}, 9, runtime=True),
        Case("Upsample", [IMAGE], {"scales": [1.0, 1.0, 2.0, 2.0]}, 8, runtime=True),
    ]


def attentions() -> list[Case]:
    q, k, v = (Tensor(shape, fixed=HEADS) for shape in ((2, 4, 5, 8), (2, 4, 7, 8), (2, 4, 7, 6)))
    shared = [Tensor((2, n, 5, 8), fixed=HEADS) for n in (4, 2, 2)]
    flat = {"q_num_heads": 3, "kv_num_heads": 3}
    cache = Tensor((8, 4)), Tensor((8, 4))
    return [
        Case("Attention", [q, k, v]),
        Case("Attention", [q, k, v, Tensor((5, 7))], {"scale": 0.3}),
        Case("Attention", [q, k, v, Tensor((2, 1, 5, 7), dtype="bool")]),
        Case("Attention", [q, k, v], {"is_causal": 1}),
        Case("Attention", shared),
        Case(
            "Attention",
            [Tensor((2, n, w), fixed=(2,)) for n, w in ((5, 24), (7, 24), (7, 12))],
            flat,
        ),
        Case("Attention", [q, k, v, None, k, v], outputs=3),
        Case("Attention", [replace(x, fixed=(0, 1, 2, 3)) for x in (q, k, v)], {"softcap": 2.0}),
        Case("RotaryEmbedding", [Tensor((2, 3, 5, 8)), *cache, Tensor((2, 5), "int64", 0, 7)]),
        Case(
            "RotaryEmbedding",
            [Tensor((2, 3, 5, 8)), *cache, Tensor((2, 5), "int64", 0, 7)],
            {"interleaved": 1},
        ),
        Case(
            "LinearAttention",
            [replace(x, fixed=(0, 1, 2)) for x in (Tensor((2, 3, 8)),) * 3],
            {"q_num_heads": 2, "kv_num_heads": 2, "update_rule": "linear"},
            opset=27,
            outputs=2,
        ),
        Case(
            "CausalConvWithState",
            [replace(Tensor(shape), fixed=(0, 1, 2)) for shape in ((2, 3, 7), (3, 1, 4))],
            {"activation": "silu"},
            opset=27,
            outputs=2,
        ),
    ]


CASES = [
    *unary(),
    *binary(),
    *activations(),
    *shapes(),
    *indexing(),
    *reductions(),
    *products(),
    *windows(),
    *normalizations(),
    *resizings(),
    *attentions(),
    *images.CASES,
    *quantization.CASES,
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fixed_sizes(case: Case, rng: np.random.Generator) -> None:
    case.check(rng, symbolic=False)


SYMBOLIC = [
    case
    for case in CASES
    if any(tensor is not None and not tensor.known and tensor.shape for tensor in case.inputs)
]


@pytest.mark.parametrize("case", SYMBOLIC, ids=str)
def test_symbolic_sizes(case: Case, rng: np.random.Generator) -> None:
    case.check(rng, symbolic=True)


# Cases of their own: the first is not of the standard, the others are compared by distribution.
OWN = (
    "SimplifiedLayerNormalization", "Multinomial", "RandomNormal", "RandomNormalLike",
    "RandomUniform",
)  # fmt: skip


def applied(graph: onnx.GraphProto) -> Iterator[str]:
    """The operators of a graph and its bodies."""
    for node in graph.node:
        yield node.op_type
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from applied(attribute.g)


def suite_covers() -> Iterator[tuple[str, int]]:
    """Operators with the opsets in which the ONNX backend suite has cases for them."""
    for case in suite.cases().values():
        model = case.model
        opset = max((entry.version for entry in model.opset_import if not entry.domain), default=0)
        yield from ((name, opset) for name in applied(model.graph))


def test_every_mapping_has_a_case() -> None:
    covered = {(case.op, case.opset) for case in CASES} | set(suite_covers())
    for (domain, name), forms in OPERATORS.items():
        if domain or name in OWN:
            continue
        for position, form in enumerate(forms):
            newer = forms[position - 1].since if position else 1 << 30
            opsets = [opset for op, opset in covered if op == name and form.since <= opset < newer]
            assert opsets, f"{name} since {form.since} has no case"
