# SPDX-License-Identifier: Apache-2.0
"""Tensor-core products: rows of activations times a packed weight, any epilogue behind them.

The left operand is a matrix, or the windows of an image with channels last (implicit GEMM): then
a depth step is a tap and a run of channels, and taps that leave the image read zeros. Several
depth steps are in flight (`cp.async`); fragments are loaded one step ahead of the product that
needs them. A split of the depth is added up through the shared memory of a cluster, in a fixed
order.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim, ceil_div
from ingot.dtypes import FLOAT32, DType
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch
from ingot.targets.cuda.kernels.epilogue import Epilogue, Operand, print_epilogue
from ingot.targets.cuda.kernels.fragments import fragment_helpers
from ingot.targets.cuda.kernels.tile import Tile
from ingot.targets.cuda.kernels.warpgroup import warpgroup_helpers, warpgroup_loop
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import memory_type
from ingot.targets.windows import Axis

_GROUP = 8  # row tiles that run side by side, so that they share columns in the L2 cache
_CHEAP = 12  # scalar operations for one element that are printed for every fragment


@dataclass(frozen=True)
class Matrix:
    """A left operand of `depth` contiguous elements in each row, rows `stride` apart."""

    stride: Dim


@dataclass(frozen=True)
class Windows:
    """A left operand of windows over images, a run of `channels` elements for each tap.

    Pixels are `pixel` elements apart, and so dense where that is `channels`. Of a run the first
    `used` elements count, the others are taken as 0.
    """

    vertical: Axis
    horizontal: Axis
    channels: int
    pixel: int
    used: int


@dataclass(frozen=True)
class Product:
    """`result[row, column] = epilogue(sum of left[row, k] * weights[column, k])`.

    `left` memory is a view or the key of a temporary; `weights` is the key of packed memory, which
    for float32 is rounded to TF32. `columns` is a multiple of 8; rows of `depth` elements are whole
    copies of 16 bytes.
    """

    dtype: DType
    rows: Dim
    columns: int
    depth: int
    memory: View | str
    left: Matrix | Windows
    weights: str
    epilogue: Epilogue


class ProductKernel:
    """Prints the kernel of one product."""

    def __init__(self, job: Product, tile: Tile, spec: DeviceSpec) -> None:
        self._job = job
        self._tile = tile
        self._spec = spec
        self._source = Source(spec)
        self._source.cluster = tile.split
        self._unit = 16 // job.dtype.itemsize  # elements of a copy
        self._depth = tile.depth * 2 // job.dtype.itemsize  # elements of a depth step
        self._element = memory_type(job.dtype)
        self._row_tiles = ceil_div(job.rows, tile.rows)
        self._column_tiles = -(-job.columns // tile.columns)

    def launch(self, label: str = "") -> Launch:
        """The kernel and its arguments."""
        job, tile = self._job, self._tile
        self._print()
        shared = tile.stages * tile.stage_bytes
        if self._staged:
            shared = max(shared, tile.staging_bytes)
        traffic = job.rows * (job.depth + job.columns) + job.columns * job.depth
        return self._source.launch(
            self._row_tiles * self._column_tiles * tile.split,
            tile.threads,
            shared,
            tile.residents(self._spec) if tile.groups else 0,
            flops=2 * job.rows * job.columns * job.depth,
            bytes=2 * traffic,
            label=label,
        )

    @property
    def _staged(self) -> bool:
        """Whether the tile goes through shared memory, so that the epilogue is printed once."""
        return self._tile.split > 1 or self._job.epilogue.cost > _CHEAP

    def _print(self) -> None:
        source, job, tile = self._source, self._job, self._tile
        source.declare(fragment_helpers(job.dtype, self._spec, cluster=tile.split > 1))
        if tile.groups:
            source.declare(warpgroup_helpers(job.dtype, tile))
        if isinstance(job.memory, str):
            left = source.packed(job.memory, "r", self._element)
        else:
            left = source.pointer(job.memory)
        weights = source.packed(job.weights, "r", self._element)
        source.lines(self._opening(left, weights))
        source.lines(self._rows(left))
        source.lines(self._copies())
        self._prologue()
        source.lines(warpgroup_loop(tile) if tile.groups else self._main_loop())
        if self._staged:
            self._finish_staged()
        else:
            self._finish_direct()

    def _opening(self, left: str, weights: str) -> str:
        """Who this thread is, which tile and which part of the depth its block has."""
        job, tile = self._job, self._tile
        chunks = tile.depth // 8
        steps = -(-job.depth // self._depth)
        warps = tile.rows // tile.warp_rows
        share = -(-steps // tile.split)
        part = f"blockIdx.x % {tile.split}" if tile.split > 1 else "0"
        swizzle = "(r) & 7" if tile.depth >= 64 else "((r) >> 1) & 3"
        return f"""
