# SPDX-License-Identifier: Apache-2.0
"""Attention on tensor cores: each warp has 16 query rows.

Where blocks are few, several warps share the same rows: each takes other keys, and what they found
is joined in the end.

Keys and values come through shared memory, the next tile while the present one is worked on
(`cp.async`). Rows there are one 16-byte chunk longer than their elements, which makes them an odd
number of chunks, so `ldmatrix` meets no bank conflict.
"""

from __future__ import annotations

from ingot.dtypes import FLOAT16
from ingot.spec import DeviceSpec
from ingot.targets.cuda.kernels.attention_problem import INFINITY, Problem, float_text
from ingot.targets.cuda.kernels.fragments import fragment_helpers
from ingot.targets.cuda.source import Source

_KEYS = 64  # keys in a tile
_LOG2_E = 1.4426950408889634
_DEVICE = "static __device__ __forceinline__ "
_HELPERS = """
@ void load_transposed(u32& a, u32& b, u32& c, u32& d, u32 p) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
      : "=r"(a), "=r"(b), "=r"(c), "=r"(d) : "r"(p) : "memory");
}
@ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
@ u32 pair(float low, float high) {
  u32 bits;
  PAIR
  return bits;
}
"""
_PAIR = 'asm("cvt.rn.TYPEx2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));'
_PAIR_BY_PARTS = (
    'asm("{ .reg .b16 l, h; cvt.rn.f16.f32 l, %1; cvt.rn.f16.f32 h, %2; mov.b32 %0, {l, h}; }"\n'
    '      : "=r"(bits) : "f"(low), "f"(high));'
)


