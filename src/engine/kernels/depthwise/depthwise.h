// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution (every channel by itself) on blocked tensors. Any kernel, stride, dilation
// and padding; sums in Float32.
#ifndef NBITS_ENGINE_KERNELS_DEPTHWISE_DEPTHWISE_H_
#define NBITS_ENGINE_KERNELS_DEPTHWISE_DEPTHWISE_H_

#include <vector>

#include "engine/kernel.h"
#include "engine/kernels/convolution/convolution_tail.h"
#include "engine/kernels/depthwise/depthwise_row.h"

namespace nbits {

// A row of the registry: as many groups as input and output channels. Input and output are blocked,
// in either element; residual and activation are fused.
std::optional<NodeFormats> ChooseDepthwiseFormats(const graph::Graph& graph,
                                                  const graph::Node& node,
                                                  std::span<const Format> current,
                                                  const EngineOptions& options);
absl::StatusOr<std::unique_ptr<Kernel>> MakeDepthwiseKernel(const graph::Graph& graph,
                                                            const graph::Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions& options);

// Whether a convolution of an input of this shape is one that these kernels take.
bool IsBlockedDepthwise(const graph::Convolution& op, const Shape& input);

// The part of a depthwise convolution that does not change from run to run.
class Depthwise {
 public:
  // Of an input of shape `input`.
  Depthwise(const graph::Convolution& op, const PackedTensor& weights, const Shape& input);

  const ConvolutionTail& tail() const { return tail_; }
  // Bytes of workspace that Decode takes.
  int64_t decoded_bytes() const {
    return AlignedSize(4 * weight_floats()) + AlignedSize(4 * scratch_floats());
  }
  // The weights as [block][kernel row][kernel column][16], scaled.
  const float* Decode(Workspace& workspace) const;

  // Brings near what RunRow would read for the same pixels; `all` rows under the kernel, or but
  // those that the output row above does not need.
  void PrefetchRow(const Operand& input, int64_t entry, int64_t block, int64_t y, int64_t x,
                   int64_t count, bool all) const;

  // Output pixels (y, x) .. (y, x + count - 1) of a block, with the decoded weights.
  void RunRow(const Operand& input, int64_t entry, const float* weights, int64_t block, int64_t y,
              int64_t x, int64_t count, const BlockedOutput& output, int64_t index) const;

 private:
  int64_t taps() const { return op_.window.kernel[0] * op_.window.kernel[1]; }
  int64_t weight_floats() const { return tail_.blocks() * taps() * kChannelBlock; }
  int64_t scratch_floats() const { return taps() * kChannelBlock; }

  const graph::Convolution& op_;  // The graph outlives its kernels.
  const PackedTensor& weights_;
  ConvolutionTail tail_;
  std::vector<DepthwiseSpan> spans_;
  std::vector<float> scale_;  // Padded to whole blocks, or none.
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_DEPTHWISE_DEPTHWISE_H_
