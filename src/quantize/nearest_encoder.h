// Each value to the nearest entry of a table.
#ifndef NBITS_QUANTIZE_NEAREST_ENCODER_H_
#define NBITS_QUANTIZE_NEAREST_ENCODER_H_

#include <cstdint>
#include <span>
#include <vector>

namespace nbits {

// Of two entries at the same distance the smaller value wins; of equal entries the first.
// Distances are taken in double. Values and entries must be finite.
class NearestEncoder {
 public:
  // `table`: 1..256 entries in any order. `expected` values to come decide whether an index over
  // the values' leading bits is worth its 64 KB.
  NearestEncoder(std::span<const float> table, int64_t expected);

  uint8_t Encode(float value) const;
  void Encode(std::span<const float> values, uint8_t* codes) const;

 private:
  void BuildIndex();
  size_t RankBySearch(float value) const;
  size_t RankByIndex(float value) const;

  std::vector<float> limits_;   // Ascending; a value of rank r is <= limits_[r]; last: infinity.
  std::vector<uint8_t> codes_;  // By rank: position in the caller's table.
  std::vector<uint8_t>
      first_rank_;  // By leading 16 bits: rank of the smallest such value. Or empty.
};

}  // namespace nbits

#endif  // NBITS_QUANTIZE_NEAREST_ENCODER_H_
