// SPDX-License-Identifier: Apache-2.0
// What oneDNN is told of a convolution.
#ifndef NBITS_ENGINE_ONEDNN_PROBLEM_H_
#define NBITS_ENGINE_ONEDNN_PROBLEM_H_

#include "engine/onednn/values.h"
#include "graph/graph.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace nbits::onednn {

// Layouts of the arguments are oneDNN's choice, but for the bias.
struct Problem {
  dnnl::memory::desc source, weights, bias, target;
  dnnl::memory::dims strides, dilations, pad_begin, pad_end;
  dnnl::primitive_attr attributes;
};

// `source` and `target` are [batch, channels, height, width].
Problem ProblemOf(const graph::Convolution& op, const dnnl::memory::dims& source,
                  const dnnl::memory::dims& target);

// The file's layout of the weights, in oneDNN's order of axes: groups (if there are several),
// outputs, inputs, height, width. A deconvolution's file has inputs before outputs.
dnnl::memory::desc FileWeights(const graph::Convolution& op, int64_t input_channels);

// Throws dnnl::error for a problem that oneDNN does not solve.
template <typename Primitive>
typename Primitive::primitive_desc DescribePrimitive(const Problem& p, dnnl::algorithm algorithm) {
  constexpr auto kInference = dnnl::prop_kind::forward_inference;
#if DNNL_VERSION_MAJOR >= 3
  return {CpuEngine(), kInference, algorithm,   p.source,    p.weights, p.bias,
          p.target,    p.strides,  p.dilations, p.pad_begin, p.pad_end, p.attributes};
#else
  const typename Primitive::desc desc(kInference, algorithm, p.source, p.weights, p.bias, p.target,
                                      p.strides, p.dilations, p.pad_begin, p.pad_end);
  return {desc, p.attributes, CpuEngine()};
#endif
}

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_PROBLEM_H_
