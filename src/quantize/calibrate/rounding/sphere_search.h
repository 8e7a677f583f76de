// SPDX-License-Identifier: Apache-2.0
// The best codes of a small vector: what a depthwise layer has for an output.
#ifndef NBITS_QUANTIZE_CALIBRATE_ROUNDING_SPHERE_SEARCH_H_
#define NBITS_QUANTIZE_CALIBRATE_ROUNDING_SPHERE_SEARCH_H_

#include <cstdint>
#include <span>
#include <vector>

#include "quantize/calibrate/codebook.h"
#include "quantize/calibrate/moments/lower_triangle.h"

namespace nbits {

// Minimizes |e L|^2, where e is value less target in the order of the factor L, over all codes: a
// search in depth that takes values by their distance and leaves what cannot become better than the
// best so far (sphere decoding; Schnorr and Euchner, "Lattice basis reduction", 1994). The first
// leaf is that of rounding with error feedback; after kMostNodes nodes the best so far is taken.
class SphereSearch {
 public:
  static constexpr int64_t kMostNodes = 1 << 13;

  // Both outlive it. For one thread.
  SphereSearch(const LowerTriangle<float>& factor, std::span<const int32_t> order);

  // `target` and `codes` of column k are at [k * kStripe].
  void Run(const Codebook& book, int64_t lane, const float* target, uint8_t* codes);

 private:
  void LoadValues(const Codebook& book, int64_t lane);
  void Visit(int64_t column, double cost);
  double Wanted(int64_t column) const;

  const LowerTriangle<float>& factor_;
  std::span<const int32_t> order_;
  std::vector<double> values_;  // By code; ascending.
  std::vector<double> target_, error_;
  std::vector<uint8_t> codes_, best_codes_;
  double best_ = 0;
  int64_t nodes_ = 0;  // Left.
};

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_ROUNDING_SPHERE_SEARCH_H_
