// SPDX-License-Identifier: Apache-2.0
// Planar kernels of oneDNN, an operator each. `op` stands in the graph, which outlives its kernels.
#ifndef NBITS_ENGINE_ONEDNN_KERNELS_H_
#define NBITS_ENGINE_ONEDNN_KERNELS_H_

#include <memory>

#include "engine/kernel.h"
#include "graph/graph.h"

namespace nbits::onednn {

// Any convolution or deconvolution, with scale, bias and activation, for up to `threads` threads;
// null for what oneDNN does not have.
std::unique_ptr<Kernel> MakeConvolution(const graph::Convolution& op, const Shape& source,
                                        const Shape& target, int threads);

// A 1 x 1 convolution of stride 1 without groups and padding.
bool IsPointwise(const graph::Convolution& op);
std::unique_ptr<Kernel> MakePointwise(const graph::Convolution& op, const Shape& source);

std::unique_ptr<Kernel> MakeInnerProduct(const graph::InnerProduct& op);

// Stacks of equally many matrices, or one matrix with each of a stack; null for other broadcasts.
std::unique_ptr<Kernel> MakeMatrixProduct(const graph::MatrixProduct& op, const Shape& a,
                                          const Shape& b, const Shape& out);

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_KERNELS_H_
