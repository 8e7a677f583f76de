// SPDX-License-Identifier: Apache-2.0
// Each value to the table entry nearest to it.
#ifndef NBITS_QUANTIZE_NEAREST_ENCODER_H_
#define NBITS_QUANTIZE_NEAREST_ENCODER_H_

#include <cstdint>
#include <span>
#include <vector>

namespace nbits {

// A value halfway between two entries goes to the smaller one; of equal entries the first is used.
class NearestEncoder {
 public:
  // `table`: 1 to 256 finite entries in any order. `expected` values to come decide whether an
  // index over the values' leading bits is worth its 256 KB.
  NearestEncoder(std::span<const float> table, int64_t expected);

  // By binary search: the plain twin of the function below.
  uint8_t Encode(float value) const;
  // Finite values; codes[i] belongs to values[i]. With the index this runs on the best instruction
  // set of the machine (Google Highway).
  void Encode(std::span<const float> values, uint8_t* codes) const;

 private:
  void BuildIndex();

  std::vector<float> limits_;   // Ascending; a value of rank r is <= limits_[r]; last: infinity.
  std::vector<int32_t> codes_;  // By rank: position in the caller's table.
  std::vector<int32_t> first_rank_;  // By leading 16 bits: rank of the smallest such value. Or
                                     // empty.
};

}  // namespace nbits

#endif  // NBITS_QUANTIZE_NEAREST_ENCODER_H_
