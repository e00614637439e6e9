# SPDX-License-Identifier: Apache-2.0
"""Convolution families against a formula in double precision, on every executable spec."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.targets.cpu.kernels.convolutions import Case, H, N, W, bound_sizes
from tests.unit.targets.cpu.kernels.families import AVX2, SPECS

from ingot.dtypes import BFLOAT16, FLOAT16, DType
from ingot.spec import DeviceSpec
from ingot.targets.cpu.kernels.conv import Conv
from ingot.targets.cpu.kernels.depthwise import Depthwise
from ingot.targets.cpu.kernels.planar import PlanarConv
from ingot.targets.cpu.kernels.winograd import Winograd

EXACT = 2e-6
UNKNOWN = bound_sizes((1, 5, 7), (3, 8, 8), (2, 14, 3), (1, 1, 33), (0, 4, 4))

DIRECT = [
    Case((1, 16, 7, 7), (24, 16, 1, 1), (1, 1), (0, 0, 0, 0)),
    Case((2, 16, 7, 7), (24, 16, 1, 1), (2, 2), (0, 0, 0, 0)),
    Case((2, 16, 5, 6), (24, 16, 1, 1), (1, 1), (1, 0, 0, 2)),
    Case((2, 5, 7, 9), (10, 5, 3, 3), (1, 1), (1, 1, 1, 1)),
    Case((1, 5, 8, 9), (33, 5, 3, 3), (1, 1), (0, 0, 0, 0)),
    Case((2, 5, 11, 9), (10, 5, 3, 2), (2, 1), (0, 1, 2, 0), (1, 2)),
    Case((1, 4, 9, 8), (7, 4, 1, 5), (1, 1), (0, 2, 0, 2)),
    Case((2, 6, 11, 9), (9, 2, 3, 3), (1, 2), (1, 1, 1, 1), groups=3),
    Case((1, 4, 5, 6), (8, 1, 3, 3), (1, 1), (1, 1, 1, 1), groups=4),
    Case((2, 6, 11), (9, 6, 3), (2,), (1, 1)),
    Case((2, 3, 5, 6, 7), (9, 3, 3, 2, 3), (1, 2, 1), (1, 0, 1, 1, 1, 0)),
    Case((1, 4, 3, 3), (8, 4, 5, 5), (1, 1), (2, 2, 2, 2), plain=True),
    *(Case((N, 6, H, W), (20, 6, 3, 3), (2, 1), (1, 1, 1, 1), binding=sizes) for sizes in UNKNOWN),
    *(Case((N, 6, H, W), (20, 6, 1, 1), (1, 1), (0, 0, 0, 0), binding=sizes) for sizes in UNKNOWN),
]
PLANAR = [
    Case((1, 3, 23, 21), (10, 3, 7, 7), (2, 2), (3, 3, 3, 3)),
    Case((2, 3, 32, 32), (24, 3, 16, 16), (16, 16), (0, 0, 0, 0)),
    Case((2, 3, 9, 8), (33, 3, 3, 3), (2, 1), (0, 1, 1, 0), order=(0, 2, 3, 1)),
    Case((2, 1, 9, 8), (8, 1, 3, 2), (1, 1), (1, 1, 1, 1), (2, 1)),
    Case((2, 3, 19), (8, 3, 5), (2,), (2, 1)),
    *(Case((N, 3, H, W), (20, 3, 3, 3), (2, 2), (1, 1, 1, 1), binding=sizes) for sizes in UNKNOWN),
]
DEPTHWISE = [
    Case((1, 32, 7, 7), (32, 1, 3, 3), (1, 1), (1, 1, 1, 1), groups=32),
    Case((2, 48, 14, 28), (48, 1, 3, 3), (2, 2), (1, 1, 1, 1), groups=48),
    Case((2, 40, 9, 17), (40, 1, 5, 5), (1, 1), (2, 2, 2, 2), groups=40),
    Case((2, 37, 9, 17), (37, 1, 5, 3), (2, 1), (0, 2, 1, 0), (1, 2), groups=37),
    Case((1, 3, 9, 1), (3, 1, 7, 7), (1, 1), (3, 3, 3, 3), groups=3),
    Case((1, 200, 6, 5), (200, 1, 3, 3), (1, 1), (1, 1, 1, 1), groups=200, plain=True),
    Case((2, 16, 19), (16, 1, 5), (1,), (2, 2), groups=16),
    *(
        Case((N, 48, H, W), (48, 1, 3, 3), (1, 1), (1, 1, 1, 1), groups=48, binding=sizes)
        for sizes in UNKNOWN
    ),
    *(
        Case((N, 20, H, W), (20, 1, 5, 5), (2, 2), (2, 2, 2, 2), groups=20, binding=sizes)
        for sizes in UNKNOWN
    ),
]
SQUARE = ((1, 1), (1, 1, 1, 1))
WINOGRAD = [
    Case((1, 16, 7, 7), (32, 16, 3, 3), *SQUARE),
    Case((2, 24, 9, 13), (40, 24, 3, 3), *SQUARE),
    Case((1, 64, 14, 14), (64, 64, 3, 3), *SQUARE),
    Case((1, 96, 8, 9), (112, 96, 3, 3), (1, 1), (0, 0, 0, 0)),
    Case((1, 256, 8, 9), (256, 256, 3, 3), (1, 1), (0, 2, 1, 0), plain=True),
    Case((1, 16, 3, 1), (16, 16, 3, 3), *SQUARE),
    *(Case((N, 16, H, W), (32, 16, 3, 3), *SQUARE, binding=sizes) for sizes in UNKNOWN),
    *(Case((N, 208, H, W), (208, 208, 3, 3), *SQUARE, binding=sizes) for sizes in UNKNOWN),
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("case", DIRECT, ids=str)
def test_direct(case: Case, spec: DeviceSpec, rng: np.random.Generator) -> None:
    case.check(Conv(), spec, rng, EXACT)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("case", PLANAR, ids=str)
def test_planar(case: Case, spec: DeviceSpec, rng: np.random.Generator) -> None:
    case.check(PlanarConv(), spec, rng, EXACT)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("case", DEPTHWISE, ids=str)
def test_depthwise(case: Case, spec: DeviceSpec, rng: np.random.Generator) -> None:
    case.check(Depthwise(), spec, rng, EXACT)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("case", WINOGRAD, ids=str)
@pytest.mark.parametrize(("m", "bound"), [(2, 2e-6), (4, 2e-5)])
def test_winograd(
    case: Case, m: int, bound: float, spec: DeviceSpec, rng: np.random.Generator
) -> None:
    case.check(Winograd(m), spec, rng, bound)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize(("dtype", "bound"), [(FLOAT16, 2.0**-10), (BFLOAT16, 2.0**-7)], ids=str)
@pytest.mark.parametrize(
    ("family", "case"),
    [
        (Conv(), DIRECT[3]),
        (Conv(), DIRECT[5]),
        (Conv(), Case((2, 19, 7, 9), (20, 19, 3, 3), (2, 1), (1, 1, 1, 1))),
        (Conv(), Case((N, 6, H, W), (20, 6, 3, 3), (2, 1), (1, 1, 1, 1), binding=UNKNOWN[1])),
        (Conv(), Case((2, 22, 11, 9), (10, 11, 3, 3), (1, 2), (1, 1, 1, 1), groups=2)),
        (PlanarConv(), PLANAR[0]),
        (Depthwise(), DEPTHWISE[3]),
        (Winograd(2), WINOGRAD[1]),
        (Winograd(4), WINOGRAD[4]),
    ],
    ids=lambda entry: getattr(entry, "name", str(entry)),
)
def test_narrow_types(
    family: Conv,
    case: Case,
    dtype: DType,
    bound: float,
    spec: DeviceSpec,
    rng: np.random.Generator,
) -> None:
    replace(case, dtype=dtype).check(family, spec, rng, bound)


@pytest.mark.parametrize(
    ("case", "family", "reason"),
    [
        (DIRECT[0], Winograd(4), "3x3"),
        (DIRECT[7], Winograd(4), "ungrouped"),
        (DIRECT[0], Depthwise(), "not one filter for each channel"),
        (DIRECT[0], PlanarConv(), "many channels"),
        (DIRECT[10], PlanarConv(), "more than two spatial axes"),
        (Case((1, 16, 9, 9), (16, 16, 3, 3), (2, 2), (1, 1, 1, 1)), Winograd(2), "steps"),
        (Case((1, 8, 9, 9), (16, 8, 3, 3), *SQUARE), Winograd(2), "few channels"),
    ],
)
def test_a_refusal_says_why(case: Case, family: Conv, reason: str) -> None:
    assert reason in str(family.match(case.region(), AVX2))


def test_computed_filters_are_refused() -> None:
    region = DIRECT[0].region()
    free = type(region)(region.nodes, region.inputs, region.outputs, region.anchor)
    assert Conv().match(free, AVX2) == "the filters are computed"


def test_cheapest_family_by_shape() -> None:
    families = (Winograd(4), Winograd(2), Conv(), PlanarConv(), Depthwise())

    def cheapest(case: Case) -> str:
        region = case.region()
        fitting = [family for family in families if family.match(region, AVX2) is None]
        return min(fitting, key=lambda family: family.cost(region, AVX2)).name

    assert cheapest(Case((1, 64, 56, 56), (64, 64, 3, 3), *SQUARE)) == "winograd4"
    assert cheapest(Case((1, 512, 7, 7), (512, 512, 3, 3), *SQUARE)) == "winograd2"
    assert cheapest(Case((1, 64, 56, 56), (64, 64, 1, 1), (1, 1), (0, 0, 0, 0))) == "conv"
    assert cheapest(Case((1, 3, 224, 224), (64, 3, 7, 7), (2, 2), (3, 3, 3, 3))) == "conv_planar"
    assert cheapest(DEPTHWISE[0]) == "depthwise"