extern __shared__ __align__(1024) unsigned char memory[];
const u32 shared = shared_address(memory);
const int thread = threadIdx.x, lane = thread & 31, warp = thread >> 5;
const int warp_row = warp % {warps}, warp_column = warp / {warps};
const int rows = (int){self._source.size(job.rows)};
const int part = {part}, tile_number = blockIdx.x / {tile.split};
const int row_tiles = (rows + {tile.rows - 1}) / {tile.rows};
const int in_group = {_GROUP} * {self._column_tiles}, group = tile_number / in_group;
const int in_rows = min(row_tiles - group * {_GROUP}, {_GROUP});
const int row_tile = group * {_GROUP} + tile_number % in_group % in_rows;
const int column_tile = tile_number % in_group / in_rows;
const int first_row = row_tile * {tile.rows}, first_column = column_tile * {tile.columns};
const int copy_row = thread / {chunks}, chunk = thread % {chunks};
#define SWIZZLE(r) ({swizzle})
const int first_step = part * {share}, last_step = min(first_step + {share}, {steps});
const {self._element}* const left = {left};
const {self._element}* const weight = {weights}
    + (first_column + copy_row) * (long long){job.depth} + chunk * {self._unit};
float sum[{tile.warp_rows // 16}][{tile.warp_columns // 8}][4] = {{}};
"""

    @property
    def _copied(self) -> tuple[int, int, int]:
        """Rows that all threads copy at once; how often for the left tile, and for the right."""
        tile = self._tile
        at_once = tile.threads // (tile.depth // 8)
        return at_once, -(-tile.rows // at_once), -(-tile.columns // at_once)

    def _rows(self, left: str) -> str:
        """What each thread keeps of the rows that it copies."""
        at_once, times, _ = self._copied
        head = f"#pragma unroll\nfor (int i = 0; i < {times}; ++i) {{\n"
        row = f"  const int row = first_row + copy_row + i * {at_once};\n"
        if isinstance(self._job.left, Matrix):
            stride = self._source.size(self._job.left.stride)
            return (
                f"const {self._element}* row_start[{times}]; bool row_valid[{times}];\n"
                f"{head}{row}  row_valid[i] = row < rows;\n"
                f"  row_start[i] = left + (row < rows ? row : 0) * (long long){stride}"
                f" + chunk * {self._unit};\n}}"
            )
        size = self._source.size
        vertical, horizontal = self._job.left.vertical, self._job.left.horizontal
        height, width = size(vertical.size), size(horizontal.size)
        lines, pixels = size(vertical.output), size(horizontal.output)
        return f"""
long long row_start[{times}]; int row_y[{times}], row_x[{times}];
{head}{row}
  const int column = row % (int){pixels}, line = row / (int){pixels} % (int){lines};
  const int image = row / ((int){pixels} * (int){lines});
  const int y = line * {vertical.stride} - {vertical.before};
  const int x = column * {horizontal.stride} - {horizontal.before};
  row_y[i] = row < rows ? y : -(1 << 28); row_x[i] = x;
  row_start[i] = ((image * (long long){height} + y) * {width} + x) * {self._job.left.pixel};
}}"""

    def _copies(self) -> str:
        """Functions that start the copies of one depth step."""
        job, tile = self._job, self._tile
        at_once, left_times, right_times = self._copied
        inside = ""
        if job.depth % self._depth:
            inside = f"step * {self._depth} + chunk * {self._unit} < {job.depth}"
        ragged = f"first_column + copy_row + i * {at_once} < {job.columns}"
        checks = [inside, ragged if job.columns % tile.columns else ""]
        valid = " && ".join(check for check in checks if check) or "true"
        copy = f"copy16(to + slot(copy_row + i * {at_once}), valid ? from : left, valid)"
        if isinstance(job.left, Windows) and job.left.used != job.left.channels:
            copy = copy.replace("copy16", "copy_part").replace("valid)", "valid ? bytes : 0)")
        return f"""
