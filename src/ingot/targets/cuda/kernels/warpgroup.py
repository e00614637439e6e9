# SPDX-License-Identifier: Apache-2.0
"""Products by warpgroups (`wgmma`, sm_90): four warps multiply 64 rows straight from shared memory.

Tiles have the layout of `fragments.py` with rows of 128 bytes, which is the hardware's 128-byte
swizzle; so the copies are the same, and a step needs no loads of fragments. What a lane holds in
the end is what `mma.sync` gives it too.
"""

from __future__ import annotations

from ingot.dtypes import BFLOAT16, DType
from ingot.targets.cuda.kernels.tile import Tile

_DEVICE = "static __device__ __forceinline__ "
# A tile's descriptor: address, and 64 units of 16 bytes from eight rows to the next eight;
# bit 62 stands for the 128-byte swizzle.
_HELPERS = """
typedef unsigned long long u64;
@ u64 describe(u32 tile) {
  return (u64)((tile & 0x3ffff) >> 4) | 1ull << 16 | 64ull << 32 | 1ull << 62;
}
@ void publish_tile() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
@ void begin_products() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
@ void commit_products() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
@ void await_products() { asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory"); }
@ void multiply_tile(float* c, u64 a, u64 b) {
  asm volatile("{ .reg .pred p; setp.ne.b32 p, 1, 0; "
      "wgmma.mma_async.sync.aligned.m64nCOLUMNSk16.f32.TYPE.TYPE "
      "{REGISTERS}, %COUNT, %NEXT, p, 1, 1, 0, 0; }"
      : OUTPUTS : "l"(a), "l"(b));
}
"""


def warpgroup_helpers(dtype: DType, tile: Tile) -> str:
    """The functions for products of `tile` with operands of `dtype` (fp16 or bf16)."""
    count = tile.warp_columns // 2  # a lane's sums
    text = _HELPERS.replace("REGISTERS", ", ".join(f"%{number}" for number in range(count)))
    text = text.replace("OUTPUTS", ", ".join(f'"+f"(c[{number}])' for number in range(count)))
    text = text.replace("COLUMNS", str(tile.warp_columns)).replace("COUNT", str(count))
    text = text.replace("NEXT", str(count + 1))
    text = text.replace("TYPE", "bf16" if dtype == BFLOAT16 else "f16")
    return text.replace("@ ", _DEVICE).strip("\n")


def warpgroup_loop(tile: Tile) -> str:
    """All depth steps of a block, over `copy_left` and `copy_right`; sums end up in `sum`."""
    stage = tile.stage_bytes
    return f"""
int write = {tile.stages - 1};
u32 read = shared;
for (int step = first_step; step < last_step; ++step) {{
  await<{tile.stages - 2}>();
  publish_tile();
  __syncthreads();
  const u64 rows_tile = describe(read + (warp_row >> 2) * {64 * tile.depth * 2});
  const u64 columns_tile = describe(read + {tile.rows * tile.depth * 2}
      + warp_column * {tile.warp_columns * tile.depth * 2});
  begin_products();
#pragma unroll
  for (int k = 0; k < {tile.depth // 16}; ++k)
    multiply_tile(&sum[0][0][0], rows_tile + 2 * k, columns_tile + 2 * k);
  commit_products();
  const int next = step + {tile.stages - 1};
  if (next < last_step) {{
    copy_left(shared + write * {stage}, next);
    copy_right(shared + write * {stage}, next);
  }}
  commit();
  write = write == {tile.stages - 1} ? 0 : write + 1;
  read = read == shared + {(tile.stages - 1) * stage} ? shared : read + {stage};
  await_products();
}}"""
