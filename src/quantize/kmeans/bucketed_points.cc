// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "base/threads/parallel.h"
#include "quantize/kmeans/sort_floats.h"
#include "quantize/kmeans/weighted_points.h"

namespace nbits {
namespace {

constexpr int kLowBits = 32 - BucketedPoints::kBucketBits;
constexpr uint32_t kLowMask = (1u << kLowBits) - 1;
constexpr size_t kBuckets = size_t{1} << BucketedPoints::kBucketBits;

uint32_t BucketOf(float value) { return OrderedKey(value) >> kLowBits; }

// From one value of a bucket to the next.
double StepOf(uint32_t bucket) {
  const uint32_t key = bucket << kLowBits;
  return static_cast<double>(FloatOfKey(key + 1)) - FloatOfKey(key);
}

// One 64-bit word a bucket counts values (above) and sums their low bits (below): with at most 2^25
// values of 12 low bits neither field overflows.
constexpr int64_t kMostInOneHistogram = int64_t{1} << 25;
constexpr int kCountShift = 38;
static_assert(25 + kLowBits <= kCountShift && kCountShift + 26 <= 64);

void Count(std::span<const float> values, uint64_t* histogram) {
  for (float value : values) {
    const uint32_t key = OrderedKey(value);
    histogram[key >> kLowBits] += (uint64_t{1} << kCountShift) | (key & kLowMask);
  }
}

}  // namespace

BucketedPoints::BucketedPoints(std::span<const float> values)
    : values_(values), counts_(kBuckets), low_bits_(kBuckets), is_split_(kBuckets) {
  const auto total = static_cast<int64_t>(values.size());
  const int64_t pieces =
      std::max<int64_t>(std::min(DefaultThreads(), 8), total / kMostInOneHistogram + 1);
  const int64_t step = std::min((total + pieces - 1) / pieces, kMostInOneHistogram);
  std::vector<uint64_t> histograms(kBuckets * pieces);
  ParallelFor(pieces, [&](int64_t i) {
    const int64_t begin = std::min(i * step, total), end = std::min(begin + step, total);
    Count(values.subspan(begin, end - begin), histograms.data() + i * kBuckets);
  });
  for (int64_t i = 0; i < pieces; ++i) {
    for (size_t b = 0; b < kBuckets; ++b) {
      const uint64_t word = histograms[i * kBuckets + b];
      counts_[b] += word >> kCountShift;
      low_bits_[b] += word & ((uint64_t{1} << kCountShift) - 1);
    }
  }
  Rebuild();
}

void BucketedPoints::Rebuild() {
  points_.clear();
  auto single = split_.begin();
  for (uint32_t b = 0; b < kBuckets; ++b) {
    if (counts_[b] == 0) continue;
    if (is_split_[b]) {
      while (single != split_.end() && BucketOf(static_cast<float>(single->value)) == b) {
        points_.push_back(*single++);
      }
      continue;
    }
    // Within a bucket a value is linear in its key.
    const double base = FloatOfKey(b << kLowBits), step = StepOf(b);
    const auto count = static_cast<double>(counts_[b]);
    points_.push_back({base + step * (static_cast<double>(low_bits_[b]) / count), count});
  }
}

void BucketedPoints::Split(const std::vector<uint32_t>& buckets) {
  bool any = false;
  for (uint32_t b : buckets) {
    any |= counts_[b] > 1 && !is_split_[b];
    is_split_[b] = 1;
  }
  if (!any) return;
  constexpr int64_t kPiece = 1 << 18;
  const auto total = static_cast<int64_t>(values_.size());
  std::vector<std::vector<float>> found((total + kPiece - 1) / kPiece);
  ParallelFor(static_cast<int64_t>(found.size()), [&](int64_t i) {
    const int64_t begin = i * kPiece, end = std::min(begin + kPiece, total);
    for (float value : values_.subspan(begin, end - begin)) {
      if (is_split_[BucketOf(value)]) found[i].push_back(value);
    }
  });
  std::vector<float> singles;
  for (const auto& piece : found) singles.insert(singles.end(), piece.begin(), piece.end());
  split_ = DistinctPoints(singles, {});
  Rebuild();
}

void BucketedPoints::SplitAt(std::span<const double> boundaries) {
  std::vector<uint32_t> buckets;
  for (double boundary : boundaries) buckets.push_back(BucketOf(static_cast<float>(boundary)));
  Split(buckets);
}

void BucketedPoints::SplitCoarse(double limit) {
  std::vector<uint32_t> buckets;
  for (uint32_t b = 0; b < kBuckets; ++b) {
    if (counts_[b] <= 1) continue;
    const double width = kLowMask * StepOf(b);
    if (Demand(static_cast<double>(counts_[b]), width) > limit) buckets.push_back(b);
  }
  Split(buckets);
}

}  // namespace nbits
