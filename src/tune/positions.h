// SPDX-License-Identifier: Apache-2.0
// Which output positions of a layer are looked at.
#ifndef NBITS_TUNE_POSITIONS_H_
#define NBITS_TUNE_POSITIONS_H_

#include <cstdint>
#include <vector>

namespace nbits {

// `wanted` of `total` positions, ascending: one at random from each of as many equal parts, the
// same for the same seed. All of them where there are not more.
std::vector<int64_t> ChoosePositions(int64_t total, int64_t wanted, uint64_t seed);

}  // namespace nbits

#endif  // NBITS_TUNE_POSITIONS_H_
