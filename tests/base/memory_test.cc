// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace nbits {
namespace {

// Small ones, some that share a slab, one of its own, and enough for a second slab.
TEST(AllocateBlock, BlocksKeepWhatIsWrittenWhileOthersComeAndGo) {
  std::vector<size_t> sizes = {0, 1, 100, 16 << 10, 100001, 7 << 20, 9 << 20};
  sizes.insert(sizes.end(), 12, 3 << 20);
  std::vector<std::shared_ptr<std::byte[]>> blocks;
  for (size_t i = 0; i < sizes.size(); ++i) {
    blocks.push_back(AllocateBlock(sizes[i]));
    if (sizes[i] > 0) std::memset(blocks[i].get(), static_cast<int>(i), sizes[i]);
  }
  for (size_t i = 0; i < blocks.size(); i += 2) blocks[i].reset();
  for (size_t i = 0; i < blocks.size(); i += 2) {
    blocks[i] = AllocateBlock(sizes[i]);
    if (sizes[i] > 0) std::memset(blocks[i].get(), 99, sizes[i]);
  }
  for (size_t i = 1; i < blocks.size(); i += 2) {
    EXPECT_EQ(blocks[i][0], std::byte(i));
    EXPECT_EQ(blocks[i][sizes[i] - 1], std::byte(i));
  }
}

}  // namespace
}  // namespace nbits
