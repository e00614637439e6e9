// threads=128 shared=28160 faults=0 groups=1
extern "C" __global__ void __launch_bounds__(128)
kernel(const float* __restrict__ p0, const float* __restrict__ p1, const float* __restrict__ p2, float* __restrict__ p3, unsigned long long* status, int step) {
  const int queries = (int)33, keys = (int)150;
  const int blocks = (queries + 31) / 32;
  const int first_row = blockIdx.x % blocks * 32;
  int unit = blockIdx.x / blocks;
  const int b0 = unit;
  const auto* const query_head = p0 + b0 * (long long)2376;
  const auto* const key_head = p1 + b0 * (long long)10800;
  const auto* const value_head = p2 + b0 * (long long)6000;
  const int seen = keys;
  auto score = [&](float sum, int row, int key) -> float {
    if (row >= queries || key >= keys) return -__int_as_float(0x7f800000);
    return sum * 0.25f;
  }
  ;
  extern __shared__ __align__(16) unsigned char memory[];
  float* const query_tile = (float*)memory;
  float* const key_tile = query_tile + 2336;
  float* const value_tile = key_tile + 2336;
  float* const powers = value_tile + 1312;
  const int share = threadIdx.x % 8, own = threadIdx.x / 8 * 2;
  float mixed[2][5] = {};
  float top[2], total[2];
#pragma unroll
  for (int r = 0; r < 2; ++r) { top[r] = -__int_as_float(0x7f800000); total[r] = 0.0f; }
  for (int e = threadIdx.x; e < 2304; e += 128) {
    const int local = e / 72, column = e % 72;
    const int row = first_row + local;
    query_tile[local * 73 + column] = row < queries ? *(query_head + row * (long long)72 + column * (long long)1) : 0.0f;
  }
  for (int first = 0; first < seen; first += 32) {
    __syncthreads();
    for (int e = threadIdx.x; e < 2304; e += 128) {
      const int local = e / 72, column = e % 72;
      const int row = first + local;
      key_tile[local * 73 + column] = row < keys ? *(key_head + row * (long long)72 + column * (long long)1) : 0.0f;
    }
    for (int e = threadIdx.x; e < 1280; e += 128) {
      const int local = e / 40, column = e % 40;
      const int row = first + local;
      value_tile[local * 41 + column] = row < keys ? *(value_head + row * (long long)40 + column * (long long)1) : 0.0f;
    }
    __syncthreads();
    float s[2][4] = {};
    for (int d = 0; d < 72; ++d) {
#pragma unroll
      for (int r = 0; r < 2; ++r)
#pragma unroll
        for (int j = 0; j < 4; ++j)
          s[r][j] = fmaf(query_tile[(own + r) * 73 + d],
              key_tile[(j * 8 + share) * 73 + d], s[r][j]);
    }
#pragma unroll
    for (int r = 0; r < 2; ++r) {
      float greatest = top[r];
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        s[r][j] = score(s[r][j], first_row + own + r, first + j * 8 + share);
        greatest = fmaxf(greatest, s[r][j]);
      }
#pragma unroll
      for (int d = 1; d < 8; d <<= 1)
        greatest = fmaxf(greatest, __shfl_xor_sync(~0u, greatest, d));
      const float safe = greatest == -__int_as_float(0x7f800000) ? 0.0f : greatest;
      const float shrink = expf(top[r] - safe);
      top[r] = greatest;
      float sum = 0.0f;
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const float power = expf(s[r][j] - safe);
        powers[(own + r) * 33 + j * 8 + share] = power;
        sum += power;
      }
      total[r] = total[r] * shrink + sum;
#pragma unroll
      for (int j = 0; j < 5; ++j) mixed[r][j] *= shrink;
    }
    __syncwarp();
    for (int key = 0; key < 32; ++key) {
#pragma unroll
      for (int j = 0; j < 5; ++j) {
        const float value = true ? value_tile[key * 41 + j * 8 + share] : 0.0f;
#pragma unroll
        for (int r = 0; r < 2; ++r)
          mixed[r][j] = fmaf(powers[(own + r) * 33 + key], value, mixed[r][j]);
      }
    }
    __syncwarp();
  }
#pragma unroll
  for (int r = 0; r < 2; ++r) {
#pragma unroll
    for (int d = 1; d < 8; d <<= 1) total[r] += __shfl_xor_sync(~0u, total[r], d);
  }
#pragma unroll
  for (int r = 0; r < 2; ++r)
#pragma unroll
  for (int j = 0; j < 5; ++j)
  {
    const int row = first_row + own + r, column = j * 8 + share;
    const float v[1] = {total[r] == 0.0f ? 0.0f : mixed[r][j] / total[r]};
    if (row < queries && column < 40) {
#pragma unroll
      for (int k = 0; k < 1; ++k) (p3 + b0 * (long long)1320 + row * (long long)40 + column * (long long)1)[k] = v[k];
    }
  }
}
