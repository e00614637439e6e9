// threads=128 shared=0 faults=0 groups=1
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
template <typename T> static __device__ __forceinline__ T maximum(T a, T b) {
  return a != a || a > b ? a : b;
}
extern "C" __global__ void __launch_bounds__(128)
kernel(const long long n0, const unsigned short* __restrict__ p1, unsigned short* __restrict__ p2, unsigned long long* status, int step) {
  const long long unit = blockIdx.x * (long long)128 + threadIdx.x;
  if (unit >= n0) return;
  const int channel = (int)(unit % 8) * 8;
  int image = (int)(unit / 8);
  const int o1 = image % (int)9; image /= (int)9;
  const int o0 = image % (int)9; image /= (int)9;
  const unsigned short* const start = p1 + image * (long long)18496 + channel * (long long)1;
  float total[8];
#pragma unroll
  for (int k = 0; k < 8; ++k) total[k] = -__int_as_float(0x7f800000);
#pragma unroll
  for (int t0 = 0; t0 < 3; ++t0) {
    const int y0 = o0 * 2 - 1 + t0 * 1;
    if (!(y0 >= 0 && y0 < (int)17)) continue;
#pragma unroll
    for (int t1 = 0; t1 < 3; ++t1) {
      const int y1 = o1 * 2 - 1 + t1 * 1;
      if (!(y1 >= 0 && y1 < (int)17)) continue;
      Vec<unsigned short, 8> v1[1];
      v1[0] = *(const Vec<unsigned short, 8>*)(start + y0 * (long long)1088 + y1 * (long long)64 + 0);
#pragma unroll
      for (int k = 0; k < 8; ++k) { const float x = from_half(v1[k / 8].at[k % 8]); total[k] = maximum(total[k], x); }
    }
  }
  float v[8];
#pragma unroll
  for (int k = 0; k < 8; ++k) v[k] = total[k];
  Vec<unsigned short, 8> v2[1];
#pragma unroll
  for (int k = 0; k < 8; ++k) v2[k / 8].at[k % 8] = to_half(v[k]);
  *(Vec<unsigned short, 8>*)(p2 + image * (long long)5184 + channel * (long long)1 + o0 * (long long)576 + o1 * (long long)64 + 0) = v2[0];
}
