#include "quantize/nearest_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace nbits {
namespace {

constexpr int kIndexBits = 16;
constexpr int64_t kWorthAnIndex = 1 << 16;
constexpr uint32_t kSign = 0x80000000;

uint32_t IndexOf(float value) { return std::bit_cast<uint32_t>(value) >> (32 - kIndexBits); }

// The smallest value with these leading bits: for negative numbers the one of largest magnitude.
float SmallestOf(uint32_t index) {
  const uint32_t bits = index << (32 - kIndexBits);
  const uint32_t rest = bits & kSign ? (uint32_t{1} << (32 - kIndexBits)) - 1 : 0;
  return std::bit_cast<float>(bits | rest);
}

// The largest float that is not above the middle between a < b.
float LimitBetween(float a, float b) {
  const double middle = (static_cast<double>(a) + b) / 2;
  const auto limit = static_cast<float>(middle);
  if (limit <= middle) return limit;
  return std::nextafter(limit, -std::numeric_limits<float>::infinity());
}

}  // namespace

NearestEncoder::NearestEncoder(std::span<const float> table, int64_t expected) {
  std::vector<uint8_t> order(table.size());
  std::iota(order.begin(), order.end(), uint8_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](uint8_t a, uint8_t b) { return table[a] < table[b]; });
  for (uint8_t entry : order) {
    if (!codes_.empty()) {
      const float previous = table[codes_.back()];
      if (table[entry] == previous) continue;
      limits_.push_back(LimitBetween(previous, table[entry]));
    }
    codes_.push_back(entry);
  }
  limits_.push_back(std::numeric_limits<float>::infinity());
  if (expected >= kWorthAnIndex) BuildIndex();
}

void NearestEncoder::BuildIndex() {
  first_rank_.resize(size_t{1} << kIndexBits);
  for (uint32_t index = 0; index < first_rank_.size(); ++index) {
    const float smallest = SmallestOf(index);
    first_rank_[index] = std::isfinite(smallest) ? static_cast<uint8_t>(RankBySearch(smallest)) : 0;
  }
}

size_t NearestEncoder::RankBySearch(float value) const {
  return std::lower_bound(limits_.begin(), limits_.end() - 1, value) - limits_.begin();
}

size_t NearestEncoder::RankByIndex(float value) const {
  size_t rank = first_rank_[IndexOf(value)];
  while (value > limits_[rank]) ++rank;
  return rank;
}

uint8_t NearestEncoder::Encode(float value) const { return codes_[RankBySearch(value)]; }

void NearestEncoder::Encode(std::span<const float> values, uint8_t* codes) const {
  if (first_rank_.empty()) {
    for (size_t i = 0; i < values.size(); ++i) codes[i] = Encode(values[i]);
    return;
  }
  for (size_t i = 0; i < values.size(); ++i) codes[i] = codes_[RankByIndex(values[i])];
}

}  // namespace nbits
