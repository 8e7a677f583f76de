// SPDX-License-Identifier: Apache-2.0
// The plain reference kernels: obvious, in Float32, one operator a file. Semantics and shapes are
// those stated in graph/ops.h. `call` has passed graph::InferShapes.
#ifndef NBITS_ENGINE_KERNELS_PLAIN_H_
#define NBITS_ENGINE_KERNELS_PLAIN_H_

#include "engine/kernel.h"
#include "graph/ops.h"

namespace nbits {

// A plain kernel for any node in planar formats (a Reformat in any); null for others, and for a
// convolution with fused sources, depthwise convolution or addition.
absl::StatusOr<std::unique_ptr<Kernel>> MakePlainKernel(const graph::Graph& graph,
                                                        const graph::Node& node,
                                                        const NodeFormats& formats,
                                                        const EngineOptions& options);

void RunPlain(const graph::Constant& op, const Call& call);
void RunPlain(const graph::Fill& op, const Call& call);
void RunPlain(const graph::Range& op, const Call& call);
void RunPlain(const graph::Random& op, const Call& call);
void RunPlain(const graph::Categorical& op, const Call& call);
void RunPlain(const graph::Unary& op, const Call& call);
void RunPlain(const graph::ChannelActivation& op, const Call& call);
void RunPlain(const graph::ChannelAffine& op, const Call& call);
void RunPlain(const graph::Binary& op, const Call& call);
void RunPlain(const graph::Select& op, const Call& call);
void RunPlain(const graph::BroadcastTo& op, const Call& call);
void RunPlain(const graph::Reduce& op, const Call& call);
void RunPlain(const graph::ArgExtreme& op, const Call& call);
void RunPlain(const graph::CumulativeSum& op, const Call& call);
void RunPlain(const graph::TopK& op, const Call& call);
void RunPlain(const graph::ArgSort& op, const Call& call);
void RunPlain(const graph::Softmax& op, const Call& call);
void RunPlain(const graph::Normalize& op, const Call& call);
void RunPlain(const graph::L2Normalize& op, const Call& call);
void RunPlain(const graph::LocalResponse& op, const Call& call);
void RunPlain(const graph::Convolution& op, const Call& call);
void RunPlain(const graph::DynamicConvolution& op, const Call& call);
void RunPlain(const graph::Convolution3d& op, const Call& call);
void RunPlain(const graph::Pool& op, const Call& call);
void RunPlain(const graph::Pool3d& op, const Call& call);
void RunPlain(const graph::InnerProduct& op, const Call& call);
void RunPlain(const graph::MatrixProduct& op, const Call& call);
void RunPlain(const graph::Concat& op, const Call& call);
void RunPlain(const graph::Split& op, const Call& call);
void RunPlain(const graph::Slice& op, const Call& call);
void RunPlain(const graph::ReverseSequence& op, const Call& call);
void RunPlain(const graph::Tile& op, const Call& call);
void RunPlain(const graph::Transpose& op, const Call& call);
void RunPlain(const graph::Reshape& op, const Call& call);
void RunPlain(const graph::Pad& op, const Call& call);
void RunPlain(const graph::Resize& op, const Call& call);
void RunPlain(const graph::CropResize& op, const Call& call);
void RunPlain(const graph::GridSample& op, const Call& call);
void RunPlain(const graph::Reorganize& op, const Call& call);
void RunPlain(const graph::SlidingWindows& op, const Call& call);
void RunPlain(const graph::MatrixBand& op, const Call& call);
void RunPlain(const graph::Embedding& op, const Call& call);
void RunPlain(const graph::Gather& op, const Call& call);
void RunPlain(const graph::GatherAlongAxis& op, const Call& call);
void RunPlain(const graph::GatherNd& op, const Call& call);
void RunPlain(const graph::Scatter& op, const Call& call);
void RunPlain(const graph::ScatterAlongAxis& op, const Call& call);
void RunPlain(const graph::ScatterNd& op, const Call& call);
void RunPlain(const graph::NonMaximumSuppression& op, const Call& call);
void RunPlain(const graph::OneHot& op, const Call& call);
void RunPlain(const graph::Recurrent& op, const Call& call);
void RunPlain(const graph::Reformat& op, const Call& call);

// Applies a function to `count` values; `output` may be `input`.
void ApplyUnary(const graph::Unary& op, const float* input, float* output, int64_t count,
                int threads);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_PLAIN_H_