auto slot = [&](int row) {{
  return row * {tile.depth * 2} + ((chunk ^ SWIZZLE(row)) << 4);
}};
auto copy_left = [&](u32 to, int step) {{
{self._left_step()}
#pragma unroll
  for (int i = 0; i < {left_times}; ++i) {{
    {self._guard(tile.rows, at_once)}
    {{ {self._left_source(inside)}
      {copy}; }}
  }}
}};
auto copy_right = [&](u32 to, int step) {{
#pragma unroll
  for (int i = 0; i < {right_times}; ++i) {{
    {self._guard(tile.columns, at_once)}
    {{ const bool valid = {valid};
      const {self._element}* from = weight + i * {at_once} * (long long){job.depth}
          + step * {self._depth};
      copy16(to + {tile.rows * tile.depth * 2} + slot(copy_row + i * {at_once}),
          valid ? from : left, valid); }}
  }}
}};"""

    def _guard(self, rows: int, at_once: int) -> str:
        return f"if (copy_row + i * {at_once} < {rows})" if rows % at_once else ""

    def _left_step(self) -> str:
        """The tap and channel of this thread's chunk at a step of a window's depth."""
        left, depth, unit = self._job.left, self._depth, self._unit
        if isinstance(left, Matrix):
            return ""
        window = left.horizontal.window
        if left.channels % depth == 0:
            steps = left.channels // depth
            place = (
                f"  const int tap = step / {steps};\n"
                f"  const int c = step % {steps} * {depth} + chunk * {unit};"
            )
        else:
            place = (
                f"  const int k = step * {depth} + chunk * {unit}, tap = k / {left.channels};\n"
                f"  const int c = k % {left.channels};"
            )
        width = self._source.size(left.horizontal.size)
        part, size = "", self._job.dtype.itemsize
        if left.used != left.channels:
            part = f"\n  const int bytes = min(max({left.used} - c, 0), {unit}) * {size};"
        return f"""{place}
  const int dy = tap / {window} * {left.vertical.dilation};
  const int dx = tap % {window} * {left.horizontal.dilation};
  const long long move = (dy * (long long){width} + dx) * {left.pixel} + c;{part}"""

    def _left_source(self, inside: str) -> str:
        left = self._job.left
        also = f" && {inside}" if inside else ""
        if isinstance(left, Matrix):
            start = f"row_start[i] + step * {self._depth}"
            return f"const {self._element}* from = {start}; const bool valid = row_valid[i]{also};"
        height, width = (self._source.size(axis.size) for axis in (left.vertical, left.horizontal))
        return (
            f"const bool valid = (unsigned)(row_y[i] + dy) < (unsigned){height}\n"
            f"          && (unsigned)(row_x[i] + dx) < (unsigned){width}{also};\n"
            f"      const {self._element}* from = left + row_start[i] + move;"
        )

    def _prologue(self) -> None:
        """Weights may be read before the kernels ahead are done, activations only after."""
        source, tile = self._source, self._tile
        loop = (
            f"#pragma unroll\nfor (int s = 0; s < {tile.stages - 1}; ++s) "
            "if (first_step + s < last_step)"
        )
        source.lines(f"{loop} copy_right(shared + s * {tile.stage_bytes}, first_step + s);")
        source.wait()
        source.launch_dependents()
        source.lines(f"""
