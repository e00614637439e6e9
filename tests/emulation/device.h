// SPDX-License-Identifier: Apache-2.0
// What a kernel of the CUDA target finds on the host: the language's words, the thread's place,
// warps and barriers. Compiled in front of every kernel, so it includes nothing.
#define __device__
#define __global__
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __restrict__
#define __shared__ static
#define __align__(n) __attribute__((aligned(n)))

struct Place { unsigned int x, y, z; };
extern "C" {
extern Place emulated_thread, emulated_block, emulated_grid;
void emulated_barrier();
void emulated_warp_barrier();
void emulated_cluster_barrier();
void* emulated_warp();  // 32 x 64 bytes that the threads of a warp share
unsigned char* emulated_memory(int rank);  // dynamic shared memory of a block of the cluster
int emulated_rank();
void emulated_exchange(void* value, int bytes, int distance);
}
#define threadIdx emulated_thread
#define blockIdx emulated_block
#define gridDim emulated_grid

#define memory (emulated_memory(emulated_rank()))
typedef unsigned int u32;
struct alignas(16) uint4 { u32 x, y, z, w; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) float2 { float x, y; };
inline uint4 make_uint4(u32 x, u32 y, u32 z, u32 w) { return {x, y, z, w}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline int max(int a, int b) { return a > b ? a : b; }
inline int min(int a, int b) { return a < b ? a : b; }
inline void __syncthreads() { emulated_barrier(); }
inline void __syncwarp() { emulated_warp_barrier(); }
template <typename T> T __shfl_xor_sync(unsigned int, T value, int distance) {
  emulated_exchange(&value, sizeof(T), distance);
  return value;
}
inline unsigned long long atomicCAS(
    unsigned long long* word, unsigned long long old, unsigned long long fresh) {
  unsigned long long found = *word;
  if (found == old) *word = fresh;
  return found;
}
inline float __int_as_float(int x) { return __builtin_bit_cast(float, x); }
inline float __uint_as_float(unsigned int x) { return __builtin_bit_cast(float, x); }
inline unsigned int __float_as_uint(float x) { return __builtin_bit_cast(unsigned int, x); }
inline double __longlong_as_double(long long x) { return __builtin_bit_cast(double, x); }

#define UNARY(name) \
  extern "C" float name##f(float) noexcept; extern "C" double name(double) noexcept;
UNARY(fabs) UNARY(floor) UNARY(ceil) UNARY(rint) UNARY(trunc) UNARY(sqrt) UNARY(exp) UNARY(expm1)
UNARY(log) UNARY(log1p) UNARY(erf) UNARY(tanh) UNARY(sin) UNARY(cos) UNARY(tan) UNARY(asin)
UNARY(acos) UNARY(atan) UNARY(sinh) UNARY(cosh) UNARY(asinh) UNARY(acosh) UNARY(atanh)
extern "C" float exp2f(float) noexcept, fmaxf(float, float) noexcept, fminf(float, float) noexcept;
extern "C" float fmodf(float, float) noexcept, powf(float, float) noexcept;
extern "C" double fmod(double, double) noexcept, pow(double, double) noexcept;
extern "C" float fmaf(float, float, float) noexcept;
extern "C" double fma(double, double, double) noexcept;

// Tensor cores, in double precision; a fragment is what the 32 threads of a warp hold together.
struct Bfloat {
  unsigned short bits;
  Bfloat(float x) {
    const u32 b = __float_as_uint(x);
    bits = x != x ? 0x7fff : (b + 0x7fff + (b >> 16 & 1)) >> 16;
  }
  operator float() const { return __uint_as_float((u32)bits << 16); }
};
template <typename T> u32 emulated_pair(float low, float high) {
  return __builtin_bit_cast(unsigned short, T(low))
      | (u32)__builtin_bit_cast(unsigned short, T(high)) << 16;
}
template <typename T> float emulated_half(u32 word, int which) {
  return (float)__builtin_bit_cast(T, (unsigned short)(word >> 16 * which));
}
inline void emulated_matrices(u32& a, u32& b, u32& c, u32& d, u32 p, bool transposed) {
  if (p % 16) __builtin_trap();
  auto* rows = (u32(*)[16])emulated_warp();
  const int lane = threadIdx.x & 31;
  u32 found[4];
  rows[lane][0] = p;
  emulated_warp_barrier();
  for (int m = 0; m < 4; ++m) {
    unsigned short part[2];
    for (int e = 0; e < 2; ++e) {
      const int row = transposed ? lane % 4 * 2 + e : lane / 4;
      const int column = transposed ? lane / 4 : lane % 4 * 2 + e;
      part[e] = ((unsigned short*)(memory + rows[m * 8 + row][0]))[column];
    }
    found[m] = part[0] | (u32)part[1] << 16;
  }
  emulated_warp_barrier();
  a = found[0]; b = found[1]; c = found[2]; d = found[3];
}
inline float4 emulated_peer(u32 address) {
  return *(const float4*)(emulated_memory(address >> 24) + (address & 0xffffff));
}
inline void emulated_copy(u32 to, const void* from, int bytes) {
  if (to % 16 || (bytes && (unsigned long long)from % 16)) __builtin_trap();
  for (int i = 0; i < 16; ++i)
    (memory + to)[i] = i < bytes ? ((const unsigned char*)from)[i] : 0;
}
// c (16 rows of a warp's 64) += a (64 x 16) * b (columns x 16), both in swizzled rows of 128 bytes.
template <typename T> float emulated_swizzled(unsigned long long tile, int row, int k) {
  u32 address = (u32)(tile & 0x3fff) * 16 + row * 128 + k * 2;
  address ^= (address >> 7 & 7) << 4;
  return (float)*(const T*)(memory + address);
}
template <typename T> void emulated_group_multiply(
    float* c, unsigned long long a, unsigned long long b, int columns) {
  const int lane = threadIdx.x & 31, first = (threadIdx.x >> 5 & 3) * 16 + lane / 4;
  for (int e = 0; e < columns / 2; ++e) {
    const int row = first + (e & 2) * 4, column = e / 4 * 8 + lane % 4 * 2 + (e & 1);
    double sum = c[e];
    for (int k = 0; k < 16; ++k)
      sum += (double)emulated_swizzled<T>(a, row, k) * emulated_swizzled<T>(b, column, k);
    c[e] = (float)sum;
  }
}
// c (16 x 8) += a (16 x depth) * b (depth x 8); `place` finds element k of a row or column.
template <typename A, typename B> void emulated_products(float* c, int depth, A left, B right) {
  const int lane = threadIdx.x & 31;
  float sums[4];
  emulated_warp_barrier();
  for (int e = 0; e < 4; ++e) {
    double sum = c[e];
    for (int k = 0; k < depth; ++k)
      sum += (double)left(lane / 4 + e / 2 * 8, k) * right(lane % 4 * 2 + e % 2, k);
    sums[e] = (float)sum;
  }
  emulated_warp_barrier();
  for (int e = 0; e < 4; ++e) c[e] = sums[e];
}
template <typename T> void emulated_multiply(float* c, const u32* a, u32 b0, u32 b1, int depth) {
  auto* words = (u32(*)[16])emulated_warp();
  u32* mine = words[threadIdx.x & 31];
  for (int i = 0; i < depth / 4; ++i) mine[i] = a[i];
  mine[4] = b0; mine[5] = b1;
  emulated_products(c, depth,
      [&](int row, int k) {
        const u32 word = words[row % 8 * 4 + k % 8 / 2][row / 8 + k / 8 * 2];
        return emulated_half<T>(word, k & 1);
      },
      [&](int column, int k) {
        return emulated_half<T>(words[column * 4 + k % 8 / 2][4 + k / 8], k & 1);
      });
}
inline void emulated_multiply_tf32(float*, const float*, const float*);
inline void emulated_multiply_tf32(float* c, const u32* a, const u32* b) {
  float left[4], right[2];
  for (int i = 0; i < 4; ++i) left[i] = __uint_as_float(a[i]);
  for (int i = 0; i < 2; ++i) right[i] = __uint_as_float(b[i]);
  emulated_multiply_tf32(c, left, right);
}
inline void emulated_multiply_tf32(float* c, const float* a, const float* b) {
  auto* words = (float(*)[16])emulated_warp();
  float* mine = words[threadIdx.x & 31];
  for (int i = 0; i < 4; ++i) mine[i] = a[i];
  mine[4] = b[0]; mine[5] = b[1];
  emulated_products(c, 8,
      [&](int row, int k) { return words[row % 8 * 4 + k % 4][row / 8 + k / 4 * 2]; },
      [&](int column, int k) { return words[column * 4 + k % 4][4 + k / 4]; });
}
