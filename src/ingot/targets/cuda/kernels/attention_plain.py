# SPDX-License-Identifier: Apache-2.0
"""Attention without tensor cores, in fp32: any float type, any strides.

Eight neighbouring threads have two query rows. They deal a tile's keys out among them for the
scores, and the result's columns for the weighted sum of values.
"""

from __future__ import annotations

from ingot.kernel.view import View
from ingot.targets.cuda.kernels.attention_problem import INFINITY, Problem
from ingot.targets.cuda.kernels.finish import address
from ingot.targets.cuda.operators import from_memory
from ingot.targets.cuda.source import Source

_KEYS = 32  # keys in a tile
_SHARE = 8  # threads that share rows
_OWN = 2  # rows of a thread


class PlainForm:
    """Prints the kernel of one attention."""

    rows = 32
    threads = rows // _OWN * _SHARE

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._query_row = problem.depth | 1  # odd: neighbouring rows in different banks
        self._value_row = problem.width | 1
        self._columns = -(-problem.width // _SHARE)

    @property
    def shared(self) -> int:
        """Bytes of shared memory."""
        floats = (self.rows + _KEYS) * self._query_row + _KEYS * self._value_row
        return 4 * (floats + self.rows * (_KEYS + 1))

    def print(self, source: Source) -> int:
        """Print the whole kernel; its bytes of shared memory."""
        problem = self._problem
        problem.print_unit(source, self.rows)
        problem.print_score(source)
        source.lines(self._opening())
        self._copy(source, "query", problem.query, "queries", "first_row", self.rows)
        with source.block(f"for (int first = 0; first < seen; first += {_KEYS})"):
            source.line("__syncthreads();")
            self._copy(source, "key", problem.key, "keys", "first", _KEYS)
            self._copy(source, "value", problem.value, "keys", "first", _KEYS)
            source.line("__syncthreads();")
            source.lines(self._scores())
            source.lines(self._soften())
            source.lines(self._mix())
        source.launch_dependents()
        self._finish(source)
        return self.shared

    def _opening(self) -> str:
        tall, wide = self.rows, self._columns
        return f"""
extern __shared__ __align__(16) unsigned char memory[];
float* const query_tile = (float*)memory;
float* const key_tile = query_tile + {tall * self._query_row};
float* const value_tile = key_tile + {_KEYS * self._query_row};
float* const powers = value_tile + {_KEYS * self._value_row};
const int share = threadIdx.x % {_SHARE}, own = threadIdx.x / {_SHARE} * {_OWN};
float mixed[{_OWN}][{wide}] = {{}};
float top[{_OWN}], total[{_OWN}];
#pragma unroll
for (int r = 0; r < {_OWN}; ++r) {{ top[r] = -{INFINITY}; total[r] = 0.0f; }}"""

    def _copy(
        self, source: Source, name: str, view: View, count: str, first: str, rows: int
    ) -> None:
        """Rows of a head as floats into shared memory, zeros beyond the last."""
        size = view.shape[-1]
        pitch = self._value_row if name == "value" else self._query_row
        head = f"for (int e = threadIdx.x; e < {rows * int(str(size))}; e += {self.threads})"
        with source.block(head):
            source.line(f"const int local = e / {size}, column = e % {size};")
            source.line(f"const int row = {first} + local;")
            place = address(source, f"{name}_head", ["row", "column"], view.strides[-2:])
            entry = from_memory(source, view.dtype, f"*({place})")
            source.line(f"{name}_tile[local * {pitch} + column] = row < {count} ? {entry} : 0.0f;")

    def _scores(self) -> str:
        each = _KEYS // _SHARE
        return f"""
float s[{_OWN}][{each}] = {{}};
for (int d = 0; d < {self._problem.depth}; ++d) {{
#pragma unroll
  for (int r = 0; r < {_OWN}; ++r)
#pragma unroll
    for (int j = 0; j < {each}; ++j)
      s[r][j] = fmaf(query_tile[(own + r) * {self._query_row} + d],
          key_tile[(j * {_SHARE} + share) * {self._query_row} + d], s[r][j]);
}}"""

    def _soften(self) -> str:
        each = _KEYS // _SHARE
        return f"""
#pragma unroll
for (int r = 0; r < {_OWN}; ++r) {{
  float greatest = top[r];
#pragma unroll
  for (int j = 0; j < {each}; ++j) {{
    s[r][j] = score(s[r][j], first_row + own + r, first + j * {_SHARE} + share);
    greatest = fmaxf(greatest, s[r][j]);
  }}
#pragma unroll
  for (int d = 1; d < {_SHARE}; d <<= 1)
    greatest = fmaxf(greatest, __shfl_xor_sync(~0u, greatest, d));
  const float safe = greatest == -{INFINITY} ? 0.0f : greatest;
  const float shrink = expf(top[r] - safe);
  top[r] = greatest;
  float sum = 0.0f;
#pragma unroll
  for (int j = 0; j < {each}; ++j) {{
    const float power = expf(s[r][j] - safe);
    powers[(own + r) * {_KEYS + 1} + j * {_SHARE} + share] = power;
    sum += power;
  }}
  total[r] = total[r] * shrink + sum;
#pragma unroll
  for (int j = 0; j < {self._columns}; ++j) mixed[r][j] *= shrink;
}}
__syncwarp();"""

    def _mix(self) -> str:
        width = self._problem.width
        ragged = f"j * {_SHARE} + share < {width}" if width % _SHARE else "true"
        place = f"key * {self._value_row} + j * {_SHARE} + share"
        return f"""
for (int key = 0; key < {_KEYS}; ++key) {{
#pragma unroll
  for (int j = 0; j < {self._columns}; ++j) {{
    const float value = {ragged} ? value_tile[{place}] : 0.0f;
#pragma unroll
    for (int r = 0; r < {_OWN}; ++r)
      mixed[r][j] = fmaf(powers[(own + r) * {_KEYS + 1} + key], value, mixed[r][j]);
  }}
}}
__syncwarp();"""

    def _finish(self, source: Source) -> None:
        source.lines(f"""
#pragma unroll
for (int r = 0; r < {_OWN}; ++r) {{
#pragma unroll
  for (int d = 1; d < {_SHARE}; d <<= 1) total[r] += __shfl_xor_sync(~0u, total[r], d);
}}
#pragma unroll
for (int r = 0; r < {_OWN}; ++r)
#pragma unroll
for (int j = 0; j < {self._columns}; ++j)""")
        with source.block():
            source.lines(f"""
const int row = first_row + own + r, column = j * {_SHARE} + share;
const float v[1] = {{total[r] == 0.0f ? 0.0f : mixed[r][j] / total[r]}};""")
            with source.block(f"if (row < queries && column < {self._problem.width})"):
                self._problem.finish.print(source, self._problem.names, 1)
