// SPDX-License-Identifier: Apache-2.0
// Every item is done once, by whichever worker; each worker begins with its own part.
#include "engine/kernels/common/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace nbits {
namespace {

void ExpectEveryItemOnce(int64_t count, int threads) {
  std::vector<std::atomic<int>> times(count);
  std::atomic<bool> knows_worker = true;
  ForWorkers(count, threads, [&](int64_t item, int64_t worker) {
    ++times[item];
    if (worker < 0 || worker >= threads) knows_worker = false;
  });
  EXPECT_TRUE(knows_worker);
  for (int64_t i = 0; i < count; ++i) EXPECT_EQ(times[i], 1) << i << " of " << count;
}

TEST(WorkersTest, EveryItemOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    for (const int64_t count : {0, 1, 2, 5, 64, 1000}) ExpectEveryItemOnce(count, threads);
  }
}

TEST(WorkersTest, FromSeveralThreadsAtOnce) {
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([] {
      for (int k = 0; k < 20; ++k) ExpectEveryItemOnce(37, 2);
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(WorkersTest, OwnPartFirstThenTheOthers) {
  WorkerItems items(10, 3);  // [0, 3), [3, 6), [6, 10)
  std::vector<int64_t> order;
  items.Run(1, [&](int64_t item, int worker) {
    EXPECT_EQ(worker, 1);
    order.push_back(item);
  });
  EXPECT_EQ(order, (std::vector<int64_t>{3, 4, 5, 6, 7, 8, 9, 0, 1, 2}));
}

}  // namespace
}  // namespace nbits
