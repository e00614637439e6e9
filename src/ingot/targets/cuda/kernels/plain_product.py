# SPDX-License-Identifier: Apache-2.0
"""Products in fp32 of operands in any layout, batched, with any epilogue behind them.

A block computes a tile of the result. Tiles of both operands come through shared memory, depth
outermost, and the next ones are loaded into registers while the present ones are multiplied, by
fused multiply-adds or, where TF32 is allowed, on tensor cores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingot.dims import Dim, ceil_div, product
from ingot.dtypes import FLOAT16
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch
from ingot.targets.cuda.kernels.finish import Finish
from ingot.targets.cuda.kernels.fragments import fragment_helpers
from ingot.targets.cuda.source import Source

DEPTH = 16  # elements of the depth in a step
_THREADS = 256
_PAD = 8
_TENSOR = """
static __device__ __forceinline__ void multiply_tf32(float* c, const float* a, const float* b) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
        "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
}
static __device__ __forceinline__ float to_tf32(float x) {
  u32 y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return __uint_as_float(y);
}"""


class Side(Protocol):
    """One operand: lines (rows or columns of the result) times depth, for one batch index."""

    @property
    def along(self) -> bool:
        """Whether neighbours in memory lie along the depth."""

    def prepare(self, source: Source, lines: int, first: str) -> None:
        """Print what a thread keeps of its `lines` lines; line `r` of them is `first`."""

    def element(self, source: Source) -> None:
        """Print `element = …`: a float of this thread's line `r` at depth `k`, 0 beyond edges."""


@dataclass(frozen=True)
class PlainProduct:
    """`result[batch, row, column] = finish(sum of left[row, k] * right[k, column])`.

    The batch indices are called `g0`, `g1`, …; `indices` prints what the result's `names` mean.
    """

    batch: tuple[Dim, ...]
    rows: Dim
    columns: Dim
    depth: Dim
    left: Side
    right: Side
    finish: Finish
    names: Sequence[str]
    indices: Callable[[Source], str] | None = None

    @property
    def flops(self) -> Dim:
        """Scalar operations."""
        return 2 * product(self.batch) * self.rows * self.columns * self.depth

    @property
    def whole(self) -> bool:
        """Whether columns come in fours."""
        return isinstance(self.columns, int) and self.columns % 4 == 0


@dataclass(frozen=True)
class PlainTile:
    """Rows and columns that each of 16 x 16 threads has."""

    high: int
    wide: int

    @property
    def rows(self) -> int:
        """Rows of the block."""
        return 16 * self.high

    @property
    def columns(self) -> int:
        """Columns of the block."""
        return 16 * self.wide


_TILES = (PlainTile(8, 8), PlainTile(4, 4), PlainTile(2, 4))


def choose_plain_tile(job: PlainProduct, spec: DeviceSpec, *, tensor: bool) -> PlainTile:
    """The largest tile that leaves no multiprocessor without a block."""
    tiles = _TILES[:2] if tensor else _TILES
    for tile in tiles[:-1]:
        blocks = _blocks(job, tile)
        if not isinstance(blocks, int):
            return tiles[1] if isinstance(job.columns, int) and job.columns <= 64 else tiles[0]
        if blocks >= spec.cores:
            return tile
    return tiles[-1]


def _blocks(job: PlainProduct, tile: PlainTile) -> Dim:
    tiles = ceil_div(job.rows, tile.rows) * ceil_div(job.columns, tile.columns)
    return product(job.batch) * tiles


