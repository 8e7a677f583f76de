// SPDX-License-Identifier: Apache-2.0
#include "quantize/balanced_rounding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "nbits/quantize.h"
#include "quantize/kmeans/kmeans.h"
#include "quantize/nearest_encoder.h"
#include "test_values.h"

namespace nbits {
namespace {

struct Sums {
  double squared_error = 0;
  std::vector<double> by_channel;  // Of the errors themselves.
};

Sums SumsOf(const std::vector<float>& values, const ChannelLayout& layout,
            const std::vector<float>& table, const std::vector<uint8_t>& codes) {
  Sums sums{0, std::vector<double>(layout.channels)};
  for (size_t i = 0; i < values.size(); ++i) {
    const double error = static_cast<double>(table[codes[i]]) - values[i];
    sums.squared_error += error * error;
    sums.by_channel[static_cast<int64_t>(i) / layout.inner % layout.channels] += error;
  }
  return sums;
}

std::vector<uint8_t> NearestCodes(const std::vector<float>& values,
                                  const std::vector<float>& table) {
  std::vector<uint8_t> codes(values.size());
  NearestEncoder(table, static_cast<int64_t>(values.size())).Encode(values, codes.data());
  return codes;
}

// Plain twin: the definition, choosing one move at a time.
class SlowBalancer {
 public:
  SlowBalancer(const std::vector<float>& values, const ChannelLayout& layout,
               const std::vector<float>& table, std::vector<uint8_t> nearest)
      : values_(values), layout_(layout), table_(table), codes_(std::move(nearest)) {}

  std::vector<uint8_t> Run() {
    const Sums sums = SumsOf(values_, layout_, table_, codes_);
    for (int64_t c = 0; c < layout_.channels; ++c) FindMoves(c, sums.by_channel[c]);
    double budget = kLargestGrowth * sums.squared_error;
    while (!moves_.empty()) {
      const auto best = std::max_element(moves_.begin(), moves_.end(),
                                         [](const Candidate& a, const Candidate& b) {
                                           return a.gain / a.price < b.gain / b.price;
                                         });
      budget -= best->price;
      if (budget < 0) break;
      codes_[best->element] += best->step;
      moves_.erase(best);
    }
    return codes_;
  }

 private:
  struct Candidate {
    size_t element;
    int step;
    double distance, price, gain;
  };

  std::vector<Candidate> AllMoves(int64_t channel, int step) const {
    std::vector<Candidate> moves;
    for (size_t i = 0; i < values_.size(); ++i) {
      const int code = codes_[i];
      if (static_cast<int64_t>(i) / layout_.inner % layout_.channels != channel) continue;
      if (code + step < 0 || code + step >= static_cast<int>(table_.size())) continue;
      const double here = static_cast<double>(table_[code]) - values_[i];
      const double there = static_cast<double>(table_[code + step]) - values_[i];
      moves.push_back({i, step, std::abs(there - here), there * there - here * here, 0});
    }
    return moves;
  }

  void FindMoves(int64_t channel, double sum) {
    std::vector<Candidate> moves = AllMoves(channel, sum > 0 ? -1 : 1);
    double to_reach = std::abs(sum);
    while (!moves.empty() && to_reach > 0) {
      const auto next =
          std::min_element(moves.begin(), moves.end(), [](const Candidate& a, const Candidate& b) {
            return a.price / a.distance < b.price / b.distance;
          });
      const double left = std::abs(sum) - next->distance;
      to_reach -= next->distance;
      next->gain = kMeanSquareByVariance * (sum * sum - left * left);
      if (next->gain > next->price) {
        moves_.push_back(*next);
        sum = left;
      }
      moves.erase(next);
    }
  }

