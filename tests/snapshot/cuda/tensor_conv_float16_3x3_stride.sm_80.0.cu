// threads=256 shared=0 faults=0 groups=1
extern "C" __global__ void __launch_bounds__(256)
kernel(const unsigned short* __restrict__ p0, unsigned short* __restrict__ p1, unsigned long long* status, int step) {
  const long long e = blockIdx.x * (long long)256 + threadIdx.x;
  if (e < 8640) {
    long long rest = e, place = 0;
    bool valid = rest % 24 < 24;
    place += rest % 24 * 9;
    rest /= 24;
    place += rest % 3 * 1;
    rest /= 3;
    place += rest % 3 * 3;
    rest /= 3;
    place += rest % 40 * 216;
    rest /= 40;
    p1[e] = valid ? p0[place] : 0;
  }
}
