# SPDX-License-Identifier: Apache-2.0
"""Cases of the operators that sample images, take windows apart, and transform signals."""

from __future__ import annotations

from tests.unit.onnx.cases import Case, Tensor, known

IMAGE = Tensor((2, 4, 6, 7))
WHOLE = (0, 1, 2, 3)
CHANNELS = Tensor((2, 4, 6, 7), fixed=(1,))
PIXELS = Tensor((2, 3, 5, 6), "uint8", 0, 255)
GRID = Tensor((2, 3, 5, 2), low=-1.4, high=1.4)
REGIONS = Tensor((5, 4), low=-1.0, high=9.0)
PICKED = Tensor(values=[0, 1, 1, 0, 1], dtype="int64")
COLUMNS = Tensor((2, 12, 16))
SIGNAL = Tensor((2, 40, 1), fixed=(2,))
COMPLEX = Tensor((2, 12, 3, 2), fixed=(3,))


def sampled() -> list[Case]:
    return [
        *(
            Case("GridSample", [IMAGE, GRID], {"mode": mode, "align_corners": corners}, opset,
                 runtime=opset == 16)
            for mode, opset in (("bilinear", 16), ("nearest", 16), ("linear", 20), ("cubic", 22))
            for corners in (0, 1)
        ),
        *(
            Case("GridSample", [IMAGE, GRID], {"padding_mode": padding}, 20)
            for padding in ("border", "reflection")
        ),
        *(
            Case("AffineGrid", [Tensor((2, 2, 3), fixed=(1, 2)), known([2, 3, 4, 5])],
                 {"align_corners": corners})
            for corners in (0, 1)
        ),
        Case("AffineGrid", [Tensor((2, 3, 4), fixed=(1, 2)), known([2, 1, 2, 4, 3])]),
        Case("GridSample", [Tensor((1, 2, 3, 4, 5)), Tensor((1, 2, 2, 3, 3), low=-1, high=1)]),
        Case("GridSample", [PIXELS, GRID], {"mode": "nearest"}),
        *(
            Case("RoiAlign", [IMAGE, REGIONS, PICKED],
                 {"output_height": 3, "output_width": 2, "mode": mode, "sampling_ratio": ratio,
                  "spatial_scale": 0.75}, opset, runtime=opset == 10)
            for mode in ("avg", "max")
            for ratio, opset in ((0, 10), (2, 16))
        ),
        Case(
            "RoiAlign",
            [IMAGE, REGIONS, PICKED],
            {"output_height": 2, "output_width": 2,
             "coordinate_transformation_mode": "output_half_pixel"},
        ),
        Case(
            "DeformConv",
            [CHANNELS, Tensor((6, 2, 2, 3), fixed=WHOLE), Tensor((2, 24, 3, 4), fixed=(1,)),
             Tensor((6,), fixed=WHOLE), Tensor((2, 12, 3, 4), low=0, fixed=(1,))],
            {"group": 2, "offset_group": 2, "strides": [2, 2], "pads": [0, 1, 0, 1]},
        ),
        Case(
            "DeformConv",
            [CHANNELS, Tensor((3, 4, 2, 2), fixed=WHOLE), Tensor((2, 8, 4, 5), fixed=(1,))],
            {"dilations": [2, 2]},
        ),
    ]  # fmt: skip


def taken_apart() -> list[Case]:
    places = Tensor(values=[[[[5, 2], [9, 15]]]], dtype="int64")
    return [
        Case("Col2Im", [COLUMNS, known([5, 6]), known([2, 3])]),
        Case(
            "Col2Im",
            [Tensor((1, 4, 12)), known([4, 4]), known([2, 2])],
            {"strides": [2, 1], "pads": [1, 0, 1, 1]},
        ),
        *(
            Case(
                "MaxPool",
                [Tensor((2, 3, 6, 7), fixed=(2, 3))],
                {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 1],
                 "storage_order": order},
                outputs=2,
                runtime=True,
            )
            for order in (0, 1)
        ),
        Case("MaxUnpool", [Tensor((1, 1, 2, 2)), places], {"kernel_shape": [2, 2],
             "strides": [2, 2]}),
        Case("MaxUnpool", [Tensor((1, 1, 2, 2)), places, known([1, 1, 5, 5])],
             {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ]  # fmt: skip


def transformed() -> list[Case]:
    return [
        Case("DFT", [COMPLEX], {"axis": 1, "inverse": 1}, 17),
        Case("DFT", [COMPLEX], {"axis": 2}, 17),
        Case("DFT", [SIGNAL, None, known(1)], {"onesided": 1}),
        Case("DFT", [COMPLEX, known(9)], {"inverse": 1}),
        Case("STFT", [SIGNAL, known(6), Tensor((16,), low=0, known=True), known(16)], {}, 17),
        Case("STFT", [SIGNAL, known(5), None, known(12)], {"onesided": 0}, 17),
        Case(
            "MelWeightMatrix",
            [known(8), known(64), known(8000), known(100.0, "float32"), known(3500.0, "float32")],
        ),
    ]


def windows() -> list[Case]:
    return [
        Case(op, [known(size)], {"periodic": periodic, "output_datatype": 11})
        for op in ("HannWindow", "HammingWindow", "BlackmanWindow")
        for size, periodic in ((8, 0), (9, 1))
    ]


def products() -> list[Case]:
    square = Tensor((4, 4, 3))
    return [
        Case("Einsum", [Tensor((4, 4))], {"equation": "ii->i"}),
        Case("Einsum", [square, Tensor((3, 2))], {"equation": "iij,jk->ik"}),
        Case("Einsum", [Tensor((2, 3, 3))], {"equation": "...ii->...i"}),
        Case("Einsum", [Tensor((3, 4), "int32"), Tensor((4, 2), "int32")], {"equation": "ij,jk"}),
    ]


CASES = (*windows(), *products(), *sampled(), *taken_apart(), *transformed())
