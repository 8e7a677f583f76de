// SPDX-License-Identifier: Apache-2.0
// Rounding to one table for all channels that does not shift a channel's output.
//
// An output is off by sum_i e_i x_i, where e_i is the error of weight i and x_i its input. For
// inputs of mean m and variance v that do not depend on each other, the square of that is on
// average
//   v * sum_i e_i^2 + m^2 * (sum_i e_i)^2.
// The nearest entry is the best choice for the first sum only. A grid with an offset per channel
// has no second one (fitting the offset makes the errors add up to 0); a table that all channels
// share has, and behind ReLUs, where m is far from 0, it is most of the damage done. Moving a few
// weights that lie almost halfway between two entries to the other one takes it away. The
// objective, without its terms for the taps of a kernel, is that of Guo et al., "SQuant: On-the-Fly
// Data-Free Quantization via Diagonal Hessian Approximation", ICLR 2022.
#ifndef NBITS_QUANTIZE_BALANCED_ROUNDING_H_
#define NBITS_QUANTIZE_BALANCED_ROUNDING_H_

#include <cstdint>
#include <numbers>
#include <span>

#include "nbits/packed_tensor.h"
#include "nbits/quantize.h"
#include "tensor/channel_layout.h"

namespace nbits {

// Whether the mode makes a table of its own for all channels. A caller's table takes each weight to
// its nearest entry, as promised.
constexpr bool CanBeBalanced(Mode mode) {
  return mode == Mode::kKMeansLut || mode == Mode::kLinearLut;
}

// m^2 / v behind a ReLU: of max(z, 0) for a normally distributed z of mean 0, m^2 = 1 / (2 pi) and
// m^2 + v = 1 / 2.
inline constexpr double kMeanSquareByVariance = 1 / (std::numbers::pi - 1);

// The squared error of a tensor grows by this part of itself at most. More gains little, and with
// this much a table of k-means keeps below the squared error of coremltools' tables.
inline constexpr double kLargestGrowth = 0.01;

// `codes` are those of the nearest entries of `table`, which ascends. A move takes an element to
// the entry on its value's other side. Of a channel's moves that make |sum_i e_i| smaller, those
// are looked at that add least to the squared error by distance, as few as reach across the sum; in
// this order, those are wanted that lower
//   sum_i e_i^2 + kMeanSquareByVariance * (sum_i e_i)^2;
// and of those of all channels the ones that lower it most for what they add to the squared error
// are done, as far as kLargestGrowth allows. `values` are finite and in row-major order. The result
// does not depend on the number of threads.
void BalanceChannels(std::span<const float> values, const ChannelLayout& layout,
                     std::span<const float> table, std::span<uint8_t> codes);

// The same for a packed tensor with a lookup table of distinct, ascending entries.
void BalanceTensor(std::span<const float> values, const ChannelLayout& layout,
                   PackedTensor& tensor);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_BALANCED_ROUNDING_H_
