// SPDX-License-Identifier: Apache-2.0
// One weight after the other to the value that is best while the others are held: the inner loop of
// rounding with error feedback and of coordinate descent, which differ in the matrix only.
#ifndef NBITS_QUANTIZE_CALIBRATE_ROUNDING_ROUND_BLOCK_H_
#define NBITS_QUANTIZE_CALIBRATE_ROUNDING_ROUND_BLOCK_H_

#include <cstdint>

#include "quantize/calibrate/codebook.h"
#include "quantize/calibrate/moments/panel_product.h"

namespace nbits {

// The square of a matrix that belongs to a block of up to kBlock columns.
struct BlockSquare {
  int64_t columns = 0;
  bool backwards = false;              // From the last column to the first.
  float matrix[kBlock * kBlock] = {};  // What an error at column j (row j) does to column i.
  float inverse_pivot[kBlock] = {};    // 1 over what it does to column j itself.
};

// A stripe's part of the columns: element (j, lane) is [j * kStripe + lane].
struct BlockRows {
  const float* target;  // Real weights.
  float* error;         // Value less target.
  float* pull;          // What the errors of other columns amount to here.
  uint8_t* codes;
};

// For each column j in order, of each lane: the code whose value is nearest to
//   target + error - pull * inverse_pivot,
// its error, and the change of the error times row j of the matrix added to the pull of the columns
// that come after. `lane` is the first lane. Returns how many codes changed. On the best
// instruction set of the machine (Google Highway), with the same bits on all.
int64_t RoundBlock(const BlockSquare& square, const Codebook& book, int64_t lane,
                   const BlockRows& rows);

namespace reference {
int64_t RoundBlock(const BlockSquare& square, const Codebook& book, int64_t lane,
                   const BlockRows& rows);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_ROUNDING_ROUND_BLOCK_H_
