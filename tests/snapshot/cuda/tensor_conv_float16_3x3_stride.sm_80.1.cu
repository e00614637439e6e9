// threads=64 shared=61440 faults=0 groups=1
template <typename T, int N> struct __align__(sizeof(T) * N) Vec { T at[N]; };
static __device__ __forceinline__ float from_half(unsigned short bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
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
static __device__ __forceinline__ float maximum(float a, float b) {
  float value;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(value) : "f"(a), "f"(b));
  return value;
}
static __device__ __forceinline__ double maximum(double a, double b) {
  return a != a || a > b ? a : b;
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
extern "C" __global__ void __launch_bounds__(64)
kernel(const unsigned short* __restrict__ p0, const unsigned short* __restrict__ p1, const unsigned short* __restrict__ p2, unsigned short* __restrict__ p3, unsigned long long* status, int step) {
  extern __shared__ __align__(1024) unsigned char memory[];
  const u32 shared = shared_address(memory);
  const int thread = threadIdx.x, lane = thread & 31, warp = thread >> 5;
  const int warp_row = warp % 1, warp_column = warp / 1;
  const int rows = (int)128;
  const int part = 0, tile_number = blockIdx.x / 1;
  const int row_tiles = (rows + 15) / 16;
  const int in_group = 8 * 1, group = tile_number / in_group;
  const int in_rows = min(row_tiles - group * 8, 8);
  const int row_tile = group * 8 + tile_number % in_group % in_rows;
  const int column_tile = tile_number % in_group / in_rows;
  const int first_row = row_tile * 16, first_column = column_tile * 64;
  const int copy_row = thread / 8, chunk = thread % 8;
#define SWIZZLE(r) ((r) & 7)
  const int first_step = part * 4, last_step = min(first_step + 4, 4);
  const unsigned short* const left = p0;
  const unsigned short* const weight = p1
      + (first_column + copy_row) * (long long)216 + chunk * 8;
  float sum[1][4][4] = {};
  long long row_start[2]; int row_y[2], row_x[2];
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const int row = first_row + copy_row + i * 8;
  
    const int column = row % (int)8, line = row / (int)8 % (int)8;
    const int image = row / ((int)8 * (int)8);
    const int y = line * 2 - 1;
    const int x = column * 2 - 1;
    row_y[i] = row < rows ? y : -(1 << 28); row_x[i] = x;
    row_start[i] = ((image * (long long)15 + y) * 15 + x) * 24;
  }
  auto slot = [&](int row) {
    return row * 128 + ((chunk ^ SWIZZLE(row)) << 4);
  };
  auto copy_left = [&](u32 to, int step) {
    const int k = step * 64 + chunk * 8, tap = k / 24;
    const int c = k % 24;
    const int dy = tap / 3 * 1;
    const int dx = tap % 3 * 1;
    const long long move = (dy * (long long)15 + dx) * 24 + c;
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      
      { const bool valid = (unsigned)(row_y[i] + dy) < (unsigned)15
            && (unsigned)(row_x[i] + dx) < (unsigned)15 && step * 64 + chunk * 8 < 216;
        const unsigned short* from = left + row_start[i] + move;
        copy16(to + slot(copy_row + i * 8), valid ? from : left, valid); }
    }
  };
  auto copy_right = [&](u32 to, int step) {
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      
      { const bool valid = step * 64 + chunk * 8 < 216 && first_column + copy_row + i * 8 < 40;
        const unsigned short* from = weight + i * 8 * (long long)216
            + step * 64;
        copy16(to + 2048 + slot(copy_row + i * 8),
            valid ? from : left, valid); }
    }
  };
#pragma unroll
  for (int s = 0; s < 5; ++s) if (first_step + s < last_step) copy_right(shared + s * 10240, first_step + s);
#pragma unroll
  for (int s = 0; s < 5; ++s) {
    if (first_step + s < last_step) copy_left(shared + s * 10240, first_step + s);
    commit();
  }
  u32 a[2][1][4], b[2][2][4];
  auto load_fragments = [&](int buffer, u32 from, int k) {
#pragma unroll
    for (int i = 0; i < 1; ++i)
      load_matrices(a[buffer][i][0], a[buffer][i][1], a[buffer][i][2], a[buffer][i][3],
          from + (warp_row * 16 + i * 16 + (lane & 15)) * 128
              + (((k * 2 + (lane >> 4)) ^ SWIZZLE(lane & 15)) << 4));
#pragma unroll
    for (int j = 0; j < 2; ++j)
      load_matrices(b[buffer][j][0], b[buffer][j][1], b[buffer][j][2], b[buffer][j][3],
          from + 2048
              + (warp_column * 32 + j * 16 + (lane & 7) + ((lane >> 4) << 3))
                  * 128
              + (((k * 2 + ((lane >> 3) & 1))
                  ^ SWIZZLE((lane & 7) + ((lane >> 4) << 3))) << 4));
  };
  int write = 5;
  u32 read = shared;
  await<4>();
  __syncthreads();
  load_fragments(0, read, 0);
  for (int step = first_step; step < last_step; ++step) {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      if (k == 3) {
        await<4>();
        __syncthreads();
        read = read == shared + 51200 ? shared : read + 10240;
      }
      load_fragments((k + 1) & 1, read, (k + 1) % 4);
      if (k == 0) {
        const int next = step + 5;
        if (next < last_step) {
          copy_left(shared + write * 10240, next);
          copy_right(shared + write * 10240, next);
        }
        commit();
        write = write == 5 ? 0 : write + 1;
      }
#pragma unroll
      for (int i = 0; i < 1; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j)
          multiply(sum[i][j], a[k & 1][i], b[k & 1][j / 2][(j & 1) * 2],
              b[k & 1][j / 2][(j & 1) * 2 + 1]);
    }
  }
#pragma unroll
  for (int i = 0; i < 1; ++i)
#pragma unroll
  for (int half = 0; half < 2; ++half)
#pragma unroll
  for (int j = 0; j < 4; j += 4)
  {
    float v[8];
    gather_row(v, &sum[i][j], half, lane & 3);
    const int row = first_row + warp_row * 16 + i * 16 + half * 8 + (lane >> 2);
    const int column = first_column + warp_column * 32 + j * 8 + (lane & 3) * 8;
    if (row < rows && column < 40) {
      Vec<unsigned short, 8> v1[1];
      v1[0] = *(const Vec<unsigned short, 8>*)(p2 + column + 0);
      float v2[8];
#pragma unroll
      for (int k = 0; k < 8; ++k) v2[k] = from_half(v1[k / 8].at[k % 8]);
      float v3[8];
#pragma unroll
      for (int k = 0; k < 8; ++k) v3[k] = v[k] + v2[k];
      float v4[8];
#pragma unroll
      for (int k = 0; k < 8; ++k) v4[k] = maximum(v3[k], 0x0.0p+0f);
      Vec<unsigned short, 8> v5[1];
#pragma unroll
      for (int k = 0; k < 8; ++k) v5[k / 8].at[k % 8] = to_half(v4[k]);
      *(Vec<unsigned short, 8>*)(p3 + row * (long long)40 + column + 0) = v5[0];
    }
  }
}
