// threads=256 shared=0 faults=0 groups=1
extern "C" __global__ void __launch_bounds__(256)
kernel(const float* __restrict__ p0, float* __restrict__ p1, unsigned long long* status, int step) {
  const long long e = blockIdx.x * (long long)256 + threadIdx.x;
  if (e < 648) {
    long long rest = e, place = 0;
    place += rest % 6 * 36; rest /= 6;
    place += rest % 4 * 9; rest /= 4;
    place += rest % 3 * 1; rest /= 3;
    place += rest % 3 * 3; rest /= 3;
    place += rest % 3 * 216; rest /= 3;
    p1[e] = p0[place];
  }
}
