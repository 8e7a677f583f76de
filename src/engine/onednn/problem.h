// SPDX-License-Identifier: Apache-2.0
// What oneDNN is told of a convolution, or of a share of one.
#ifndef NBITS_ENGINE_ONEDNN_PROBLEM_H_
#define NBITS_ENGINE_ONEDNN_PROBLEM_H_

#include "engine/onednn/share.h"
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

// A share's part of a tensor that others share: where it begins, in values, and its layout there.
struct Slice {
  int64_t begin;
  dnnl::memory::desc layout;
};

// `source` and `target`, here and below, are the whole [batch, channels, height, width].
Problem ProblemOf(const graph::Convolution& op, const Share& share,
                  const dnnl::memory::dims& source, const dnnl::memory::dims& target);

// What the share reads of the planar source and writes of the planar target.
Slice SourceOf(const graph::Convolution& op, const Share& share, const dnnl::memory::dims& source);
Slice TargetOf(const Share& share, const dnnl::memory::dims& target);

// The share's part of the file's weights, in oneDNN's order of axes: groups (if the convolution has
// several), outputs, inputs, height, width. A deconvolution's file has inputs before outputs.
Slice WeightsOf(const graph::Convolution& op, const Share& share, int64_t input_channels);

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
