// SPDX-License-Identifier: Apache-2.0
// How far kmeans_lut is from the optimum on the weights of a model: the squared error of the table
// that nbits uses over that of the global optimum over all distinct values, tensor by tensor.
//
//     kmeans_optimum MODEL BITS [LEAST_ELEMENTS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "nbits/model.h"
#include "nbits/quantize.h"
#include "quantize/kmeans/kmeans.h"
#include "quantize/nearest_encoder.h"

namespace nbits {
namespace {

double Seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

double SquaredErrorOf(const std::vector<float>& values, const std::vector<float>& table) {
  const NearestEncoder encoder(table, static_cast<int64_t>(values.size()));
  std::vector<uint8_t> codes(values.size());
  encoder.Encode(values, codes.data());
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double error = double{values[i]} - table[codes[i]];
    sum += error * error;
  }
  return sum;
}

// Prints one line; returns the ratio.
double Compare(const WeightRef& weight, int clusters) {
  std::vector<float> values(ElementCount(weight.tensor.shape).value_or(0));
  if (!Dequantize(weight.tensor, values).ok()) return 1;
  const double start = Seconds();
  const std::vector<float> table = KMeansTable(values, {}, clusters);
  const double middle = Seconds();
  const std::vector<float> exact = ExactKMeansTable(values, clusters);
  const double end = Seconds();
  const double optimum = SquaredErrorOf(values, exact);
  const double ratio = optimum > 0 ? SquaredErrorOf(values, table) / optimum : 1;
  std::printf("%-60s %9zu values  %8.1f ms  exact %9.1f ms  ratio %.7f\n", weight.path.c_str(),
              values.size(), 1e3 * (middle - start), 1e3 * (end - middle), ratio);
  return ratio;
}

int Run(const char* path, int bits, int64_t least) {
  const auto model = Model::Open(path);
  if (!model.ok()) return std::fprintf(stderr, "%s\n", model.status().ToString().c_str()), 1;
  double worst = 0;
  for (const WeightRef& weight : model->weights()) {
    if (ElementCount(weight.tensor.shape).value_or(0) < least) continue;
    worst = std::max(worst, Compare(weight, 1 << bits));
  }
  std::printf("%s at %d bits: worst ratio %.7f\n", path, bits, worst);
  return 0;
}

}  // namespace
}  // namespace nbits

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "kmeans_optimum MODEL BITS [LEAST_ELEMENTS]\n"), 2;
  return nbits::Run(argv[1], std::atoi(argv[2]), argc > 3 ? std::atoll(argv[3]) : 2);
}
