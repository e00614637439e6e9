// SPDX-License-Identifier: Apache-2.0
// Runs a kernel's blocks one after the other, and the threads of a block as coroutines that take
// turns at barriers and exchanges.
#include <cstring>
#include <ucontext.h>
#include <vector>

struct Place { unsigned int x, y, z; };
extern "C" { Place emulated_thread, emulated_block, emulated_grid; }

namespace {
constexpr int kWarp = 32, kStack = 256 << 10;
struct Gate { int live = 0, arrived = 0; unsigned turn = 0; };
struct Thread { ucontext_t context; char slot[16]; bool done; };

void (*entry)(void**);
void** parameters;
ucontext_t scheduler;
std::vector<Thread> threads;
std::vector<char> stacks;
std::vector<Gate> warps;
Gate block;

void give_way() {
  const unsigned me = emulated_thread.x;
  swapcontext(&threads[me].context, &scheduler);
  emulated_thread.x = me;
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
  const unsigned me = emulated_thread.x;
  entry(parameters);
  threads[me].done = true;
  --block.live;
  open_if_full(block);
  Gate& warp = warps[me / kWarp];
  --warp.live;
  open_if_full(warp);
  swapcontext(&threads[me].context, &scheduler);
}

void run_block(int count) {
  block = Gate{count, 0, 0};
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
      emulated_thread = {(unsigned)t, 0, 0};
      swapcontext(&scheduler, &threads[t].context);
      left += !threads[t].done;
    }
  }
}
}  // namespace

extern "C" void emulated_barrier() { pass(block); }

extern "C" void emulated_exchange(void* value, int bytes, int distance) {
  const unsigned me = emulated_thread.x;
  Gate& warp = warps[me / kWarp];
  std::memcpy(threads[me].slot, value, bytes);
  pass(warp);
  std::memcpy(value, threads[me ^ distance].slot, bytes);
  pass(warp);
}

// `meets`: whether threads wait for each other; where they do not, they run one by one.
extern "C" void emulated_launch(
    void (*function)(void**), unsigned blocks, int count, void** values, int meets) {
  entry = function;
  parameters = values;
  emulated_grid = {blocks, 1, 1};
  if (meets && threads.size() < (size_t)count) {
    threads.resize(count);
    stacks.resize((size_t)count * kStack);
  }
  for (unsigned b = 0; b < blocks; ++b) {
    emulated_block = {b, 0, 0};
    if (meets) { run_block(count); continue; }
    for (int t = 0; t < count; ++t) {
      emulated_thread = {(unsigned)t, 0, 0};
      function(values);
    }
  }
}
