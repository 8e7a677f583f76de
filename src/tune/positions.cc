// SPDX-License-Identifier: Apache-2.0
#include "tune/positions.h"

#include <algorithm>

namespace nbits {
namespace {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
uint64_t NextRandom(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t value = state;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace

std::vector<int64_t> ChoosePositions(int64_t total, int64_t wanted, uint64_t seed) {
  const int64_t count = std::min(total, wanted);
  std::vector<int64_t> positions;
  positions.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    // Extents end at 2^31: no product overflows.
    const int64_t begin = i * total / count, end = (i + 1) * total / count;
    const auto offset = NextRandom(seed) % static_cast<uint64_t>(end - begin);
    positions.push_back(begin + static_cast<int64_t>(offset));
  }
  return positions;
}

}  // namespace nbits
