// SPDX-License-Identifier: Apache-2.0
// Weights and inputs of made-up layers, the same numbers as make_calibration_cases.py has them.
#ifndef NBITS_TESTS_QUANTIZE_CALIBRATION_INPUTS_H_
#define NBITS_TESTS_QUANTIZE_CALIBRATION_INPUTS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "nbits/tensor.h"
#include "quantize/calibrate/moments/matrix_layout.h"
#include "quantize/calibrate/moments/second_moments.h"

namespace nbits {

// Numbers of [-0.5, 0.5): splitmix64 of seed * 2^32, seed * 2^32 + 1, ...
inline std::vector<double> UniformNumbers(uint64_t seed, int64_t count) {
  std::vector<double> numbers;
  for (int64_t i = 0; i < count; ++i) {
    uint64_t z = ((seed << 32) + static_cast<uint64_t>(i) + 1) * 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z = z ^ (z >> 31);
    numbers.push_back(static_cast<double>(z >> 40) / 16777216 - 0.5);
  }
  return numbers;
}

// [outputs, inputs]; outputs differ in size, and some weights are large.
inline std::vector<float> LayerWeights(uint64_t seed, int64_t outputs, int64_t inputs) {
  const std::vector<double> u = UniformNumbers(seed, 4 * outputs * inputs);
  const std::vector<double> size = UniformNumbers(seed + 1, outputs);
  std::vector<float> weights;
  for (int64_t i = 0; i < outputs * inputs; ++i) {
    const double* v = &u[4 * i];
    const double scale = 0.02 + 0.2 * (size[i / inputs] + 0.5);
    weights.push_back(static_cast<float>((v[0] + v[1] + v[2] * v[3] * 8) * scale));
  }
  return weights;
}

// [positions, inputs]: what is behind a ReLU, with a few causes in common.
inline std::vector<float> LayerColumns(uint64_t seed, int64_t positions, int64_t inputs,
                                       int64_t latents) {
  const std::vector<double> causes = UniformNumbers(seed, positions * latents);
  const std::vector<double> mix = UniformNumbers(seed + 1, inputs * latents);
  const std::vector<double> own = UniformNumbers(seed + 2, positions * inputs);
  const std::vector<double> size = UniformNumbers(seed + 3, inputs);
  const std::vector<double> shift = UniformNumbers(seed + 4, inputs);
  std::vector<float> columns;
  for (int64_t i = 0; i < positions * inputs; ++i) {
    const int64_t p = i / inputs, k = i % inputs;
    double sum = 0;
    for (int64_t l = 0; l < latents; ++l) sum += 4 * causes[p * latents + l] * mix[k * latents + l];
    const double half = size[k] + 0.5, factor = 0.1 + 2 * half * half * half;
    columns.push_back(static_cast<float>(std::max(0.0, (sum + own[i] + shift[k]) * factor)));
  }
  return columns;
}

// A layer with its inputs. As in the script: seed, groups, outputs and inputs of a group, ...
struct CalibrationCase {
  uint64_t seed = 1;
  int64_t groups = 1, outputs = 8, inputs = 16, positions = 100, latents = 3;

  MatrixLayout layout() const { return OutputsFirst(groups, outputs, inputs, 1); }
  Shape shape() const { return {groups * outputs, inputs}; }
  std::vector<float> Weights() const {
    return LayerWeights(10 * seed + 5, groups * outputs, inputs);
  }
  std::vector<float> Inputs() const {
    return LayerColumns(10 * seed, positions, groups * inputs, latents);
  }
  Columns ColumnsOf(const std::vector<float>& values) const {
    return {values.data(), positions, groups * inputs};
  }
  std::vector<SecondMoments> EmptyMoments() const {
    return std::vector<SecondMoments>(groups, SecondMoments(inputs));
  }
  std::vector<SecondMoments> Moments() const {
    const std::vector<float> values = Inputs();
    std::vector<SecondMoments> moments = EmptyMoments();
    AddToGroups(nullptr, ColumnsOf(values), moments);
    return moments;
  }
  // Of a layer behind others that are quantized.
  std::vector<SecondMoments> DriftedMoments(double drift = 0.1) const {
    const std::vector<float> original = Inputs();
    std::vector<float> actual = original;
    const std::vector<double> noise =
        UniformNumbers(10 * seed + 6, static_cast<int64_t>(actual.size()));
    for (size_t i = 0; i < actual.size(); ++i) {
      const double before = actual[i], shift = 0.2 * static_cast<double>(i % 3);
      actual[i] = static_cast<float>(before * (1 - drift) + drift * (noise[i] + shift));
    }
    const Columns first = ColumnsOf(original), second = ColumnsOf(actual);
    std::vector<SecondMoments> moments = EmptyMoments();
    AddToGroups(&first, second, moments);
    return moments;
  }
};

}  // namespace nbits

#endif  // NBITS_TESTS_QUANTIZE_CALIBRATION_INPUTS_H_
