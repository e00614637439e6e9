// threads=128 shared=0 faults=0 groups=1
template <typename T, int N> struct __align__(sizeof(T) * N) Vec { T at[N]; };
static __device__ __forceinline__ void dependency_wait() {
  asm volatile("griddepcontrol.wait;" ::: "memory");
}
static __device__ __forceinline__ void launch_dependents() {
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}
static __device__ __forceinline__ float maximum(float a, float b) {
  float value;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(value) : "f"(a), "f"(b));
  return value;
}
static __device__ __forceinline__ double maximum(double a, double b) {
  return a != a || a > b ? a : b;
}
template <typename T> static __device__ __forceinline__ T shuffle(T value, int distance) {
  if constexpr (sizeof(T) < 4) return (T)__shfl_xor_sync(0xffffffffu, (int)value, distance);
  else return __shfl_xor_sync(0xffffffffu, value, distance);
}
extern "C" __global__ void __launch_bounds__(128)
kernel(const long long n0, const float* __restrict__ p1, float* __restrict__ p2, unsigned long long* status, int step) {
  dependency_wait();
  if (gridDim.x <= 132) launch_dependents();
  const int lane = threadIdx.x % 32;
  const long long v1 = (long long)blockIdx.x * 4 + threadIdx.x / 32;
  if (v1 >= n0) return;
  const long long v2 = (long long)(v1);
  float a3 = (-__int_as_float(0x7f800000));
  for (int c5 = lane; c5 < 50; c5 += 32) {
    const int v6 = (c5) * 4;
    const long long v7 = v2 * (long long)200;
    const long long v8 = v7 + (long long)v6;
    Vec<float, 4> v9[1];
    v9[0] = *(const Vec<float, 4>*)(p1 + v8 + 0);
    float v10[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) v10[k] = v9[k / 4].at[k % 4];
#pragma unroll
    for (int k = 0; k < 4; ++k) a3 = maximum(a3, v10[k]);
  }
#pragma unroll
  for (int d = 16; d > 0; d >>= 1) {
    const float v11 = shuffle(a3, d);
    a3 = maximum(a3, v11);
  }
  float a12 = 0x0.0p+0f;
  for (int c14 = lane; c14 < 50; c14 += 32) {
    const int v15 = (c14) * 4;
    const long long v16 = v2 * (long long)200;
    const long long v17 = v16 + (long long)v15;
    Vec<float, 4> v18[1];
    v18[0] = *(const Vec<float, 4>*)(p1 + v17 + 0);
    float v19[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) v19[k] = v18[k / 4].at[k % 4];
    float v20[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) v20[k] = v19[k] - a3;
    float v21[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) v21[k] = expf(v20[k]);
#pragma unroll
    for (int k = 0; k < 4; ++k) a12 = a12 + v21[k];
  }
#pragma unroll
  for (int d = 16; d > 0; d >>= 1) {
    const float v22 = shuffle(a12, d);
    a12 = a12 + v22;
  }
  for (int c23 = lane; c23 < 50; c23 += 32) {
    const int v24 = (c23) * 4;
    const long long v25 = v2 * (long long)200;
    const long long v26 = v25 + (long long)v24;
    Vec<float, 4> v27[1];
    v27[0] = *(const Vec<float, 4>*)(p1 + v26 + 0);
    float v28[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) v28[k] = v27[k / 4].at[k % 4];
    float v29[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) v29[k] = v28[k] - a3;
    float v30[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) v30[k] = expf(v29[k]);
    float v31[4];
#pragma unroll
    for (int k = 0; k < 4; ++k) v31[k] = v30[k] / a12;
    Vec<float, 4> v32[1];
#pragma unroll
    for (int k = 0; k < 4; ++k) v32[k / 4].at[k % 4] = v31[k];
    *(Vec<float, 4>*)(p2 + v26 + 0) = v32[0];
  }
}