#pragma unroll
for (int s = 0; s < {tile.stages - 1}; ++s) {{
  if (first_step + s < last_step) copy_left(shared + s * {tile.stage_bytes}, first_step + s);
  commit();
}}""")
        for _, operand in self._job.epilogue.loads:
            if self._is_far(operand):
                source.lines(self._prefetch(operand))

    def _is_far(self, operand: Operand) -> bool:
        """Whether an operand of the epilogue is as large as the result and not in the L2 cache."""
        count = self._job.rows * self._job.columns
        large = not isinstance(count, int) or 16 * count > self._spec.l2
        return large and operand.row != 0 and operand.column == 1

    def _prefetch(self, operand: Operand) -> str:
        """Bring the tile's part of an operand nearer while the product is computed."""
        source, tile, size = self._source, self._tile, operand.view.dtype.itemsize
        line = min(128 // size, tile.columns)
        lines = tile.columns // line
        place = operand.place(source, source.pointer(operand.view))
        return f"""
for (int e = thread; e < {tile.rows * lines}; e += {tile.threads}) {{
  const int row = first_row + e / {lines}, column = first_column + e % {lines} * {line};
  if ({self._valid}) prefetch({place});
}}"""

    def _main_loop(self) -> str:
        tile = self._tile
        high, wide = tile.warp_rows // 16, tile.warp_columns // 16
        steps, row_bytes, stage = tile.depth // 16, tile.depth * 2, tile.stage_bytes
        rounding = ""
        if self._job.dtype == FLOAT32:  # the weight was rounded when it was packed
            rounding = f"""
#pragma unroll
  for (int i = 0; i < {high}; ++i)
#pragma unroll
    for (int e = 0; e < 4; ++e) a[buffer][i][e] = to_tf32(a[buffer][i][e]);"""
        return f"""
u32 a[2][{high}][4], b[2][{wide}][4];
auto load_fragments = [&](int buffer, u32 from, int k) {{
#pragma unroll
  for (int i = 0; i < {high}; ++i)
    load_matrices(a[buffer][i][0], a[buffer][i][1], a[buffer][i][2], a[buffer][i][3],
        from + (warp_row * {tile.warp_rows} + i * 16 + (lane & 15)) * {row_bytes}
            + (((k * 2 + (lane >> 4)) ^ SWIZZLE(lane & 15)) << 4));
#pragma unroll
  for (int j = 0; j < {wide}; ++j)
    load_matrices(b[buffer][j][0], b[buffer][j][1], b[buffer][j][2], b[buffer][j][3],
        from + {tile.rows * row_bytes}
            + (warp_column * {tile.warp_columns} + j * 16 + (lane & 7) + ((lane >> 4) << 3))
                * {row_bytes}
            + (((k * 2 + ((lane >> 3) & 1))
                ^ SWIZZLE((lane & 7) + ((lane >> 4) << 3))) << 4));{rounding}
}};
int write = {tile.stages - 1};
u32 read = shared;
await<{tile.stages - 2}>();
__syncthreads();
load_fragments(0, read, 0);
for (int step = first_step; step < last_step; ++step) {{
#pragma unroll
  for (int k = 0; k < {steps}; ++k) {{
    if (k == {steps - 1}) {{
      await<{tile.stages - 2}>();
      __syncthreads();
      read = read == shared + {(tile.stages - 1) * stage} ? shared : read + {stage};
    }}
    load_fragments((k + 1) & 1, read, (k + 1) % {steps});
    if (k == 0) {{
      const int next = step + {tile.stages - 1};
      if (next < last_step) {{
        copy_left(shared + write * {stage}, next);
        copy_right(shared + write * {stage}, next);
      }}
      commit();
      write = write == {tile.stages - 1} ? 0 : write + 1;
    }}
#pragma unroll
    for (int i = 0; i < {high}; ++i)
#pragma unroll
      for (int j = 0; j < {2 * wide}; ++j)
        multiply(sum[i][j], a[k & 1][i], b[k & 1][j / 2][(j & 1) * 2],
            b[k & 1][j / 2][(j & 1) * 2 + 1]);
  }}
}}"""

    @property
    def _valid(self) -> str:
        ragged = self._job.columns % self._tile.columns
        return "row < rows" + (f" && column < {self._job.columns}" if ragged else "")

    def _finish_direct(self) -> None:
        """Every fragment through the epilogue, eight neighbouring columns a lane."""
        source, tile = self._source, self._tile
        source.lines(f"""
#pragma unroll
for (int i = 0; i < {tile.warp_rows // 16}; ++i)
#pragma unroll
for (int half = 0; half < 2; ++half)
#pragma unroll
for (int j = 0; j < {tile.warp_columns // 8}; j += 4)""")
        with source.block():
            source.lines(f"""
float v[8];
gather_row(v, &sum[i][j], half, lane & 3);
const int row = first_row + warp_row * {tile.warp_rows} + i * 16 + half * 8 + (lane >> 2);
const int column = first_column + warp_column * {tile.warp_columns} + j * 8 + (lane & 3) * 8;""")
            with source.block(f"if ({self._valid})"):
                print_epilogue(source, self._job.epilogue, self._job.dtype)

    def _finish_staged(self) -> None:
        """The tile through shared memory; the parts of a split are added in their order."""
        source, tile = self._source, self._tile
        pitch, chunks, split = tile.columns + 8, tile.columns // 8, tile.split
        source.lines(f"""
await<0>();
__syncthreads();
float* const staged = (float*)memory;
#pragma unroll
for (int i = 0; i < {tile.warp_rows // 16}; ++i)
#pragma unroll
for (int half = 0; half < 2; ++half)
#pragma unroll
for (int j = 0; j < {tile.warp_columns // 8}; ++j)
  *(float2*)(staged
      + (warp_row * {tile.warp_rows} + i * 16 + half * 8 + (lane >> 2)) * {pitch}
      + warp_column * {tile.warp_columns} + j * 8 + (lane & 3) * 2)
      = make_float2(sum[i][j][2 * half], sum[i][j][2 * half + 1]);
{"cluster_sync();" if split > 1 else "__syncthreads();"}
#pragma unroll 1""")
        start, stride = f"part * {tile.threads} + thread", tile.threads * split
        with source.block(f"for (int e = {start}; e < {tile.rows * chunks}; e += {stride})"):
            source.lines(f"""
const int local = e / {chunks}, offset = local * {pitch} + e % {chunks} * 8;
const int row = first_row + local, column = first_column + e % {chunks} * 8;""")
            with source.block(f"if ({self._valid})"):
                source.lines(self._gathered())
                print_epilogue(source, self._job.epilogue, self._job.dtype)
        if split > 1:
            source.line("cluster_sync();")

    def _gathered(self) -> str:
        """Eight columns of the staged tile, or the sum of all parts' tiles."""
        if self._tile.split == 1:
            return """
float v[8];
*(float4*)v = *(const float4*)(staged + offset);
*(float4*)(v + 4) = *(const float4*)(staged + offset + 4);"""
        return f"""
float v[8] = {{}};
#pragma unroll
for (int peer = 0; peer < {self._tile.split}; ++peer) {{
  const float4 x = load_peer(shared + offset * 4, peer);
  const float4 y = load_peer(shared + offset * 4 + 16, peer);
  v[0] += x.x; v[1] += x.y; v[2] += x.z; v[3] += x.w;
  v[4] += y.x; v[5] += y.y; v[6] += y.z; v[7] += y.w;
}}"""
