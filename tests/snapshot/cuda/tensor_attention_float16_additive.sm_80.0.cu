// threads=128 shared=84480 faults=0 groups=1
template <typename T, int N> struct __align__(sizeof(T) * N) Vec { T at[N]; };
static __device__ __forceinline__ unsigned short to_half(float value) {
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
static __device__ __forceinline__ unsigned short to_half(double value) {
  unsigned short bits;
  asm("cvt.rn.f16.f64 %0, %1;" : "=h"(bits) : "d"(value));
  return bits;
}
typedef unsigned int u32;
static __device__ __forceinline__ u32 shared_address(const void* p) {
  u32 a;
  asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(a) : "l"(p));
  return a;
}
static __device__ __forceinline__ uint4 load16(const void* p) {
  uint4 r;
  asm volatile("ld.global.v4.u32 {%0, %1, %2, %3}, [%4];"
      : "=r"(r.x), "=r"(r.y), "=r"(r.z), "=r"(r.w) : "l"(p) : "memory");
  return r;
}
static __device__ __forceinline__ void prefetch(const void* p) { asm volatile("prefetch.global.L2 [%0];" :: "l"(p)); }
static __device__ __forceinline__ void load_matrices(u32& a, u32& b, u32& c, u32& d, u32 p) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
      : "=r"(a), "=r"(b), "=r"(c), "=r"(d) : "r"(p) : "memory");
}
// Exchange pairs within a quad: in, r[j] is this lane's pair of column tile j; out, lane q holds
// the whole rows of tile q.
static __device__ __forceinline__ void exchange(float& r0, float& r1, float& r2, float& r3, int quad) {
  float x;
  const bool odd = quad & 1, high = quad & 2;
  x = odd ? r0 : r1; x = __shfl_xor_sync(~0u, x, 1); if (odd) r0 = x; else r1 = x;
  x = odd ? r2 : r3; x = __shfl_xor_sync(~0u, x, 1); if (odd) r2 = x; else r3 = x;
  x = high ? r0 : r2; x = __shfl_xor_sync(~0u, x, 2); if (high) r0 = x; else r2 = x;
  x = high ? r1 : r3; x = __shfl_xor_sync(~0u, x, 2); if (high) r1 = x; else r3 = x;
}
static __device__ __forceinline__ void gather_row(float (&v)[8], float (*tile)[4], int half, int quad) {
  float a0 = tile[0][2 * half], a1 = tile[1][2 * half];
  float a2 = tile[2][2 * half], a3 = tile[3][2 * half];
  float b0 = tile[0][2 * half + 1], b1 = tile[1][2 * half + 1];
  float b2 = tile[2][2 * half + 1], b3 = tile[3][2 * half + 1];
  exchange(a0, a1, a2, a3, quad);
  exchange(b0, b1, b2, b3, quad);
  v[0] = a0; v[1] = b0; v[2] = a1; v[3] = b1; v[4] = a2; v[5] = b2; v[6] = a3; v[7] = b3;
}

// Of 16 bytes the first `bytes` are copied, the others are 0.
static __device__ __forceinline__ void copy_part(u32 to, const void* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
      :: "r"(to), "l"(from), "r"(bytes) : "memory");
}
static __device__ __forceinline__ void copy16(u32 to, const void* from, bool valid) { copy_part(to, from, valid ? 16 : 0); }
static __device__ __forceinline__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N> static __device__ __forceinline__ void await() {
  asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory");
}

