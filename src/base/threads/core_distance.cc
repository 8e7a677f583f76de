// SPDX-License-Identifier: Apache-2.0
#include "base/threads/core_distance.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/threads/parallel.h"

namespace nbits {
namespace {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::duration<double, std::nano>;

// Between cores of one third-level cache a line takes 30 to 45 ns on a Zen 5 EPYC, between others
// 160 to 200.
constexpr double kFarNanoseconds = 100;
constexpr std::chrono::milliseconds kAnswerHolds(100);
constexpr std::chrono::microseconds kLongestWait(200);  // For a thread that does not run just now.
// The fastest of some bursts counts: whatever else happens makes them slower only.
constexpr int kBursts = 3, kPasses = 10;
constexpr int kEnd = -1;

// Where two threads meet: odd numbers are the first thread's, even ones the other's. Two cache
// lines, because processors fetch them in pairs.
struct alignas(128) Line {
  std::atomic<int> turn = 0;
};

bool WaitFor(const Line& line, int turn, Clock::time_point deadline) {
  constexpr int kLooks = 100;  // Looking at the clock takes as long as some of them.
  for (int look = 1; line.turn.load(std::memory_order_acquire) != turn; ++look) {
    if (look % kLooks == 0 && Clock::now() > deadline) return false;
  }
  return true;
}

// The other thread's part: answers until the end.
void Answer(Line& line) {
  for (int turn = line.turn; turn != kEnd; turn = line.turn.load(std::memory_order_acquire)) {
    if (turn % 2 == 1) line.turn.compare_exchange_strong(turn, turn + 1);
  }
}

// Of one pass; infinite where nobody answers.
double Measure(Line& line) {
  double least = std::numeric_limits<double>::infinity();
  int turn = 0;
  for (int burst = 0; burst < kBursts; ++burst) {
    const Clock::time_point start = Clock::now();
    for (int pass = 0; pass < kPasses; ++pass, turn += 2) {
      line.turn.store(turn + 1, std::memory_order_release);
      if (!WaitFor(line, turn + 2, start + kLongestWait)) return least;
    }
    const Nanoseconds elapsed = Clock::now() - start;
    least = std::min(least, elapsed.count() / (2 * kPasses));
  }
  return least;
}

std::atomic<int64_t> measured_at = std::numeric_limits<int64_t>::min();  // In Clock's units.
std::atomic<bool> last_answer = false;
std::atomic<int> assumed = -1;  // Neither 0 nor 1: nothing is assumed.

}  // namespace

double CoreDistance(int threads) {
  int others = 0;
  while (1 << others < threads) ++others;
  std::vector<Line> lines(others);
  double farthest = 0;
  OnTeam(threads, [&](int thread) {
    for (size_t i = 0; i < lines.size(); ++i) {
      if (thread == 1 << i) Answer(lines[i]);
      if (thread != 0) continue;
      const double distance = Measure(lines[i]);
      if (distance < std::numeric_limits<double>::infinity()) {
        farthest = std::max(farthest, distance);
      }
      lines[i].turn = kEnd;
    }
  });
  return farthest;
}

bool CoresAreFar(int threads) {
  if (threads <= 1) return false;
  if (const int answer = assumed; answer >= 0) return answer == 1;
  const Clock::time_point now = Clock::now();
  const Clock::time_point last{Clock::duration(measured_at)};
  if (measured_at == std::numeric_limits<int64_t>::min() || now - last > kAnswerHolds) {
    last_answer = CoreDistance(threads) >= kFarNanoseconds;
    measured_at = now.time_since_epoch().count();
  }
  return last_answer;
}

void AssumeCoresAreFar(std::optional<bool> far) { assumed = far ? *far : -1; }

}  // namespace nbits
