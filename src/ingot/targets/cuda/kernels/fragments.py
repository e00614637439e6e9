# SPDX-License-Identifier: Apache-2.0
"""Device functions of the tensor-core families: copies into shared memory, fragments, products.

One layout in shared memory serves every tile: rows of `depth` 16-bit elements, their 16-byte chunks
exchanged by the row number, so that neither the copies nor `ldmatrix` meet bank conflicts.
"""

from __future__ import annotations

from ingot.dtypes import BFLOAT16, FLOAT32, DType
from ingot.spec import DeviceSpec

_DEVICE = "static __device__ __forceinline__ "

_COMMON = """
typedef unsigned int u32;
@ u32 shared_address(const void* p) {
  u32 a;
  asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(a) : "l"(p));
  return a;
}
@ uint4 load16(const void* p) {
  uint4 r;
  asm volatile("ld.global.v4.u32 {%0, %1, %2, %3}, [%4];"
      : "=r"(r.x), "=r"(r.y), "=r"(r.z), "=r"(r.w) : "l"(p) : "memory");
  return r;
}
@ void prefetch(const void* p) { asm volatile("prefetch.global.L2 [%0];" :: "l"(p)); }
@ void load_matrices(u32& a, u32& b, u32& c, u32& d, u32 p) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
      : "=r"(a), "=r"(b), "=r"(c), "=r"(d) : "r"(p) : "memory");
}
// Exchange pairs within a quad: in, r[j] is this lane's pair of column tile j; out, lane q holds
// the whole rows of tile q.
@ void exchange(float& r0, float& r1, float& r2, float& r3, int quad) {
  float x;
  const bool odd = quad & 1, high = quad & 2;
  x = odd ? r0 : r1; x = __shfl_xor_sync(~0u, x, 1); if (odd) r0 = x; else r1 = x;
  x = odd ? r2 : r3; x = __shfl_xor_sync(~0u, x, 1); if (odd) r2 = x; else r3 = x;
  x = high ? r0 : r2; x = __shfl_xor_sync(~0u, x, 2); if (high) r0 = x; else r2 = x;
  x = high ? r1 : r3; x = __shfl_xor_sync(~0u, x, 2); if (high) r1 = x; else r3 = x;
}
@ void gather_row(float (&v)[8], float (*tile)[4], int half, int quad) {
  float a0 = tile[0][2 * half], a1 = tile[1][2 * half];
  float a2 = tile[2][2 * half], a3 = tile[3][2 * half];
  float b0 = tile[0][2 * half + 1], b1 = tile[1][2 * half + 1];
  float b2 = tile[2][2 * half + 1], b3 = tile[3][2 * half + 1];
  exchange(a0, a1, a2, a3, quad);
  exchange(b0, b1, b2, b3, quad);
  v[0] = a0; v[1] = b0; v[2] = a1; v[3] = b1; v[4] = a2; v[5] = b2; v[6] = a3; v[7] = b3;
}
"""
_ASYNC = """
// Of 16 bytes the first `bytes` are copied, the others are 0.
@ void copy_part(u32 to, const void* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
      :: "r"(to), "l"(from), "r"(bytes) : "memory");
}
@ void copy16(u32 to, const void* from, bool valid) { copy_part(to, from, valid ? 16 : 0); }
@ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N> @ void await() {
  asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory");
}
"""
_SINGLE = """
@ u32 to_tf32(u32 bits) {
  const float x = __uint_as_float(bits);
  u32 y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return y;
}
@ void multiply(float* c, const u32* a, u32 b0, u32 b1) {
  const u32 b[2] = {b0, b1};
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
"""
_HALF = """
@ void multiply(float* c, const u32* a, u32 b0, u32 b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.TYPE.TYPE.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
"""
_TURING = """
@ void copy_part(u32 to, const void* from, int bytes) {
  uint4 q = bytes ? load16(from) : make_uint4(0, 0, 0, 0);
  if (bytes <= 12) q.w = 0;
  if (bytes <= 8) q.z = 0;
  if (bytes <= 4) q.y = 0;
  asm volatile("st.shared.v4.u32 [%0], {%1, %2, %3, %4};"
      :: "r"(to), "r"(q.x), "r"(q.y), "r"(q.z), "r"(q.w) : "memory");
}
@ void copy16(u32 to, const void* from, bool valid) { copy_part(to, from, valid ? 16 : 0); }
@ void commit() {}
template <int N> @ void await() {}
@ void multiply(float* c, const u32* a, u32 b0, u32 b1) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "
      "{%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(b0));
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "
      "{%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[2]), "r"(a[3]), "r"(b1));
}
"""
_CLUSTER = """
@ void cluster_sync() {
  asm volatile("barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;"
      ::: "memory");
}
@ float4 load_peer(u32 address, int rank) {
  u32 remote;
  float4 v;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(address), "r"(rank));
  asm volatile("ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [%4];"
      : "=f"(v.x), "=f"(v.y), "=f"(v.z), "=f"(v.w) : "r"(remote) : "memory");
  return v;
}
"""


def fragment_helpers(dtype: DType, spec: DeviceSpec, *, cluster: bool) -> str:
    """The functions for products of `dtype` (fp16, bf16, or fp32 as TF32) on `spec`."""
    copies = _TURING
    if "async_copy" in spec.features:
        copies = _ASYNC + (_SINGLE if dtype == FLOAT32 else _HALF)
    text = _COMMON + copies + (_CLUSTER if cluster else "")
    kind = "bf16" if dtype == BFLOAT16 else "f16"
    return text.replace("TYPE", kind).replace("@ ", _DEVICE).strip("\n")