class TensorForm:
    """Prints the kernel of one attention for blocks of `warps` x `parts` warps.

    `parts` warps have the same query rows, and each a part of the keys.
    """

    def __init__(self, problem: Problem, warps: int, parts: int, spec: DeviceSpec) -> None:
        self._problem = problem
        self._warps, self._parts = warps, parts
        self._spec = spec
        self._async = "async_copy" in spec.features
        self._depth = -(-problem.depth // 16) * 16
        self._width = -(-problem.width // 16) * 16
        self._key_row = self._depth * 2 + 16
        self._value_row = self._width * 2 + 16
        self._keys = _KEYS * parts  # of a tile, and of a step
        self._stage = self._keys * (self._key_row + self._value_row)

    @property
    def threads(self) -> int:
        """Threads in a block."""
        return 32 * self._warps * self._parts

    @property
    def shared(self) -> int:
        """Bytes of shared memory."""
        once = isinstance(self._problem.keys, int) and self._problem.keys <= self._keys
        stages = 2 if self._async and not once else 1
        tiles = 16 * self._warps * self._key_row + stages * self._stage
        return max(tiles, (self._parts - 1) * self._warps * self._kept * 128)

    @property
    def _sums(self) -> int:
        """Tiles of eight columns that a warp keeps sums of."""
        return -(-self._width // 32) * 4

    @property
    def _kept(self) -> int:
        """What a lane hands on where parts are joined: sums, totals, greatest scores."""
        return 4 * self._sums + 4

    def print(self, source: Source) -> int:
        """Print the whole kernel; its bytes of shared memory."""
        dtype = self._problem.query.dtype
        source.declare(fragment_helpers(dtype, self._spec, cluster=False))
        kind = "f16" if dtype == FLOAT16 else "bf16"
        pair = _PAIR.replace("TYPE", kind) if self._async else _PAIR_BY_PARTS
        source.declare(_HELPERS.replace("PAIR", pair).replace("@ ", _DEVICE).strip("\n"))
        self._problem.print_unit(source, 16 * self._warps)
        self._problem.print_score(source)
        source.wait()
        source.lines(self._opening(source))
        with source.block("for (int step = 0; step < steps; ++step)"):
            source.lines(self._next_tile())
            source.lines(self._scores())
            source.lines(self._soften())
            source.lines(self._mix())
        source.launch_dependents()
        if self._parts > 1:
            source.lines(self._join())
        self._finish(source)
        return self.shared

    @property
    def _raw(self) -> bool:
        """Whether scores stay products, with the scale inside the powers' factor."""
        return self._problem.mask is None and self._problem.scale > 0

    @property
    def _factor(self) -> str:
        return float_text(_LOG2_E * (self._problem.scale if self._raw else 1.0))

    def _copies(self, name: str, rows: int, elements: int, padded: int) -> str:
        """Copy `rows` rows of `elements` into rows of `padded` ones; zeros beyond the edges."""
        chunks = padded // 8
        threads = self.threads
        inside = f" && chunk < {elements // 8}" if elements != padded else ""
        return f"""
for (int e = threadIdx.x; e < {rows * chunks}; e += {threads}) {{
  const int local = e / {chunks}, chunk = e % {chunks}, row = first + local;
  const bool valid = row < count{inside};
  copy16(to + local * {padded * 2 + 16} + chunk * 16,
      valid ? {name}_head + row * (long long){name}_stride + chunk * 8 : {name}_head, valid);
}}"""

    def _opening(self, source: Source) -> str:
        problem, rows = self._problem, 16 * self._warps
        strides = [
            f"const long long {name}_stride = {source.size(view.strides[-2])};"
            for name, view in zip(
                ("query", "key", "value"), (problem.query, problem.key, problem.value), strict=True
            )
        ]
        start = "if (steps > 0) copy_tile(0);" if self._async else ""
        return f"""
extern __shared__ __align__(128) unsigned char memory[];
const u32 shared = shared_address(memory), tiles = shared + {rows * self._key_row};
const int lane = threadIdx.x & 31, warp = (threadIdx.x >> 5) % {self._warps};
const int part = (threadIdx.x >> 5) / {self._warps};
{chr(10).join(strides)}
auto copy_queries = [&](u32 to, int first, int count) {{
#pragma unroll{self._copies("query", rows, problem.depth, self._depth)}
}};
auto copy_tile = [&](int step) {{
  const int first = step * {self._keys}, count = keys;
  u32 to = tiles + {f"(step & 1) * {self._stage}" if self._async else "0"};
#pragma unroll{self._copies("key", self._keys, problem.depth, self._depth)}
  to += {self._keys * self._key_row};
#pragma unroll{self._copies("value", self._keys, problem.width, self._width)}
}};
const int steps = (seen + {self._keys - 1}) / {self._keys};
copy_queries(shared, first_row, queries);
commit();
{start}
commit();
await<1>();
__syncthreads();
u32 q[{self._depth // 16}][4];
#pragma unroll
for (int k = 0; k < {self._depth // 16}; ++k)
  load_matrices(q[k][0], q[k][1], q[k][2], q[k][3],
      shared + (warp * 16 + (lane & 15)) * {self._key_row} + (k * 2 + (lane >> 4)) * 16);
const int own_row = first_row + warp * 16 + (lane >> 2);
float mixed[{self._sums}][4] = {{}};
float top[2] = {{-{INFINITY}, -{INFINITY}}}, total[2] = {{0.0f, 0.0f}};"""

    def _next_tile(self) -> str:
        """Wait for this step's tile; start the copies of the next."""
        if not self._async:
            return """
__syncthreads();
copy_tile(step);
__syncthreads();
const u32 step_tile = tiles;"""
        return f"""
await<0>();
__syncthreads();
if (step + 1 < steps) copy_tile(step + 1);
commit();
const u32 step_tile = tiles + (step & 1) * {self._stage};"""

    def _scores(self) -> str:
        problem = self._problem
        conditions = [f"first_key + {_KEYS} <= keys"]
        if problem.causal:
            conditions.append(f"first_key + {_KEYS - 1} <= first_row + warp * 16 + offset")
        whole = "false" if problem.mask is not None else " && ".join(conditions)
        scaled = "" if self._raw else f" * {float_text(problem.scale)}"
        undone = f"s == -{INFINITY} ? s : c[j][e]" if self._raw else "s"
        return f"""
const int first_key = step * {self._keys} + part * {_KEYS};
const u32 key_tile = step_tile + part * {_KEYS * self._key_row};
const u32 value_tile = step_tile + {self._keys * self._key_row} + part * {_KEYS * self._value_row};
float c[{_KEYS // 8}][4] = {{}};
#pragma unroll
for (int k = 0; k < {self._depth // 16}; ++k)
#pragma unroll
  for (int j = 0; j < {_KEYS // 16}; ++j) {{
    u32 b[4];
    load_matrices(b[0], b[1], b[2], b[3],
        key_tile + (j * 16 + (lane & 7) + ((lane >> 4) << 3)) * {self._key_row}
            + (k * 2 + ((lane >> 3) & 1)) * 16);
    multiply(c[2 * j], q[k], b[0], b[1]);
    multiply(c[2 * j + 1], q[k], b[2], b[3]);
  }}
if ({whole}) {{
#pragma unroll
  for (int j = 0; j < {_KEYS // 8}; ++j)
#pragma unroll
    for (int e = 0; e < 4; ++e) c[j][e] = c[j][e]{scaled};
}} else {{
#pragma unroll
  for (int j = 0; j < {_KEYS // 8}; ++j)
#pragma unroll
    for (int e = 0; e < 4; ++e) {{
      const int key = first_key + j * 8 + (lane & 3) * 2 + (e & 1);
      const float s = score(c[j][e], own_row + (e >> 1) * 8, key);
      c[j][e] = {undone};
    }}
}}"""

    def _soften(self) -> str:
        """Scores to powers of the distance from the greatest."""
        factor = self._factor
        if self._raw:
            power = f"exp2_fast(fmaf(c[j][2 * half + e], {factor}, -base))"
            base = f"const float base = safe * {factor};"
        else:
            power = f"exp2_fast((c[j][2 * half + e] - safe) * {factor})"
            base = ""
        return f"""
#pragma unroll
for (int half = 0; half < 2; ++half) {{
  float greatest = top[half];
#pragma unroll
  for (int j = 0; j < {_KEYS // 8}; ++j)
    greatest = fmaxf(greatest, fmaxf(c[j][2 * half], c[j][2 * half + 1]));
  greatest = fmaxf(greatest, __shfl_xor_sync(~0u, greatest, 1));
  greatest = fmaxf(greatest, __shfl_xor_sync(~0u, greatest, 2));
  const float safe = greatest == -{INFINITY} ? 0.0f : greatest;
  const float shrink = exp2_fast((top[half] - safe) * {factor});
  {base}
  top[half] = greatest;
  float sum = 0.0f;
#pragma unroll
  for (int j = 0; j < {_KEYS // 8}; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {{
      const float power = {power};
      c[j][2 * half + e] = power;
      sum += power;
    }}
  total[half] = total[half] * shrink + sum;
#pragma unroll
  for (int i = 0; i < {self._width // 8}; ++i) {{
    mixed[i][2 * half] *= shrink;
    mixed[i][2 * half + 1] *= shrink;
  }}
}}"""

    def _mix(self) -> str:
        """Add the values, weighted by the powers."""
        return f"""
#pragma unroll
for (int k = 0; k < {_KEYS // 16}; ++k) {{
  const u32 p[4] = {{
      pair(c[2 * k][0], c[2 * k][1]), pair(c[2 * k][2], c[2 * k][3]),
      pair(c[2 * k + 1][0], c[2 * k + 1][1]), pair(c[2 * k + 1][2], c[2 * k + 1][3])}};
#pragma unroll
  for (int j = 0; j < {self._width // 16}; ++j) {{
    u32 b[4];
    load_transposed(b[0], b[1], b[2], b[3],
        value_tile + (k * 16 + (lane & 15)) * {self._value_row} + (j * 2 + (lane >> 4)) * 16);
    multiply(mixed[2 * j], p, b[0], b[1]);
    multiply(mixed[2 * j + 1], p, b[2], b[3]);
  }}
}}"""

    def _join(self) -> str:
        """Hand what a part found to the first part; the sums are scaled to the greatest score."""
        factor = self._factor
        return f"""
__syncthreads();
float* const kept = (float*)memory + lane;
if (part > 0) {{
  float* const own = kept + ((part - 1) * {self._warps} + warp) * {self._kept * 32};
#pragma unroll
  for (int i = 0; i < {self._sums}; ++i)
#pragma unroll
    for (int e = 0; e < 4; ++e) own[(i * 4 + e) * 32] = mixed[i][e];
#pragma unroll
  for (int half = 0; half < 2; ++half) {{
    own[({4 * self._sums} + half) * 32] = total[half];
    own[({4 * self._sums + 2} + half) * 32] = top[half];
  }}
}}
__syncthreads();
if (part > 0) return;
#pragma unroll 1
for (int other = 0; other < {self._parts - 1}; ++other) {{
  const float* const found = kept + (other * {self._warps} + warp) * {self._kept * 32};
#pragma unroll
  for (int half = 0; half < 2; ++half) {{
    const float greater = fmaxf(top[half], found[({4 * self._sums + 2} + half) * 32]);
    const float safe = greater == -{INFINITY} ? 0.0f : greater;
    const float mine = exp2_fast((top[half] - safe) * {factor});
    const float its = exp2_fast((found[({4 * self._sums + 2} + half) * 32] - safe) * {factor});
    top[half] = greater;
    total[half] = total[half] * mine + found[({4 * self._sums} + half) * 32] * its;
#pragma unroll
    for (int i = 0; i < {self._sums}; ++i)
#pragma unroll
      for (int e = 2 * half; e < 2 * half + 2; ++e)
        mixed[i][e] = mixed[i][e] * mine + found[(i * 4 + e) * 32] * its;
  }}
}}"""

    def _finish(self, source: Source) -> None:
        problem = self._problem
        source.lines(f"""
#pragma unroll
for (int half = 0; half < 2; ++half) {{
  float sum = total[half];
  sum += __shfl_xor_sync(~0u, sum, 1);
  sum += __shfl_xor_sync(~0u, sum, 2);
  const float factor = sum == 0.0f ? 0.0f : 1.0f / sum;
#pragma unroll
  for (int i = 0; i < {self._sums}; ++i) {{
    mixed[i][2 * half] *= factor;
    mixed[i][2 * half + 1] *= factor;
  }}
}}
#pragma unroll
for (int half = 0; half < 2; ++half)
#pragma unroll
for (int i = 0; i < {self._sums}; i += 4)""")
        with source.block():
            source.lines("""
float v[8];
gather_row(v, &mixed[i], half, lane & 3);
const int row = own_row + half * 8, column = i * 8 + (lane & 3) * 8;""")
            with source.block(f"if (row < queries && column < {problem.width})"):
                problem.finish.print(source, problem.names, 8)
