// SPDX-License-Identifier: Apache-2.0
// What happens to a convolution's sums before they are stored: bias, activation, and a
// residual before or after it.
#ifndef NBITS_ENGINE_KERNELS_CONVOLUTION_CONVOLUTION_TAIL_H_
#define NBITS_ENGINE_KERNELS_CONVOLUTION_CONVOLUTION_TAIL_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "engine/kernel.h"
#include "graph/ops.h"

namespace nbits {

// f(x) = min(max(scale * x + shift, low), high), or with leak != 1: t < 0 ? leak * t : t for
// t = scale * x + shift.
struct LineActivation {
  float scale = 1, shift = 0;
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
  float leak = 1;
};

// The part of it that does not change from run to run.
class ConvolutionTail {
 public:
  explicit ConvolutionTail(const graph::Convolution& op);

  int64_t blocks() const { return ChannelBlocks(channels_); }
  int64_t channels() const { return channels_; }
  // Zero-padded to whole blocks.
  const float* bias() const { return bias_.data(); }
  const LineActivation& line() const { return line_; }
  // An activation that is no LineActivation, else null: applied value by value.
  const graph::Unary* function() const { return function_ ? &*function_ : nullptr; }
  graph::Addition addition() const { return addition_; }

 private:
  int64_t channels_;
  std::vector<float> bias_;
  LineActivation line_;
  std::optional<graph::Unary> function_;
  graph::Addition addition_;
};

// One run's tail for one batch entry of a blocked output.
struct BlockedOutput {
  const ConvolutionTail* tail = nullptr;
  // Residual of the output's extents, blocked; null for none. It may be `data` itself: every value
  // is read before it is written.
  const void* add = nullptr;
  Element add_element = Element::kFloat32;
  void* data = nullptr;
  Element element = Element::kFloat32;
  int64_t height = 0, width = 0;
  bool stream = false;  // Whether to store past the caches.

  // Element index of a pixel's channels in a block.
  int64_t IndexOf(int64_t block, int64_t y, int64_t x) const {
    return ((block * height + y) * width + x) * kChannelBlock;
  }
};

// The output of batch entry `entry` of a call whose node has this tail; a residual is its last
// input.
BlockedOutput OutputOf(const ConvolutionTail& tail, const graph::Convolution& op, const Call& call,
                       int64_t entry);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_CONVOLUTION_CONVOLUTION_TAIL_H_
