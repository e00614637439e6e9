// threads=128 shared=0 faults=0 groups=1
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
extern "C" __global__ void __launch_bounds__(128)
kernel(float* __restrict__ p0, const float* __restrict__ p1, const float* __restrict__ p2, unsigned long long* status, int step) {
  dependency_wait();
  if (gridDim.x <= 132) launch_dependents();
  const unsigned int v1 = (unsigned int)blockIdx.x * 128 + threadIdx.x;
  if (v1 >= 462) return;
  const int v2 = (int)(v1 % 77);
  const unsigned int v3 = v1 / 77;
  const int v4 = (int)(v3);
  const int v5 = v4 * 77;
  const int v6 = v5 + v2;
  const float v7 = p1[v6];
  const float v8 = p2[v2];
  const float v9 = v7 + v8;
  const float v10 = maximum(v9, 0x0.0p+0f);
  p0[v6] = v10;
}
