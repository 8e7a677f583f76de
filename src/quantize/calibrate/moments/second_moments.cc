// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/moments/second_moments.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/threads/parallel.h"
#include "quantize/calibrate/moments/lower_triangle.h"
#include "quantize/calibrate/moments/panel_product.h"

namespace nbits {
namespace {

// Positions that are centred together, around their own mean: with Float32 products of what is left
// nothing is lost where means are large.
constexpr int64_t kChunk = 2 * kRun;

// What is subtracted from columns, and what is left of their sum then.
struct Center {
  std::vector<float> mean;   // [K].
  std::vector<double> rest;  // [K]: sum over positions of (value - mean).
};

// Columns of one kind, a chunk of positions: x_q, or the drift x_f - x_q.
class Chunk {
 public:
  Chunk(const Columns& actual, const Columns* original, int64_t inputs)
      : actual_(actual), original_(original), inputs_(inputs) {
    center_.mean.resize(inputs);
    center_.rest.resize(inputs);
    ParallelFor((inputs + kBlock - 1) / kBlock, [&](int64_t block) {
      FindCenter(block * kBlock, std::min(inputs, (block + 1) * kBlock));
    });
  }

  int64_t positions() const { return actual_.positions; }
  int64_t inputs() const { return inputs_; }
  const Center& center() const { return center_; }

  // Centred columns [begin, end).
  void Pack(int64_t begin, int64_t end, Panel<float>& panel) const {
    panel.Reset(positions(), end - begin);
    for (int64_t p = 0; p < positions(); ++p) {
      for (int64_t k = begin; k < end; ++k) panel.At(p, k - begin) = Value(p, k) - Mean(k);
    }
  }
  // The same as a stripe, filled up with zeros.
  void Pack(int64_t begin, int64_t end, float* stripe) const {
    if (end - begin == kStripe && original_ == nullptr) {
      return CenterStripe(actual_.data + begin, actual_.stride, positions(), &center_.mean[begin],
                          stripe);
    }
    if (end - begin < kStripe) std::fill_n(stripe, positions() * kStripe, 0.0f);
    for (int64_t p = 0; p < positions(); ++p) {
      for (int64_t k = begin; k < end; ++k) stripe[p * kStripe + k - begin] = Value(p, k) - Mean(k);
    }
  }

 private:
  float Mean(int64_t k) const { return center_.mean[k]; }
  float Value(int64_t p, int64_t k) const {
    const float actual = actual_.data[p * actual_.stride + k];
    return original_ == nullptr ? actual : original_->data[p * original_->stride + k] - actual;
  }

  void FindCenter(int64_t begin, int64_t end) {
    double sums[kBlock] = {};
    for (int64_t p = 0; p < positions(); ++p) {
      for (int64_t k = begin; k < end; ++k) sums[k - begin] += Value(p, k);
    }
    for (int64_t k = begin; k < end; ++k) {
      center_.mean[k] = static_cast<float>(sums[k - begin] / static_cast<double>(positions()));
    }
    double* rest = center_.rest.data();
    for (int64_t p = 0; p < positions(); ++p) {
      for (int64_t k = begin; k < end; ++k) rest[k] += Value(p, k) - Mean(k);
    }
  }