static __device__ __forceinline__ void multiply(float* c, const u32* a, u32 b0, u32 b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
static __device__ __forceinline__ void load_transposed(u32& a, u32& b, u32& c, u32& d, u32 p) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
      : "=r"(a), "=r"(b), "=r"(c), "=r"(d) : "r"(p) : "memory");
}
static __device__ __forceinline__ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
static __device__ __forceinline__ u32 pair(float low, float high) {
  u32 bits;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
}
extern "C" __global__ void __launch_bounds__(128)
kernel(const unsigned short* __restrict__ p0, const unsigned short* __restrict__ p1, const unsigned short* __restrict__ p2, const float* __restrict__ p3, unsigned short* __restrict__ p4, unsigned long long* status, int step) {
  const int queries = (int)65, keys = (int)131;
  const int blocks = (queries + 31) / 32;
  const int first_row = blockIdx.x % blocks * 32;
  int unit = blockIdx.x / blocks;
  const int b1 = unit % (int)2; unit /= (int)2;
  const int b0 = unit;
  const auto* const query_head = p0 + b0 * (long long)4160 + b1 * (long long)2080;
  const auto* const key_head = p1 + b0 * (long long)8384 + b1 * (long long)4192;
  const auto* const value_head = p2 + b0 * (long long)27248 + b1 * (long long)13624;
  const auto* const mask_head = p3 + b0 * (long long)131;
  const int seen = keys;
  auto score = [&](float sum, int row, int key) -> float {
    if (row >= queries || key >= keys) return -__int_as_float(0x7f800000);
    return sum * 0.25f + *(mask_head + key * (long long)1);
  }
  ;
  extern __shared__ __align__(128) unsigned char memory[];
  const u32 shared = shared_address(memory), tiles = shared + 2560;
  const int lane = threadIdx.x & 31, warp = (threadIdx.x >> 5) % 2;
  const int part = (threadIdx.x >> 5) / 2;
  const long long query_stride = 32;
  const long long key_stride = 32;
  const long long value_stride = 104;
  auto copy_queries = [&](u32 to, int first, int count) {
#pragma unroll
  for (int e = threadIdx.x; e < 128; e += 128) {
    const int local = e / 4, chunk = e % 4, row = first + local;
    const bool valid = row < count;
    copy16(to + local * 80 + chunk * 16,
        valid ? query_head + row * (long long)query_stride + chunk * 8 : query_head, valid);
  }
  };
  auto copy_tile = [&](int step) {
    const int first = step * 128, count = keys;
    u32 to = tiles + (step & 1) * 40960;
#pragma unroll
  for (int e = threadIdx.x; e < 512; e += 128) {
    const int local = e / 4, chunk = e % 4, row = first + local;
    const bool valid = row < count;
    copy16(to + local * 80 + chunk * 16,
        valid ? key_head + row * (long long)key_stride + chunk * 8 : key_head, valid);
  }
    to += 10240;
#pragma unroll
  for (int e = threadIdx.x; e < 1792; e += 128) {
    const int local = e / 14, chunk = e % 14, row = first + local;
    const bool valid = row < count && chunk < 13;
    copy16(to + local * 240 + chunk * 16,
        valid ? value_head + row * (long long)value_stride + chunk * 8 : value_head, valid);
  }
  };
  const int steps = (seen + 127) / 128;
  copy_queries(shared, first_row, queries);
  commit();
  if (steps > 0) copy_tile(0);
  commit();
  await<1>();
  __syncthreads();
  u32 q[2][4];
#pragma unroll
  for (int k = 0; k < 2; ++k)
    load_matrices(q[k][0], q[k][1], q[k][2], q[k][3],
        shared + (warp * 16 + (lane & 15)) * 80 + (k * 2 + (lane >> 4)) * 16);
  const int own_row = first_row + warp * 16 + (lane >> 2);
  float mixed[16][4] = {};
  float top[2] = {-__int_as_float(0x7f800000), -__int_as_float(0x7f800000)}, total[2] = {0.0f, 0.0f};
  for (int step = 0; step < steps; ++step) {
    await<0>();
    __syncthreads();
    if (step + 1 < steps) copy_tile(step + 1);
    commit();
    const u32 step_tile = tiles + (step & 1) * 40960;
    const int first_key = step * 128 + part * 64;
    const u32 key_tile = step_tile + part * 5120;
    const u32 value_tile = step_tile + 10240 + part * 15360;
    float c[8][4] = {};
#pragma unroll
    for (int k = 0; k < 2; ++k)
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        u32 b[4];
        load_matrices(b[0], b[1], b[2], b[3],
            key_tile + (j * 16 + (lane & 7) + ((lane >> 4) << 3)) * 80
                + (k * 2 + ((lane >> 3) & 1)) * 16);
        multiply(c[2 * j], q[k], b[0], b[1]);
        multiply(c[2 * j + 1], q[k], b[2], b[3]);
      }
    if (false) {
#pragma unroll
      for (int j = 0; j < 8; ++j)
#pragma unroll
        for (int e = 0; e < 4; ++e) c[j][e] = c[j][e] * 0.25f;
    } else {
#pragma unroll
      for (int j = 0; j < 8; ++j)
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          const int key = first_key + j * 8 + (lane & 3) * 2 + (e & 1);
          const float s = score(c[j][e], own_row + (e >> 1) * 8, key);
          c[j][e] = s;
        }
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float greatest = top[half];
#pragma unroll
      for (int j = 0; j < 8; ++j)
        greatest = fmaxf(greatest, fmaxf(c[j][2 * half], c[j][2 * half + 1]));
      greatest = fmaxf(greatest, __shfl_xor_sync(~0u, greatest, 1));
      greatest = fmaxf(greatest, __shfl_xor_sync(~0u, greatest, 2));
      const float safe = greatest == -__int_as_float(0x7f800000) ? 0.0f : greatest;
      const float shrink = exp2_fast((top[half] - safe) * 1.44269504f);
      
      top[half] = greatest;
      float sum = 0.0f;
#pragma unroll
      for (int j = 0; j < 8; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          const float power = exp2_fast((c[j][2 * half + e] - safe) * 1.44269504f);
          c[j][2 * half + e] = power;
          sum += power;
        }
      total[half] = total[half] * shrink + sum;
#pragma unroll
      for (int i = 0; i < 14; ++i) {
        mixed[i][2 * half] *= shrink;
        mixed[i][2 * half + 1] *= shrink;
      }
    }
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const u32 p[4] = {
          pair(c[2 * k][0], c[2 * k][1]), pair(c[2 * k][2], c[2 * k][3]),
          pair(c[2 * k + 1][0], c[2 * k + 1][1]), pair(c[2 * k + 1][2], c[2 * k + 1][3])};
