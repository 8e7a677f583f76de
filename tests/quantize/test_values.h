// SPDX-License-Identifier: Apache-2.0
// Input for the quantizer's tests.
#ifndef NBITS_TESTS_QUANTIZE_TEST_VALUES_H_
#define NBITS_TESTS_QUANTIZE_TEST_VALUES_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace nbits {

// Around multiples of what vectors hold, and none.
inline constexpr size_t kLengths[] = {0,  1,  2,  3,  5,  7,  8,  9,   15,
                                      16, 17, 31, 33, 63, 64, 65, 127, 1021};

struct Distribution {
  std::string name;
  std::vector<float> values;
};

inline std::vector<float> NormalValues(size_t count, uint32_t seed = 1, double sigma = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, sigma);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(normal(random));
  return values;
}

// Shapes that weights take, and shapes that make approximations fail.
inline std::vector<Distribution> Distributions(size_t count) {
  const std::vector<float> normal = NormalValues(count);
  std::vector<Distribution> all = {{"normal", normal},
                                   {"heavy tails", normal},
                                   {"half zeros", normal},
                                   {"two clusters far apart", normal},
                                   {"one far outlier", normal},
                                   {"many magnitudes", normal},
                                   {"rounded to halves", normal},
                                   {"narrow at 1", normal},
                                   {"equal steps", normal}};
  for (size_t i = 0; i < count; ++i) {
    const float v = normal[i];
    all[1].values[i] = v * v * v * v * v;
    if (i % 2 == 0) all[2].values[i] = 0;
    all[3].values[i] = i % 3 == 0 ? v + 1000 : v;
    all[5].values[i] = std::copysign(std::exp(8 * v), i % 2 == 0 ? 1.0f : -1.0f);
    all[6].values[i] = std::round(v * 1024) / 1024;
    all[7].values[i] = 1 + v * 1e-4f;
    all[8].values[i] = static_cast<float>(i);
  }
  all[4].values[count / 2] = 1e20f;
  return all;
}

// From `value` to the entry that is closest to it, by trying all.
inline double DistanceToNearest(float value, const std::vector<float>& table) {
  double best = std::numeric_limits<double>::infinity();
  for (float entry : table) best = std::min(best, std::abs(double{value} - entry));
  return best;
}

}  // namespace nbits

#endif  // NBITS_TESTS_QUANTIZE_TEST_VALUES_H_
