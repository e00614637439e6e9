// SPDX-License-Identifier: Apache-2.0
// Runs a kernel's blocks one after the other, the blocks of a cluster together, and their threads as
// coroutines that take turns at barriers and exchanges.
#include <cstring>
#include <ucontext.h>
#include <vector>

struct Place { unsigned int x, y, z; };
extern "C" { Place emulated_thread, emulated_block, emulated_grid; }

namespace {
constexpr int kWarp = 32, kStack = 256 << 10, kShared = 227 << 10, kWords = 16;
struct Gate { int live = 0, arrived = 0; unsigned turn = 0; };
struct Thread { ucontext_t context; char slot[16]; bool done; };
struct Warp { unsigned words[kWarp][kWords]; };

void (*entry)(void**);
void** parameters;
ucontext_t scheduler;
std::vector<Thread> threads;
std::vector<char> stacks;
std::vector<Gate> warps, blocks;
std::vector<Warp> shared_words;
std::vector<unsigned char> memories;
Gate cluster;
int width;       // threads of a block
unsigned first;  // the first block of the cluster
unsigned group;  // the blocks' second coordinate

unsigned number() { return (emulated_block.x - first) * width + emulated_thread.x; }

void become(unsigned thread) {
  emulated_thread = {thread % width, 0, 0};
  emulated_block = {first + thread / width, group, 0};
}

void give_way() {
  const unsigned me = number();
  swapcontext(&threads[me].context, &scheduler);
  become(me);
}

void open_if_full(Gate& gate) {
  if (gate.arrived >= gate.live && gate.arrived > 0) { gate.arrived = 0; ++gate.turn; }
}

void pass(Gate& gate) {
  const unsigned turn = gate.turn;
  ++gate.arrived;
  open_if_full(gate);
  while (gate.turn == turn) give_way();
}

void run_thread() {
  const unsigned me = number();
  entry(parameters);
  threads[me].done = true;
  for (Gate* gate : {&cluster, &blocks[me / width], &warps[me / kWarp]}) {
    --gate->live;
    open_if_full(*gate);
  }
  swapcontext(&threads[me].context, &scheduler);
}

// `count` threads of as many blocks as a cluster has.
void run_cluster(int count) {
  cluster = Gate{count, 0, 0};
  blocks.assign(count / width, Gate{width, 0, 0});
  std::memset(memories.data(), 0xff, memories.size());
  warps.assign((count + kWarp - 1) / kWarp, Gate{});
  for (int t = 0; t < count; ++t) {
    ++warps[t / kWarp].live;
    threads[t].done = false;
    getcontext(&threads[t].context);
    threads[t].context.uc_stack.ss_sp = &stacks[(size_t)t * kStack];
    threads[t].context.uc_stack.ss_size = kStack;
    threads[t].context.uc_link = &scheduler;
    makecontext(&threads[t].context, run_thread, 0);
  }
  for (int left = count; left;) {
    left = 0;
    for (int t = 0; t < count; ++t) {
      if (threads[t].done) continue;
      become(t);
      swapcontext(&scheduler, &threads[t].context);
      left += !threads[t].done;
    }
  }
}
}  // namespace

extern "C" void emulated_barrier() { pass(blocks[number() / width]); }
extern "C" void emulated_warp_barrier() { pass(warps[number() / kWarp]); }
extern "C" void emulated_cluster_barrier() { pass(cluster); }
extern "C" void* emulated_warp() { return shared_words[number() / kWarp].words; }
extern "C" int emulated_rank() { return emulated_block.x - first; }
extern "C" unsigned char* emulated_memory(int rank) {
  unsigned char* start = memories.data() + (128 - (size_t)memories.data() % 128) % 128;
  return start + (size_t)rank * kShared;
}

extern "C" void emulated_exchange(void* value, int bytes, int distance) {
  const unsigned me = number();
  Gate& warp = warps[me / kWarp];
  std::memcpy(threads[me].slot, value, bytes);
  pass(warp);
  std::memcpy(value, threads[me ^ distance].slot, bytes);
  pass(warp);
}

namespace {
void run_group(unsigned number_of_blocks, int count, int meets) {
  for (unsigned b = 0; b < number_of_blocks; b += meets ? meets : 1) {
    emulated_block = {b, group, 0};
    first = b;
    if (meets) { run_cluster(count * meets); continue; }
    for (int t = 0; t < count; ++t) {
      emulated_thread = {(unsigned)t, 0, 0};
      entry(parameters);
    }
  }
}
}  // namespace

// `meets`: how many blocks' threads wait for each other; where it is 0, they run one by one.
extern "C" void emulated_launch(
    void (*function)(void**), unsigned number_of_blocks, unsigned groups, int count, void** values,
    int meets) {
  entry = function;
  parameters = values;
  emulated_grid = {number_of_blocks, groups, 1};
  width = count;
  const int together = count * (meets ? meets : 1);
  if (meets && threads.size() < (size_t)together) {
    threads.resize(together);
    stacks.resize((size_t)together * kStack);
    shared_words.resize((together + kWarp - 1) / kWarp);
  }
  if (meets) memories.resize((size_t)meets * kShared + 128);
  for (group = 0; group < groups; ++group) run_group(number_of_blocks, count, meets);
}