class PlainKernel:
    """Prints the kernel of one product."""

    def __init__(
        self, job: PlainProduct, tile: PlainTile, spec: DeviceSpec, *, tensor: bool = False
    ) -> None:
        self._job = job
        self._tile = tile
        self._tensor = tensor
        self._source = Source(spec)

    def launch(self, label: str = "") -> Launch:
        """The kernel and its arguments."""
        job, tile, source = self._job, self._tile, self._source
        if self._tensor:
            source.declare(fragment_helpers(FLOAT16, source.spec, cluster=False))
            source.declare(_TENSOR.strip("\n"))
        source.lines(self._opening())
        for name, side, lines, share in self._sides():
            self._print_loader(name, side, lines, share)
        source.lines(self._main_loop())
        source.launch_dependents()
        self._tensor_finish() if self._tensor else self._plain_finish()
        return source.launch(_blocks(job, tile), _THREADS, flops=job.flops, label=label)

    def _sides(self) -> tuple[tuple[str, Side, int, int], ...]:
        job, tile = self._job, self._tile
        return (
            ("left", job.left, tile.rows, tile.high),
            ("right", job.right, tile.columns, tile.wide),
        )

    def _opening(self) -> str:
        """Which tile this block has, and the shared memory."""
        job, tile, size = self._job, self._tile, self._source.size
        batch = []
        for axis in reversed(range(len(job.batch))):
            extent = size(job.batch[axis])
            batch.append(f"const int g{axis} = unit % (int){extent}; unit /= (int){extent};")
        return f"""
__shared__ __align__(16) float left_tile[2][{DEPTH}][{tile.rows + _PAD}];
__shared__ __align__(16) float right_tile[2][{DEPTH}][{tile.columns + _PAD}];
const int rows = (int){size(job.rows)}, columns = (int){size(job.columns)};
const int depth = (int){size(job.depth)};
const int row_tiles = (rows + {tile.rows - 1}) / {tile.rows};
const int column_tiles = (columns + {tile.columns - 1}) / {tile.columns};
int unit = blockIdx.x;
const int first_row = unit % row_tiles * {tile.rows}; unit /= row_tiles;
const int first_column = unit % column_tiles * {tile.columns}; unit /= column_tiles;
{chr(10).join(batch)}
const int thread = threadIdx.x;"""

    def _print_loader(self, name: str, side: Side, lines: int, share: int) -> None:
        """Functions `load_left(step)` into registers and `keep_left(buffer)` into shared memory."""
        source = self._source
        origin = "first_row" if name == "left" else "first_column"
        if side.along:  # a thread has one place of the depth, and several lines
            line, place = f"thread / {DEPTH} + r * 16", f"thread % {DEPTH}"
        else:
            line, place = f"thread % {lines}", f"thread / {lines} + i * {_THREADS // lines}"
        source.lines(f"float next_{name}[{share}];")
        side.prepare(source, share if side.along else 1, f"{origin} + {line}")
        with source.block(f"auto load_{name} = [&](int step)"):
            source.line("#pragma unroll")
            with source.block(f"for (int i = 0; i < {share}; ++i)"):
                source.line(f"const int r = {'i' if side.along else '0'};")
                source.line(f"const int k = step * {DEPTH} + {place};")
                source.line("float element;")
                side.element(source)
                source.line(f"next_{name}[i] = element;")
        source.line(";")
        kept = f"to_tf32(next_{name}[i])" if self._tensor else f"next_{name}[i]"
        with source.block(f"auto keep_{name} = [&](int buffer)"):
            source.line("#pragma unroll")
            with source.block(f"for (int i = 0; i < {share}; ++i)"):
                source.line(f"const int r = {'i' if side.along else '0'};")
                source.line(f"{name}_tile[buffer][{place}][{line}] = {kept};")
        source.line(";")

    def _main_loop(self) -> str:
        opening = self._tensor_opening() if self._tensor else self._plain_opening()
        step = self._tensor_step() if self._tensor else self._plain_step()
        return f"""
{opening}
const int steps = (depth + {DEPTH - 1}) / {DEPTH};
load_left(0); load_right(0);
keep_left(0); keep_right(0);
__syncthreads();
for (int step = 0; step < steps; ++step) {{
  const int buffer = step & 1;
  if (step + 1 < steps) {{ load_left(step + 1); load_right(step + 1); }}
{step}
  if (step + 1 < steps) {{ keep_left(buffer ^ 1); keep_right(buffer ^ 1); }}
  __syncthreads();
}}"""

    # Fused multiply-adds.

    def _plain_opening(self) -> str:
        tile = self._tile
        return (
            "const int across = thread % 16, down = thread / 16;\n"
            f"float sum[{tile.high}][{tile.wide}] = {{}};"
        )

    def _plain_step(self) -> str:
        tile = self._tile
        down, across = _own("i", tile.high, "down"), _own("j", tile.wide, "across")
        return f"""
#pragma unroll
  for (int k = 0; k < {DEPTH}; ++k) {{
    float a[{tile.high}], b[{tile.wide}];
#pragma unroll
    for (int i = 0; i < {tile.high}; ++i) a[i] = left_tile[buffer][k][{down}];
#pragma unroll
    for (int j = 0; j < {tile.wide}; ++j) b[j] = right_tile[buffer][k][{across}];
#pragma unroll
    for (int i = 0; i < {tile.high}; ++i)
#pragma unroll
      for (int j = 0; j < {tile.wide}; ++j) sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
  }}"""

    def _plain_finish(self) -> None:
        source, tile = self._source, self._tile
        source.lines(f"""
#pragma unroll
for (int i = 0; i < {tile.high}; ++i)
#pragma unroll
for (int j = 0; j < {tile.wide}; j += 4)""")
        with source.block():
            source.lines(f"""
const float v[4] = {{sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]}};
const int row = first_row + {_own("i", tile.high, "down")};
const int column = first_column + {_own("j", tile.wide, "across")};""")
            self._store(4)

    # Tensor cores.

    @property
    def _warps(self) -> tuple[int, int]:
        """Rows and columns of a warp, of which there are eight."""
        beside = self._tile.columns // 32
        return self._tile.rows * beside // 8, 32

    def _tensor_opening(self) -> str:
        high, wide = self._warps
        across = self._tile.columns // wide
        return f"""
const int lane = thread & 31, warp = thread >> 5;
const int warp_row = warp / {across} * {high}, warp_column = warp % {across} * {wide};
float sum[{high // 16}][{wide // 8}][4] = {{}};"""

    def _tensor_step(self) -> str:
        high, wide = self._warps
        return f"""
#pragma unroll
  for (int k = 0; k < {DEPTH}; k += 8) {{
    float a[{high // 16}][4], b[{wide // 8}][2];
    const int group = lane >> 2, place = k + (lane & 3);
#pragma unroll
    for (int i = 0; i < {high // 16}; ++i)
#pragma unroll
      for (int e = 0; e < 4; ++e)
        a[i][e] = left_tile[buffer][place + (e >> 1) * 4][warp_row + i * 16 + group + (e & 1) * 8];
#pragma unroll
    for (int j = 0; j < {wide // 8}; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e)
        b[j][e] = right_tile[buffer][place + e * 4][warp_column + j * 8 + group];
#pragma unroll
    for (int i = 0; i < {high // 16}; ++i)
#pragma unroll
      for (int j = 0; j < {wide // 8}; ++j) multiply_tf32(sum[i][j], a[i], b[j]);
  }}"""

    def _tensor_finish(self) -> None:
        source = self._source
        source.lines(f"""
#pragma unroll
for (int i = 0; i < {self._warps[0] // 16}; ++i)
#pragma unroll
for (int half = 0; half < 2; ++half)""")
        with source.block():
            source.lines("""
float whole[8];
gather_row(whole, &sum[i][0], half, lane & 3);
const int row = first_row + warp_row + i * 16 + half * 8 + (lane >> 2);
#pragma unroll
for (int part = 0; part < 2; ++part)""")
            with source.block():
                source.lines("""
const float v[4] = {whole[part * 4], whole[part * 4 + 1], whole[part * 4 + 2], whole[part * 4 + 3]};
const int column = first_column + warp_column + (lane & 3) * 8 + part * 4;""")
                self._store(4)

    def _store(self, width: int) -> None:
        """The finish of `width` columns."""
        source, job = self._source, self._job
        with source.block("if (row < rows && column < columns)"):
            if job.indices is not None:
                source.lines(job.indices(source))
            valid = None if job.whole else "column + k < columns"
            job.finish.print(source, job.names, width, valid)


def _own(index: str, count: int, thread: str) -> str:
    """Which line of a tile is a thread's number `index` of `count`: they come in fours."""
    run = min(count, 4)
    if count <= run:
        return f"{thread} * {run} + {index}"
    return f"{index} / {run} * {16 * run} + {thread} * {run} + {index} % {run}"
