// threads=128 shared=0 faults=0 groups=1
static __device__ __forceinline__ void dependency_wait() {
  asm volatile("griddepcontrol.wait;" ::: "memory");
}
static __device__ __forceinline__ void launch_dependents() {
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}
extern "C" __global__ void __launch_bounds__(128)
kernel(float* __restrict__ p0, const float* __restrict__ p1, unsigned long long* status, int step) {
  dependency_wait();
  if (gridDim.x <= 132) launch_dependents();
  const unsigned int v1 = (unsigned int)blockIdx.x * 128 + threadIdx.x;
  if (v1 >= 2160) return;
  const int v2 = (int)(v1 % 24);
  const unsigned int v3 = v1 / 24;
  const int v4 = (int)(v3);
  const int v5 = v2 * 90;
  const int v6 = v5 + v4;
  const float v7 = p1[v6];
  const int v8 = v4 * 24;
  const int v9 = v2 + v8;
  p0[v9] = v7;
}
