// SPDX-License-Identifier: Apache-2.0
// The values that codes stand for while they are being chosen: a grid for each output, or one table
// for all.
#ifndef NBITS_QUANTIZE_CALIBRATE_CODEBOOK_H_
#define NBITS_QUANTIZE_CALIBRATE_CODEBOOK_H_

#include <cstdint>
#include <span>
#include <vector>

namespace nbits {

// Outputs are lanes: output o of group g is lane g * stripes * kStripe + o (striped_matrix.h).
struct Codebook {
  int bits = 0;
  // Grids: the value of code q is offset[lane] + scale[lane] * q, in Float32. `inverse` is 1 /
  // scale, or 0 for a lane whose codes are all 0.
  std::vector<float> scale, offset, inverse;
  // A table: 2^bits entries, ascending; empty for grids. A value goes to the first entry whose
  // limit is not below it; the last limit is infinite.
  std::vector<float> table, limits;

  bool is_table() const { return !table.empty(); }
  int entries() const { return 1 << bits; }
  float Value(int64_t lane, int code) const {
    return is_table() ? table[code] : offset[lane] + scale[lane] * static_cast<float>(code);
  }
  // The code nearest to a value, as the kernels of round_block.h find it.
  int Nearest(int64_t lane, float value) const;
};

// All lanes with codes 0 only.
Codebook EmptyGrids(int bits, int64_t lanes);
// Sets a lane's grid; steps that are too small to be divided by make it constant.
void SetGrid(Codebook& book, int64_t lane, float scale, float offset);
// `entries` ascend; at least one, at most 2^bits. The last is repeated as often as needed.
Codebook TableOf(int bits, std::span<const float> entries);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_CODEBOOK_H_
