// SPDX-License-Identifier: Apache-2.0
// Several weights of an output changed at once, where changing one alone makes things worse.
//
// Inputs that are alike (the taps of a kernel, say) leave coordinate descent in poor local minima:
// one weight can go up only if another goes down. A chain begins with a weight that goes to its
// second-best code; then, up to kLongestChain in all, the weight that answers best goes one code on
// in its own best direction, though that may still cost something. The part of the chain with the
// least error is taken if that is less than before: an ejection chain, as in Lin and Kernighan, "An
// effective heuristic algorithm for the traveling-salesman problem", 1973.
#ifndef NBITS_QUANTIZE_CALIBRATE_ROUNDING_CHAIN_MOVE_H_
#define NBITS_QUANTIZE_CALIBRATE_ROUNDING_CHAIN_MOVE_H_

#include <cstdint>

#include "quantize/calibrate/moments/panel_product.h"

namespace nbits {

inline constexpr int kLongestChain = 4;

// A block's weights of one output. Columns that fill up the last vector have steps of 0.
struct ChainRow {
  float pull[kBlock] = {};      // (e H)_j, where e is value less target.
  float diagonal[kBlock] = {};  // H_jj.
  float up[kBlock] = {};        // To the value of the next code; 0 where there is none.
  float down[kBlock] = {};      // To that of the code before, at most 0; likewise.
};

struct ChainMove {
  int length = 0;  // 0: nothing is better.
  int32_t columns[kLongestChain] = {};
  float steps[kLongestChain] = {};
};

// The best chain that begins at `seed`, in the block's part of H, [kBlock, kBlock]. It saves at
// least kSmallestChainGain of what the first step costs by itself. The row's pull is changed with
// it; steps of the chain's columns are the caller's to renew. On the best instruction set of the
// machine (Google Highway), with the same bits on all.
inline constexpr float kSmallestChainGain = 1e-5f;
ChainMove MoveChain(const float* matrix, int64_t seed, ChainRow& row);

namespace reference {
ChainMove MoveChain(const float* matrix, int64_t seed, ChainRow& row);
}  // namespace reference

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_ROUNDING_CHAIN_MOVE_H_
