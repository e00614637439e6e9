# SPDX-License-Identifier: Apache-2.0
"""Every family of the CUDA target by itself, in many odd shapes, against the reference target.

A case names the one family that may run its graph; the generic loops stand behind it only for
copies. Nothing here needs pytest, so it runs wherever there is a GPU.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np

import ingot
from ingot import dims
from ingot.dims import Dim, symbol
from ingot.dtypes import BFLOAT16, BOOL, FLOAT16, FLOAT32, DType
from ingot.ir.graph import Graph, SymbolRange, Value
from ingot.jit import emit
from ingot.ops import Builder
from ingot.targets.base import Candidate, Emission, Region
from ingot.targets.cuda import compiler
from ingot.targets.cuda.kernels import conv as conv_family
from ingot.targets.cuda.kernels import gemm as gemm_family
from ingot.targets.cuda.kernels.attention import Attention, TensorAttention
from ingot.targets.cuda.kernels.conv import TensorConv
from ingot.targets.cuda.kernels.depthwise import Depthwise
from ingot.targets.cuda.kernels.gemm import TensorMatMul
from ingot.targets.cuda.kernels.loops import Loops
from ingot.targets.cuda.kernels.plain_conv import PlainConv
from ingot.targets.cuda.kernels.plain_gemm import PlainMatMul
from ingot.targets.cuda.kernels.pool import Pool
from ingot.targets.cuda.kernels.tile import GROUP_TILES, Tile

Make = Callable[[Builder], Value]
N, S, T = symbol("n"), symbol("s"), symbol("t")
BOUNDS = {FLOAT32: 1e-5, FLOAT16: 2e-3, BFLOAT16: 1.6e-2}
TF32_BOUND = 2e-3


@dataclass(frozen=True)
class Case:
    """A graph for one family, and the sizes at which it runs; `large` ones want a real GPU.

    A product runs in `tile` where one is given.
    """

    family: Candidate
    make: Make
    dtype: DType
    sizes: Mapping[str, int] = field(default_factory=dict)
    large: bool = False
    tile: Tile | None = None

    @property
    def bound(self) -> float:
        """The largest error beside the largest expected value."""
        return TF32_BOUND if self.family.option == "tf32" else BOUNDS[self.dtype]

    def graph(self) -> Graph:
        """The case as a graph with one output."""
        builder = Builder("case", symbols={name: SymbolRange(0, 4096) for name in self.sizes})
        return builder.finish({"y": self.make(builder)}, stage="portable")


def run_case(case: Case) -> None:
    """Raises AssertionError where the family does not run or is wrong."""
    rng = np.random.default_rng(11)
    graph = case.graph()
    arrays = {value.name: _random(rng, value, case.sizes) for value in graph.inputs}
    with ingot.load(graph, device="reference") as session:
        expected = session.run(arrays)["y"].astype(np.float64)
    used: list[str] = []
    emitted = emit.Emitter.emit

    def spy(self: Any, region: Region, candidate: Candidate, views: Any) -> Emission:
        used.append(candidate.name)
        return emitted(self, region, candidate, views)

    with (
        tempfile.TemporaryDirectory() as folder,
        tiled(case.tile),
        patch.object(compiler, "CANDIDATES", (case.family, Loops())),
        patch.object(emit.Emitter, "emit", spy),
    ):
        options = {"tf32": True, "specialize": "none", "cache_dir": folder}
        with ingot.load(graph, device="cuda", **options) as session:  # type: ignore[arg-type]
            got = [session.run(arrays)["y"].astype(np.float64) for _ in range(2)]
    assert case.family.name in used, f"{case.family.name} is not used, but {used}"
    np.testing.assert_array_equal(got[0], got[1])
    np.testing.assert_array_equal(np.isnan(got[0]), np.isnan(expected))
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    error = float(np.abs(got[0] - expected).max(initial=0)) / scale
    assert error <= case.bound, f"error {error:.2g} is above {case.bound:.2g}"


@contextmanager
def tiled(tile: Tile | None) -> Iterator[None]:
    """While this lasts, products run in `tile`; by the rule where it is None."""
    if tile is None:
        yield
        return
    with (
        patch.object(gemm_family, "choose_tile", lambda *_, **__: tile),
        patch.object(conv_family, "choose_tile", lambda *_, **__: tile),
    ):
        yield


def _random(rng: np.random.Generator, value: Value, sizes: Mapping[str, int]) -> np.ndarray:
    shape = [dims.evaluate(size, sizes) for size in value.shape]
    if value.dtype != BOOL:
        return rng.standard_normal(shape).astype(value.dtype.numpy)
    mask = rng.integers(0, 4, shape) > 0
    mask[..., :1, :] = False  # a row that sees nothing
    return mask


def weight(builder: Builder, dtype: DType, *shape: int) -> Value:
    """Random data, of a size that keeps sums near 1."""
    rng = np.random.default_rng(shape)
    scale = max(1, int(np.prod(shape[1:] if len(shape) > 2 else shape[:1]))) ** -0.5
    return builder.weight("w", (rng.standard_normal(shape) * scale).astype(dtype.numpy))


def matmul(
    dtype: DType, left: Sequence[Dim], right: Sequence[Dim], *, constant: bool = False,
    gelu: bool = False, gate: bool = False,
) -> Make:  # fmt: skip
    """A product with a bias or a residual behind it, perhaps a gate for each batch entry before."""

    def make(builder: Builder) -> Value:
        a = builder.input("a", dtype, tuple(left))
        known = tuple(size for size in right if isinstance(size, int))
        b = weight(builder, dtype, *known) if constant else builder.input("b", dtype, tuple(right))
        y = builder.node("matmul", a, b)
        if gelu:
            bias = builder.weight("bias", np.linspace(-1, 1, known[-1]).astype(dtype.numpy))
            return builder.node("gelu", builder.node("add", y, bias), approximate="none")
        if gate:
            shape = (*y.shape[:-2], 1, y.shape[-1])
            y = builder.node("mul", y, builder.input("g", dtype, shape))
        return builder.node("add", y, builder.input("r", dtype, y.shape))

    return make


def conv(
    dtype: DType, image: Sequence[Dim], filters: Sequence[int], stride: int = 1, pad: int = 0,
    dilation: int = 1, group: int = 1, *, residual: bool = False, shift: bool = False,
) -> Make:  # fmt: skip
    """A convolution with bias and relu, perhaps a residual or a shift of each image before it."""

    def make(builder: Builder) -> Value:
        rank = len(filters) - 2
        x = builder.input("x", dtype, tuple(image))
        bias = builder.weight("bias", np.linspace(-1, 1, filters[0]).astype(dtype.numpy))
        y = builder.node(
            "conv", x, weight(builder, dtype, *filters), bias, strides=(stride,) * rank,
            pads=(pad,) * 2 * rank, dilations=(dilation,) * rank, group=group,
        )  # fmt: skip
        if residual:
            y = builder.node("add", y, builder.input("r", dtype, y.shape))
        if shift:
            y = builder.node("add", y, builder.input("s", dtype, (*y.shape[:2], *(1,) * rank)))
        return builder.node("relu", y)

    return make


def pool(
    op: str, dtype: DType, image: Sequence[Dim], kernel: int, stride: int, pad: int, **more: bool
) -> Make:
    """A pool."""

    def make(builder: Builder) -> Value:
        rank = len(image) - 2
        x = builder.input("x", dtype, tuple(image))
        return builder.node(
            op, x, kernel=(kernel,) * rank, strides=(stride,) * rank, pads=(pad,) * 2 * rank,
            dilations=(1,) * rank, **more,
        )  # fmt: skip

    return make


def attention(
    dtype: DType, batch: Sequence[Dim], lengths: tuple[Dim, Dim], depths: tuple[int, int],
    mask: Sequence[Dim] = (), kind: DType = BOOL, heads: int | None = None, **more: Any,
) -> Make:  # fmt: skip
    """Attention over inputs of their own; `heads` of the keys where they are fewer."""

    def make(builder: Builder) -> Value:
        kept = (*batch[:-1], batch[-1] if heads is None else heads)
        q = builder.input("q", dtype, (*batch, lengths[0], depths[0]))
        k = builder.input("k", dtype, (*kept, lengths[1], depths[0]))
        v = builder.input("v", dtype, (*kept, lengths[1], depths[1]))
        masks = (builder.input("mask", kind, tuple(mask)),) if mask else ()
        return builder.node("attention", q, k, v, *masks, **{"scale": 0.25, **more})

    return make


def joint_attention(dtype: DType, heads: int, depth: int) -> Make:
    """Views of one buffer [batch, length, 3 * heads * depth], results beside each other again."""

    def make(builder: Builder) -> Value:
        row = heads * depth
        joint = builder.input("qkv", dtype, (N, S, 3 * row))
        parts = []
        for number in range(3):
            part = builder.node(
                "slice", joint, starts=(0, 0, number * row), ends=(N, S, (number + 1) * row),
                steps=(1, 1, 1),
            )  # fmt: skip
            part = builder.node("reshape", part, shape=(N, S, heads, depth))
            parts.append(builder.node("transpose", part, permutation=(0, 2, 1, 3)))
        y = builder.node("attention", *parts, scale=0.125)
        y = builder.node("transpose", y, permutation=(0, 2, 1, 3))
        return builder.node("reshape", y, shape=(N, S, row))

    return make


def _attentions(family: Candidate, dtype: DType) -> dict[str, Case]:
    made: dict[str, Case] = {}

    def add(label: str, make: Make, **sizes: int) -> None:
        made[f"{family.name} {dtype} {label}"] = Case(family, make, dtype, sizes)

    add("197x64", attention(dtype, (1, 3), (197, 197), (64, 64)))
    add("cross", attention(dtype, (2,), (33, 150), (72, 40)))
    add("bool mask", attention(dtype, (2, 2), (33, 70), (16, 24), (33, 70)))
    add("additive", attention(dtype, (2, 2), (65, 131), (32, 104), (2, 1, 1, 131), FLOAT32))
    add("own mask", attention(dtype, (N, 2), (S, T), (64, 64), (N, 1, S, T), dtype), n=2, s=70, t=3)
    add("causal", attention(dtype, (1, 2), (130, 130), (128, 128), causal=True))
    add("causal late", attention(dtype, (1, 2), (20, 90), (64, 64), causal=True, offset=70))
    add("causal early", attention(dtype, (1, 2), (80, 80), (64, 64), causal=True, offset=-3))
    add("grouped heads", attention(dtype, (2, 6), (17, 40), (64, 64), heads=2))
    add("negative scale", attention(dtype, (1, 2), (40, 70), (64, 64), scale=-0.3))
    add("joint", joint_attention(dtype, 3, 64), n=2, s=77)
    add("joint empty", joint_attention(dtype, 2, 64), n=0, s=5)
    return made


def _products(family: Candidate, dtype: DType) -> dict[str, Case]:
    shapes: Mapping[str, tuple[Sequence[Dim], Sequence[Dim]]] = {
        "odd": ((2, 3, 37, 19), (2, 3, 19, 50)),
        "broadcast": ((2, 2, 130, 70), (2, 1, 70, 96)),
        "row": ((1, 40), (40, 1000)),
        "large": ((300, 129), (129, 517)),
        "free": ((N, 3, S, 24), (N, 3, 24, T)),
        "empty": ((N, 3, S, 24), (N, 3, 24, T)),
    }
    sizes = {"free": {"n": 2, "s": 41, "t": 67}, "empty": {"n": 2, "s": 0, "t": 3}}
    return {
        f"{family.name} {dtype} {name}": Case(
            family, matmul(dtype, left, right), dtype, sizes.get(name, {})
        )
        for name, (left, right) in shapes.items()
    }


def _weighted(family: Candidate, dtype: DType) -> dict[str, Case]:
    made: dict[str, Case] = {}
    for rows in (1, 5, 17, 128, 200, 1000):
        for depth, columns in ((40, 72), (768, 264), (512, 1000)):
            name = f"{family.name} {dtype} {rows}x{columns}x{depth}"
            make = matmul(dtype, (rows, depth), (depth, columns), constant=True, gelu=rows == 17)
            made[name] = Case(family, make, dtype, large=rows > 100)
    make = matmul(dtype, (N, S, 136), (136, 200), constant=True)
    for n, s in ((1, 1), (3, 50), (2, 0), (9, 333)):
        name = f"{family.name} {dtype} free {n}x{s}"
        made[name] = Case(family, make, dtype, {"n": n, "s": s}, large=n == 9)
    for batch, count in ((3, 50), (N, S)):
        make = matmul(dtype, (batch, count, 136), (136, 200), constant=True, gate=True)
        sizes = {} if batch == 3 else {"n": 2, "s": 33}
        made[f"{family.name} {dtype} gate {batch}x{count}"] = Case(family, make, dtype, sizes)
    return made


def _convolutions(family: Candidate, dtype: DType) -> dict[str, Case]:
    made: dict[str, Case] = {}

    def add(label: str, make: Make, *, large: bool = False, **sizes: int) -> None:
        made[f"{family.name} {dtype} {label}"] = Case(family, make, dtype, sizes, large)

    add("first", conv(dtype, (1, 3, 41, 37), (64, 3, 7, 7), 2, 3), large=True)
    add("few channels", conv(dtype, (N, 3, 13, 15), (8, 3, 7, 7), 2, 3), n=2)
    add("one channel", conv(dtype, (1, 1, 9, 9), (8, 1, 4, 4), 4))
    add("five channels", conv(dtype, (2, 5, 9, 10), (16, 5, 3, 3), 1, 1))
    add("patches", conv(dtype, (2, 3, 16, 24), (24, 3, 8, 8), 8))
    add("3x3", conv(dtype, (N, 64, 17, 19), (128, 64, 3, 3), 1, 1), large=True, n=3)
    add("3x3 deep", conv(dtype, (1, 512, 7, 7), (512, 512, 3, 3), 1, 1), large=True)
    add("3x3 stride", conv(dtype, (2, 24, 15, 15), (40, 24, 3, 3), 2, 1))
    add("dilated", conv(dtype, (2, 16, 15, 13), (64, 16, 3, 3), 1, 2, 2))
    add("1x1", conv(dtype, (2, 64, 9, 11), (256, 64, 1, 1), residual=True))
    add("shift", conv(dtype, (3, 24, 9, 11), (72, 24, 3, 3), 1, 1, shift=True))
    add("free shift", conv(dtype, (N, 24, 9, 11), (72, 24, 3, 3), 1, 1, shift=True), n=2)
    add("1x1 stride", conv(dtype, (2, 64, 9, 11), (40, 64, 1, 1), 2))
    add("many", conv(dtype, (8, 64, 56, 56), (64, 64, 3, 3), 1, 1, residual=True), large=True)
    add("empty", conv(dtype, (N, 16, 9, 9), (32, 16, 3, 3), 1, 1), n=0)
    if isinstance(family, PlainConv):
        add("groups", conv(dtype, (2, 12, 17, 15), (18, 4, 3, 3), 1, 1, group=3))
        add("1d", conv(dtype, (2, 12, 31), (8, 6, 3), 1, 1, 2, 2))
        add("3d", conv(dtype, (1, 6, 5, 7, 6), (9, 6, 2, 3, 2), 2, 1))
        add("odd filters", conv(dtype, (N, 7, 9, 9), (13, 7, 3, 3), 1, 1), n=2)
    return made


def _tiles(dtype: DType) -> dict[str, Case]:
    """Products in tiles that the rule takes for large sizes only."""
    made: dict[str, Case] = {}
    for tile in TESTED_TILES:
        shape = f"{tile.rows}x{tile.columns}x{tile.stages}"
        if tile.split > 1:
            shape += f" split {tile.split}"
        for gelu in (False, True):
            make = matmul(dtype, (N, 328), (328, 200), constant=True, gelu=gelu)
            name = f"tensor_gemm {dtype} groups {shape}{' gelu' if gelu else ''}"
            large = tile.rows * tile.columns > 64 * 64 or gelu
            made[name] = Case(TensorMatMul(), make, dtype, {"n": 149}, large, tile)
        make = conv(dtype, (2, 24, 13, 11), (72, 24, 3, 3), 2, 1, residual=True)
        made[f"tensor_conv {dtype} groups {shape}"] = Case(
            TensorConv(), make, dtype, {}, tile.rows > 64, tile
        )
    return made


TESTED_TILES = (
    *GROUP_TILES,
    Tile(64, 64, 64, 16, 64, 4, 2, groups=True),
    Tile(128, 128, 64, 16, 128, 3, 4, groups=True),
    Tile(64, 32, 64, 16, 32, 8, 8, groups=True),
)


def _windows(dtype: DType) -> dict[str, Case]:
    made: dict[str, Case] = {}

    def add(family: Candidate, label: str, make: Make, **sizes: int) -> None:
        made[f"{family.name} {dtype} {label}"] = Case(family, make, dtype, sizes)

    deep = Depthwise()
    add(deep, "3x3", conv(dtype, (N, 32, 17, 19), (32, 1, 3, 3), 2, 1, group=32), n=2)
    add(deep, "5x5", conv(dtype, (2, 30, 17, 9), (30, 1, 5, 5), 1, 2, group=30))
    add(deep, "7x7", conv(dtype, (1, 44, 20, 9), (44, 1, 7, 7), 1, 3, group=44, residual=True))
    add(deep, "1d", conv(dtype, (2, 7, 17), (7, 1, 3), 1, 0, 2, group=7))
    for op in ("max_pool", "average_pool"):
        add(Pool(), f"{op} 3x3", pool(op, dtype, (N, 64, 17, 17), 3, 2, 1), n=2)
        add(Pool(), f"{op} ceil", pool(op, dtype, (2, 6, 17, 16), 3, 2, 1, ceil_mode=True))
        add(Pool(), f"{op} 1d", pool(op, dtype, (2, 5, 11), 4, 3, 1))
        add(Pool(), f"{op} 3d", pool(op, dtype, (1, 8, 5, 6, 7), 2, 2, 0))
    for ceil in (False, True):
        make = pool(
            "average_pool", dtype, (2, 12, 17, 16), 3, 2, 1, count_include_pad=True, ceil_mode=ceil
        )
        add(Pool(), f"average_pool with padding, ceil {ceil}", make)
    return made


CASES: dict[str, Case] = {}
for _dtype in (FLOAT16, BFLOAT16):
    CASES |= _attentions(TensorAttention(), _dtype)
    CASES |= _weighted(TensorMatMul(), _dtype)
    CASES |= _convolutions(TensorConv(), _dtype)
    CASES |= _tiles(_dtype)
CASES |= _weighted(TensorMatMul(single=True), FLOAT32)
CASES |= _convolutions(TensorConv(single=True), FLOAT32)
for _dtype in (FLOAT32, FLOAT16):
    CASES |= _attentions(Attention(), _dtype)
for _dtype in (FLOAT32, FLOAT16, BFLOAT16):
    CASES |= _products(PlainMatMul(), _dtype)
    CASES |= _windows(_dtype)
for _tensor in (False, True):
    CASES |= _convolutions(PlainConv(tensor=_tensor), FLOAT32)
CASES |= _products(PlainMatMul(tensor=True), FLOAT32)
