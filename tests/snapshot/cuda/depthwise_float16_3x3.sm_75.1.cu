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
kernel(const long long n0, const unsigned short* __restrict__ p1, const unsigned short* __restrict__ p2, const unsigned short* __restrict__ p3, unsigned short* __restrict__ p4, unsigned long long* status, int step) {
  const long long unit = blockIdx.x * (long long)128 + threadIdx.x;
  if (unit >= n0) return;
  const int channel = (int)(unit % 4) * 8;
  int image = (int)(unit / 4);
  const int o1 = image % (int)10; image /= (int)10;
  const int o0 = image % (int)9; image /= (int)9;
  const unsigned short* const start = p1 + image * (long long)10336 + channel * (long long)1;
  float total[8];
#pragma unroll
  for (int k = 0; k < 8; ++k) total[k] = 0.0f;
#pragma unroll
  for (int t0 = 0; t0 < 3; ++t0) {
    const int y0 = o0 * 2 - 1 + t0 * 1;
    if (!(y0 >= 0 && y0 < (int)17)) continue;
#pragma unroll
    for (int t1 = 0; t1 < 3; ++t1) {
      const int y1 = o1 * 2 - 1 + t1 * 1;
      if (!(y1 >= 0 && y1 < (int)19)) continue;
      Vec<unsigned short, 8> v1[1];
      v1[0] = *(const Vec<unsigned short, 8>*)(start + y0 * (long long)608 + y1 * (long long)32 + 0);
      Vec<unsigned short, 8> v2[1];
      v2[0] = *(const Vec<unsigned short, 8>*)(p2 + (t0 * 3 + t1) * 32 + channel + 0);
#pragma unroll
      for (int k = 0; k < 8; ++k) { const float x = from_half(v1[k / 8].at[k % 8]); const float w = from_half(v2[k / 8].at[k % 8]); total[k] = fmaf(x, w, total[k]); }
    }
  }
  float v[8];
#pragma unroll
  for (int k = 0; k < 8; ++k) v[k] = total[k];
  Vec<unsigned short, 8> v3[1];
  v3[0] = *(const Vec<unsigned short, 8>*)(p3 + channel * (long long)1 + 0);
  float v4[8];
#pragma unroll
  for (int k = 0; k < 8; ++k) v4[k] = from_half(v3[k / 8].at[k % 8]);
  float v5[8];
#pragma unroll
  for (int k = 0; k < 8; ++k) v5[k] = v[k] + v4[k];
  float v6[8];
#pragma unroll
  for (int k = 0; k < 8; ++k) v6[k] = maximum(v5[k], 0x0.0p+0f);
  Vec<unsigned short, 8> v7[1];
#pragma unroll
  for (int k = 0; k < 8; ++k) v7[k / 8].at[k % 8] = to_half(v6[k]);
  *(Vec<unsigned short, 8>*)(p4 + image * (long long)2880 + channel * (long long)1 + o0 * (long long)320 + o1 * (long long)32 + 0) = v7[0];
}
