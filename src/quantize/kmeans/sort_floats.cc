// SPDX-License-Identifier: Apache-2.0
#include "quantize/kmeans/sort_floats.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nbits {
namespace {

// Three passes of 11 bits cover a key; their counters fit the first-level cache.
constexpr int kDigitBits = 11;
constexpr int kPasses = 3;
constexpr size_t kDigits = size_t{1} << kDigitBits;
// Below this many values comparing is faster than counting.
constexpr size_t kWorthCounting = 512;

using Counters = std::array<std::array<size_t, kDigits>, kPasses>;

uint32_t DigitOf(uint32_t key, int pass) { return key >> (pass * kDigitBits) & (kDigits - 1); }

void CountDigits(std::span<const uint32_t> keys, Counters& counters) {
  for (uint32_t key : keys) {
    for (int pass = 0; pass < kPasses; ++pass) ++counters[pass][DigitOf(key, pass)];
  }
}

// Counts become the places where the digits' keys begin.
void Accumulate(std::array<size_t, kDigits>& counters) {
  size_t place = 0;
  for (size_t& counter : counters) place += std::exchange(counter, place);
}

void SortKeys(std::vector<uint32_t>& keys) {
  if (keys.size() < kWorthCounting) return std::sort(keys.begin(), keys.end());
  Counters counters = {};
  CountDigits(keys, counters);
  std::vector<uint32_t> target(keys.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    Accumulate(counters[pass]);
    for (uint32_t key : keys) target[counters[pass][DigitOf(key, pass)]++] = key;
    keys.swap(target);
  }
}

}  // namespace

std::vector<float> SortedFloats(std::span<const float> values) {
  std::vector<uint32_t> keys(values.size());
  std::transform(values.begin(), values.end(), keys.begin(), OrderedKey);
  SortKeys(keys);
  std::vector<float> sorted(values.size());
  std::transform(keys.begin(), keys.end(), sorted.begin(), FloatOfKey);
  return sorted;
}

}  // namespace nbits