#pragma unroll
      for (int j = 0; j < 7; ++j) {
        u32 b[4];
        load_transposed(b[0], b[1], b[2], b[3],
            value_tile + (k * 16 + (lane & 15)) * 240 + (j * 2 + (lane >> 4)) * 16);
        multiply(mixed[2 * j], p, b[0], b[1]);
        multiply(mixed[2 * j + 1], p, b[2], b[3]);
      }
    }
  }
  __syncthreads();
  float* const kept = (float*)memory + lane;
  if (part > 0) {
    float* const own = kept + ((part - 1) * 2 + warp) * 2176;
#pragma unroll
    for (int i = 0; i < 16; ++i)
#pragma unroll
      for (int e = 0; e < 4; ++e) own[(i * 4 + e) * 32] = mixed[i][e];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      own[(64 + half) * 32] = total[half];
      own[(66 + half) * 32] = top[half];
    }
  }
  __syncthreads();
  if (part > 0) return;
#pragma unroll 1
  for (int other = 0; other < 1; ++other) {
    const float* const found = kept + (other * 2 + warp) * 2176;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const float greater = fmaxf(top[half], found[(66 + half) * 32]);
      const float safe = greater == -__int_as_float(0x7f800000) ? 0.0f : greater;
      const float mine = exp2_fast((top[half] - safe) * 1.44269504f);
      const float its = exp2_fast((found[(66 + half) * 32] - safe) * 1.44269504f);
      top[half] = greater;
      total[half] = total[half] * mine + found[(64 + half) * 32] * its;
#pragma unroll
      for (int i = 0; i < 16; ++i)
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; ++e)
          mixed[i][e] = mixed[i][e] * mine + found[(i * 4 + e) * 32] * its;
    }
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float sum = total[half];
    sum += __shfl_xor_sync(~0u, sum, 1);
    sum += __shfl_xor_sync(~0u, sum, 2);
    const float factor = sum == 0.0f ? 0.0f : 1.0f / sum;
#pragma unroll
    for (int i = 0; i < 16; ++i) {
      mixed[i][2 * half] *= factor;
      mixed[i][2 * half + 1] *= factor;
    }
  }
#pragma unroll
  for (int half = 0; half < 2; ++half)
#pragma unroll
  for (int i = 0; i < 16; i += 4)
  {
    float v[8];
    gather_row(v, &mixed[i], half, lane & 3);
    const int row = own_row + half * 8, column = i * 8 + (lane & 3) * 8;
    if (row < queries && column < 104) {
      Vec<unsigned short, 8> v1[1];
#pragma unroll
      for (int k = 0; k < 8; ++k) v1[k / 8].at[k % 8] = to_half(v[k]);
      *(Vec<unsigned short, 8>*)(p4 + b0 * (long long)13520 + b1 * (long long)104 + row * (long long)208 + column * (long long)1 + 0) = v1[0];
    }
  }
}