  const std::vector<float>& values_;
  ChannelLayout layout_;
  const std::vector<float>& table_;
  std::vector<uint8_t> codes_;
  std::vector<Candidate> moves_;
};

// Output channels first, last, and in the middle of a kernel's axes.
const ChannelLayout kLayouts[] = {{12, 50}, {12, 1}, {6, 10}, {1, 600}};

TEST(BalancedRounding, ChoosesAsItsDefinitionSays) {
  for (const Distribution& distribution : Distributions(600)) {
    // Moves of equal merit and unequal price: which of them still fits the budget is nobody's say.
    if (distribution.name == "equal steps") continue;
    for (const int entries : {2, 5, 16}) {
      const std::vector<float> table = KMeansTable(distribution.values, {}, entries);
      for (const ChannelLayout& layout : kLayouts) {
        std::vector<uint8_t> codes = NearestCodes(distribution.values, table);
        const std::vector<uint8_t> expected =
            SlowBalancer(distribution.values, layout, table, codes).Run();
        BalanceChannels(distribution.values, layout, table, codes);
        const Sums found = SumsOf(distribution.values, layout, table, codes);
        const Sums slow = SumsOf(distribution.values, layout, table, expected);
        // Equally good moves may be taken in another order.
        EXPECT_NEAR(found.squared_error, slow.squared_error, 1e-9 * slow.squared_error)
            << distribution.name << " " << entries << " " << layout.channels;
      }
    }
  }
}

TEST(BalancedRounding, CostsOnePercentAtMostAndTakesTheSumsAway) {
  const std::vector<float> values = NormalValues(64 * 576);
  for (const ChannelLayout& layout : {ChannelLayout{64, 576}, ChannelLayout{64, 9}}) {
    const std::vector<float> table = KMeansTable(values, {}, 16);
    std::vector<uint8_t> codes = NearestCodes(values, table);
    const Sums nearest = SumsOf(values, layout, table, codes);
    BalanceChannels(values, layout, table, codes);
    const Sums balanced = SumsOf(values, layout, table, codes);
    EXPECT_LE(balanced.squared_error, (1 + kLargestGrowth) * nearest.squared_error);
    EXPECT_GT(balanced.squared_error, nearest.squared_error);
    const auto square = [](const Sums& sums) {
      double total = 0;
      for (const double sum : sums.by_channel) total += sum * sum;
      return total;
    };
    EXPECT_LT(square(balanced), 0.2 * square(nearest));
  }
}

// What it is for: sums over inputs that have a mean.
TEST(BalancedRounding, OutputsBehindAReluAreNearer) {
  constexpr int64_t kOutputs = 32, kInputs = 400;
  const std::vector<float> values = NormalValues(kOutputs * kInputs);
  std::vector<float> inputs = NormalValues(kInputs, 2);
  for (float& input : inputs) input = std::max(input, 0.0f);
  const auto error = [&](Rounding rounding) {
    const auto packed = Quantize(values, {kOutputs, kInputs},
                                 {.mode = Mode::kKMeansLut, .bits = 3, .rounding = rounding});
    std::vector<float> decoded(values.size());
    EXPECT_TRUE(packed.ok() && Dequantize(*packed, decoded).ok());
    double total = 0;
    for (int64_t o = 0; o < kOutputs; ++o) {
      double output = 0;
      for (int64_t i = 0; i < kInputs; ++i) {
        output += (decoded[o * kInputs + i] - values[o * kInputs + i]) * inputs[i];
      }
      total += output * output;
    }
    return total;
  };
  EXPECT_LT(error(Rounding::kBalanced), 0.85 * error(Rounding::kNearest));
}

TEST(BalancedRounding, LeavesAloneWhatHasNoError) {
  const std::vector<float> values = {-1, 0, 0.5f, 2, 0.5f, -1};
  const std::vector<float> table = {-1, 0, 0.5f, 2};
  std::vector<uint8_t> codes = NearestCodes(values, table);
  const std::vector<uint8_t> nearest = codes;
  BalanceChannels(values, {2, 3}, table, codes);
  EXPECT_EQ(codes, nearest);
  const std::vector<float> one_entry = {0.3f};
  std::vector<uint8_t> zeros(values.size(), 0);
  BalanceChannels(values, {2, 3}, one_entry, zeros);
  EXPECT_EQ(zeros, std::vector<uint8_t>(values.size(), 0));
}

// A table of equal steps keeps its entries.
TEST(BalancedRounding, IsForTablesOnly) {
  const std::vector<float> values = NormalValues(8 * 90);
  for (const Mode mode : {Mode::kLinear, Mode::kLinearLut, Mode::kKMeansLut}) {
    QuantizeOptions options{.mode = mode, .bits = 3};
    const auto nearest = Quantize(values, {8, 90}, options);
    options.rounding = Rounding::kBalanced;
    const auto balanced = Quantize(values, {8, 90}, options);
    ASSERT_TRUE(nearest.ok() && balanced.ok());
    EXPECT_EQ(balanced->table, nearest->table);
    EXPECT_EQ(balanced->scale, nearest->scale);
    EXPECT_EQ(std::ranges::equal(balanced->bytes, nearest->bytes), mode == Mode::kLinear);
  }
}

// The entries of a table of k-means are means: over all weights their errors add up to 0.
TEST(BalancedRounding, OneChannelOfKMeansIsBalancedAlready) {
  const std::vector<float> values = NormalValues(8 * 90);
  QuantizeOptions options{.mode = Mode::kKMeansLut, .bits = 3, .per_channel = false};
  const auto nearest = Quantize(values, {8, 90}, options);
  options.rounding = Rounding::kBalanced;
  const auto balanced = Quantize(values, {8, 90}, options);
  ASSERT_TRUE(nearest.ok() && balanced.ok());
  EXPECT_TRUE(std::ranges::equal(balanced->bytes, nearest->bytes));
}

TEST(BalancedRounding, RefusesAnAxisThatIsNotThere) {
  const QuantizeOptions options{
      .mode = Mode::kKMeansLut, .bits = 2, .channel_axis = 2, .rounding = Rounding::kBalanced};
  EXPECT_FALSE(Quantize(NormalValues(6), {2, 3}, options).ok());
}

}  // namespace
}  // namespace nbits
