// threads=256 shared=0 faults=0 groups=1
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
}
extern "C" __global__ void __launch_bounds__(256)
kernel(const float* __restrict__ p0, const float* __restrict__ p1, const float* __restrict__ p2, float* __restrict__ p3, unsigned long long* status, int step) {
  __shared__ __align__(16) float left_tile[2][16][72];
  __shared__ __align__(16) float right_tile[2][16][72];
  const int rows = (int)37, columns = (int)50;
  const int depth = (int)19;
  const int row_tiles = (rows + 63) / 64;
  const int column_tiles = (columns + 63) / 64;
  int unit = blockIdx.x;
  const int first_row = unit % row_tiles * 64; unit /= row_tiles;
  const int first_column = unit % column_tiles * 64; unit /= column_tiles;
  const int g1 = unit % (int)3; unit /= (int)3;
  const int g0 = unit % (int)2; unit /= (int)2;
  const int thread = threadIdx.x;
  float next_left[4];
  const float* left_start[4]; bool left_valid[4];
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    const int line = first_row + thread / 16 + r * 16;
    left_valid[r] = line < rows;
    left_start[r] = p0 + g0 * (long long)2109 + g1 * (long long)703 + line * (long long)19;
  }
  auto load_left = [&](int step) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int r = i;
      const int k = step * 16 + thread % 16;
      float element;
      element = left_valid[r] && k < depth ? *(left_start[r] + k * (long long)1) : 0.0f;
      next_left[i] = element;
    }
  }
  ;
  auto keep_left = [&](int buffer) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int r = i;
      left_tile[buffer][thread % 16][thread / 16 + r * 16] = to_tf32(next_left[i]);
    }
  }
  ;
  float next_right[4];
  const float* right_start[1]; bool right_valid[1];
#pragma unroll
  for (int r = 0; r < 1; ++r) {
    const int line = first_column + thread % 64;
    right_valid[r] = line < columns;
    right_start[r] = p1 + g0 * (long long)2850 + g1 * (long long)950 + line * (long long)1;
  }
  auto load_right = [&](int step) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int r = 0;
      const int k = step * 16 + thread / 64 + i * 4;
      float element;
      element = right_valid[r] && k < depth ? *(right_start[r] + k * (long long)50) : 0.0f;
      next_right[i] = element;
    }
  }
  ;
  auto keep_right = [&](int buffer) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int r = 0;
      right_tile[buffer][thread / 64 + i * 4][thread % 64] = to_tf32(next_right[i]);
    }
  }
  ;
  const int lane = thread & 31, warp = thread >> 5;
  const int warp_row = warp / 2 * 16, warp_column = warp % 2 * 32;
  float sum[1][4][4] = {};
  const int steps = (depth + 15) / 16;
  load_left(0); load_right(0);
  keep_left(0); keep_right(0);
  __syncthreads();
  for (int step = 0; step < steps; ++step) {
    const int buffer = step & 1;
    if (step + 1 < steps) { load_left(step + 1); load_right(step + 1); }
  
#pragma unroll
    for (int k = 0; k < 16; k += 8) {
      float a[1][4], b[4][2];
      const int group = lane >> 2, place = k + (lane & 3);
#pragma unroll
      for (int i = 0; i < 1; ++i)
#pragma unroll
        for (int e = 0; e < 4; ++e)
          a[i][e] = left_tile[buffer][place + (e >> 1) * 4][warp_row + i * 16 + group + (e & 1) * 8];
#pragma unroll
      for (int j = 0; j < 4; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e)
          b[j][e] = right_tile[buffer][place + e * 4][warp_column + j * 8 + group];
#pragma unroll
      for (int i = 0; i < 1; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) multiply_tf32(sum[i][j], a[i], b[j]);
    }
    if (step + 1 < steps) { keep_left(buffer ^ 1); keep_right(buffer ^ 1); }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 1; ++i)
#pragma unroll
  for (int half = 0; half < 2; ++half)
  {
    float whole[8];
    gather_row(whole, &sum[i][0], half, lane & 3);
    const int row = first_row + warp_row + i * 16 + half * 8 + (lane >> 2);
#pragma unroll
    for (int part = 0; part < 2; ++part)
    {
      const float v[4] = {whole[part * 4], whole[part * 4 + 1], whole[part * 4 + 2], whole[part * 4 + 3]};
      const int column = first_column + warp_column + (lane & 3) * 8 + part * 4;
      if (row < rows && column < columns) {
        float v1[4];
#pragma unroll
        for (int k = 0; k < 4; ++k) v1[k] = column + k < columns ? (p2 + g0 * (long long)5550 + g1 * (long long)1850 + row * (long long)50 + column * (long long)1)[k] : (float)0;
        float v2[4];
#pragma unroll
        for (int k = 0; k < 4; ++k) v2[k] = v[k] + v1[k];
#pragma unroll
        for (int k = 0; k < 4; ++k) if (column + k < columns) (p3 + g0 * (long long)5550 + g1 * (long long)1850 + row * (long long)50 + column * (long long)1)[k] = v2[k];
      }
    }
  }
}
