// Prints how long a cache line takes from one core to another, in nanoseconds: a few tens between
// cores of one third-level cache, a hundred and more between others. A virtual machine may be moved
// from the one to the other at any time, and programs that share data between threads feel it.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

namespace {

constexpr int kPasses = 2000;  // Half a millisecond and less.
constexpr int kBursts = 5;

// The thread with number `self` waits for its turn and gives the line to the other.
void Pass(std::atomic<int>& turn, int self) {
  for (int i = self; i < kPasses; i += 2) {
    while (turn.load(std::memory_order_acquire) != i) {
    }
    turn.store(i + 1, std::memory_order_release);
  }
}

double NanosecondsPerPass() {
  alignas(128) std::atomic<int> turn = -1;
  std::thread other([&] {
    turn = 0;
    Pass(turn, 1);
  });
  while (turn.load() < 0) {
  }
  const auto start = std::chrono::steady_clock::now();
  Pass(turn, 0);
  const auto end = std::chrono::steady_clock::now();
  other.join();
  return std::chrono::duration<double, std::nano>(end - start).count() / kPasses;
}

}  // namespace

int main() {
  std::array<double, kBursts> bursts;
  std::generate(bursts.begin(), bursts.end(), NanosecondsPerPass);
  std::nth_element(bursts.begin(), bursts.begin() + kBursts / 2, bursts.end());
  std::printf("%.0f\n", bursts[kBursts / 2]);
}
