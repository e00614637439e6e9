// threads=256 shared=0 faults=0 groups=1
extern "C" __global__ void __launch_bounds__(256)
kernel(const float* __restrict__ p0, const float* __restrict__ p1, const float* __restrict__ p2, float* __restrict__ p3, unsigned long long* status, int step) {
  __shared__ __align__(16) float left_tile[2][16][40];
  __shared__ __align__(16) float right_tile[2][16][72];
  const int rows = (int)37, columns = (int)50;
  const int depth = (int)19;
  const int row_tiles = (rows + 31) / 32;
  const int column_tiles = (columns + 63) / 64;
  int unit = blockIdx.x;
  const int first_row = unit % row_tiles * 32; unit /= row_tiles;
  const int first_column = unit % column_tiles * 64; unit /= column_tiles;
  const int g1 = unit % (int)3; unit /= (int)3;
  const int g0 = unit % (int)2; unit /= (int)2;
  const int thread = threadIdx.x;
  float next_left[2];
  const float* left_start[2]; bool left_valid[2];
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const int line = first_row + thread / 16 + r * 16;
    left_valid[r] = line < rows;
    left_start[r] = p0 + g0 * (long long)2109 + g1 * (long long)703 + line * (long long)19;
  }
  auto load_left = [&](int step) {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const int r = i;
      const int k = step * 16 + thread % 16;
      float element;
      element = left_valid[r] && k < depth ? *(left_start[r] + k * (long long)1) : 0.0f;
      next_left[i] = element;
    }
  }
  ;
  auto keep_left = [&](int buffer) {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const int r = i;
      left_tile[buffer][thread % 16][thread / 16 + r * 16] = next_left[i];
    }
  }
  ;
  float next_right[4];
  const float* right_start[1]; bool right_valid[1];
#pragma unroll
  for (int r = 0; r < 1; ++r) {
    const int line = first_column + thread % 64;
    right_valid[r] = line < columns;
    right_start[r] = p1 + g0 * (long long)2850 + g1 * (long long)950 + line * (long long)1;
  }
  auto load_right = [&](int step) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int r = 0;
      const int k = step * 16 + thread / 64 + i * 4;
      float element;
      element = right_valid[r] && k < depth ? *(right_start[r] + k * (long long)50) : 0.0f;
      next_right[i] = element;
    }
  }
  ;
  auto keep_right = [&](int buffer) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int r = 0;
      right_tile[buffer][thread / 64 + i * 4][thread % 64] = next_right[i];
    }
  }
  ;
  const int across = thread % 16, down = thread / 16;
  float sum[2][4] = {};
  const int steps = (depth + 15) / 16;
  load_left(0); load_right(0);
  keep_left(0); keep_right(0);
  __syncthreads();
  for (int step = 0; step < steps; ++step) {
    const int buffer = step & 1;
    if (step + 1 < steps) { load_left(step + 1); load_right(step + 1); }
  
#pragma unroll
    for (int k = 0; k < 16; ++k) {
      float a[2], b[4];
#pragma unroll
      for (int i = 0; i < 2; ++i) a[i] = left_tile[buffer][k][down * 2 + i];
#pragma unroll
      for (int j = 0; j < 4; ++j) b[j] = right_tile[buffer][k][across * 4 + j];
#pragma unroll
      for (int i = 0; i < 2; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
    }
    if (step + 1 < steps) { keep_left(buffer ^ 1); keep_right(buffer ^ 1); }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
  for (int j = 0; j < 4; j += 4)
  {
    const float v[4] = {sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]};
    const int row = first_row + down * 2 + i;
    const int column = first_column + across * 4 + j;
    if (row < rows && column < columns) {
      float v1[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) v1[k] = column + k < columns ? (p2 + g0 * (long long)5550 + g1 * (long long)1850 + row * (long long)50 + column * (long long)1)[k] : (float)0;
      float v2[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) v2[k] = v[k] + v1[k];
#pragma unroll
      for (int k = 0; k < 4; ++k) if (column + k < columns) (p3 + g0 * (long long)5550 + g1 * (long long)1850 + row * (long long)50 + column * (long long)1)[k] = v2[k];
    }
  }
}