  Columns actual_;
  const Columns* original_;
  int64_t inputs_;
  Center center_;
};

// With means a and b and what is left of sums, r and s: for sums over n positions,
//   sum (a + u) (b + v) = sum u v + a (s + n b / 2) + (r + n a / 2) b.
double Uncentred(double product, const Center& left, int64_t i, const Center& right, int64_t j,
                 double count) {
  const double a = left.mean[i], b = right.mean[j];
  return product + a * (right.rest[j] + count * b / 2) + (left.rest[i] + count * a / 2) * b;
}

// Adds products of columns [begin, end) of one chunk with those of another to `row(i)[j]`, for
// j < last(i).
template <typename Row, typename Last>
void AddBlock(const Chunk& left, const Chunk& right, int64_t begin, int64_t end, const Row& row,
              const Last& last) {
  Panel<float> panel;
  left.Pack(begin, end, panel);
  std::vector<float> stripe(left.positions() * kStripe);
  double products[kBlock * kStripe];
  const auto count = static_cast<double>(left.positions());
  for (int64_t from = 0; from < last(end - 1); from += kStripe) {
    const int64_t to = std::min(from + kStripe, right.inputs());
    right.Pack(from, to, stripe.data());
    std::fill_n(products, kBlock * kStripe, 0.0);
    AddProduct(panel, stripe.data(), products);
    for (int64_t i = begin; i < end; ++i) {
      const double* product = products + (i - begin) * kStripe;
      for (int64_t j = from; j < std::min(to, last(i)); ++j) {
        row(i)[j] += Uncentred(product[j - from], left.center(), i, right.center(), j, count);
      }
    }
  }
}

void AddSum(const Chunk& chunk, std::vector<double>& sum) {
  const auto count = static_cast<double>(chunk.positions());
  for (int64_t k = 0; k < chunk.inputs(); ++k) {
    sum[k] += count * chunk.center().mean[k] + chunk.center().rest[k];
  }
}

// Calls body(begin, end) for blocks of columns, those with the most work first.
template <typename Body>
void ForEachBlock(int64_t inputs, const Body& body) {
  const int64_t blocks = (inputs + kBlock - 1) / kBlock;
  ParallelFor(blocks, [&](int64_t i) {
    const int64_t begin = (blocks - 1 - i) * kBlock;
    body(begin, std::min(begin + kBlock, inputs));
  });
}

void AddActual(const Chunk& actual, SecondMoments& moments) {
  AddSum(actual, moments.sum);
  const auto row = [&](int64_t i) { return moments.products.data() + TriangleElements(i); };
  ForEachBlock(actual.inputs(), [&](int64_t begin, int64_t end) {
    AddBlock(actual, actual, begin, end, row, [](int64_t i) { return i + 1; });
  });
}

void AddDrift(const Chunk& drift, const Chunk& actual, SecondMoments& moments) {
  const int64_t inputs = moments.inputs;
  moments.drift_sum.resize(inputs);
  moments.drift_products.resize(inputs * inputs);
  AddSum(drift, moments.drift_sum);
  const auto row = [&](int64_t i) { return moments.drift_products.data() + i * inputs; };
  ForEachBlock(inputs, [&](int64_t begin, int64_t end) {
    AddBlock(drift, actual, begin, end, row, [inputs](int64_t) { return inputs; });
  });
}

Columns Positions(const Columns& columns, int64_t begin, int64_t count) {
  return {columns.data + begin * columns.stride, count, columns.stride};
}

void AddColumns(const Columns* original, const Columns& actual, SecondMoments& moments) {
  for (int64_t begin = 0; begin < actual.positions; begin += kChunk) {
    const int64_t count = std::min(kChunk, actual.positions - begin);
    const Chunk chunk(Positions(actual, begin, count), nullptr, moments.inputs);
    AddActual(chunk, moments);
    if (original == nullptr) continue;
    const Columns other = Positions(*original, begin, count);
    AddDrift(Chunk(Positions(actual, begin, count), &other, moments.inputs), chunk, moments);
  }
  moments.count += actual.positions;
}

void AddAll(const std::vector<double>& from, std::vector<double>& to) {
  if (to.size() < from.size()) to.resize(from.size());
  for (size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

bool AreFinite(const std::vector<double>& sums) {
  return std::all_of(sums.begin(), sums.end(), [](double sum) { return std::isfinite(sum); });
}

// Of values or sums, with a drift or without.
bool HasLength(const std::vector<double>& sums, int64_t length, bool may_be_empty) {
  return static_cast<int64_t>(sums.size()) == length || (may_be_empty && sums.empty());
}

bool HasNegativeDiagonal(const SecondMoments& moments) {
  for (int64_t k = 0; k < moments.inputs; ++k) {
    if (moments.products[TriangleElements(k) + k] < 0) return true;
  }
  return false;
}

}  // namespace

SecondMoments::SecondMoments(int64_t columns)
    : inputs(columns), sum(columns), products(TriangleElements(columns)) {}

int64_t SecondMoments::Bytes(int64_t columns, bool with_drift) {
  const int64_t drift = with_drift ? columns * columns + columns : 0;
  return static_cast<int64_t>(sizeof(double)) * (columns + TriangleElements(columns) + drift);
}

void SecondMoments::Add(const Columns& columns) { AddColumns(nullptr, columns, *this); }

void SecondMoments::Add(const Columns& original, const Columns& actual) {
  AddColumns(&original, actual, *this);
}

absl::Status SecondMoments::Merge(const SecondMoments& other) {
  if (other.inputs != inputs) {
    return absl::InvalidArgumentError(
        absl::StrCat("moments of ", other.inputs, " inputs for ", inputs));
  }
  AddAll(other.sum, sum);
  AddAll(other.products, products);
  AddAll(other.drift_sum, drift_sum);
  AddAll(other.drift_products, drift_products);
  count += other.count;
  return absl::OkStatus();
}

absl::Status SecondMoments::Validate() const {
  constexpr int64_t kMostInputs = int64_t{1} << 24;  // Of which the square is no overflow.
  const bool fits =
      inputs > 0 && inputs <= kMostInputs && count >= 0 && HasLength(sum, inputs, false) &&
      HasLength(products, TriangleElements(inputs), false) && HasLength(drift_sum, inputs, true) &&
      HasLength(drift_products, inputs * inputs, true) &&
      drift_sum.empty() == drift_products.empty();
  if (!fits) {
    return absl::InvalidArgumentError(absl::StrCat("sums that do not fit ", inputs, " inputs"));
  }
  if (!AreFinite(sum) || !AreFinite(products) || !AreFinite(drift_sum) ||
      !AreFinite(drift_products) || HasNegativeDiagonal(*this)) {
    return absl::FailedPreconditionError("the inputs' moments are infinite or not numbers");
  }
  return absl::OkStatus();
}

void AddToGroups(const Columns* original, const Columns& actual, std::span<SecondMoments> groups) {
  ParallelFor(static_cast<int64_t>(groups.size()), [&](int64_t g) {
    const int64_t shift = g * groups[g].inputs;
    const auto of_group = [shift](const Columns& columns) {
      return Columns{columns.data + shift, columns.positions, columns.stride};
    };
    if (original == nullptr) return groups[g].Add(of_group(actual));
    groups[g].Add(of_group(*original), of_group(actual));
  });
}

}  // namespace nbits
