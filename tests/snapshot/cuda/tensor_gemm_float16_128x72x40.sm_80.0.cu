// threads=256 shared=0 faults=0 groups=1
extern "C" __global__ void __launch_bounds__(256)
kernel(const unsigned short* __restrict__ p0, unsigned short* __restrict__ p1, unsigned long long* status, int step) {
  const long long e = blockIdx.x * (long long)256 + threadIdx.x;
  if (e < 2880) {
    long long rest = e, place = 0;
    bool valid = rest % 40 < 40;
    place += rest % 40 * 72;
    rest /= 40;
    place += rest % 72 * 1;
    rest /= 72;
    p1[e] = valid ? p0[place] : 0;
  }
}
