// SPDX-License-Identifier: Apache-2.0
// What a kernel of the CUDA target finds on the host: the language's words, the thread's place,
// warps and barriers. Compiled in front of every kernel, so it includes nothing.
#define __device__
#define __global__
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define __restrict__
#define __shared__ static
#define __align__(n) alignas(n)

struct Place { unsigned int x, y, z; };
extern "C" {
extern Place emulated_thread, emulated_block, emulated_grid;
void emulated_barrier();
void emulated_exchange(void* value, int bytes, int distance);
}
#define threadIdx emulated_thread
#define blockIdx emulated_block
#define gridDim emulated_grid

inline void __syncthreads() { emulated_barrier(); }
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
extern "C" float fmodf(float, float) noexcept, powf(float, float) noexcept;
extern "C" double fmod(double, double) noexcept, pow(double, double) noexcept;
extern "C" float fmaf(float, float, float) noexcept;
extern "C" double fma(double, double, double) noexcept;
