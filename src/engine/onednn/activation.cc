// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/activation.h"

namespace nbits::onednn {
namespace {

using graph::UnaryFunction;

struct PostOperation {
  dnnl::algorithm algorithm;
  float alpha, beta;
};

// Nothing for an activation that oneDNN does not have: its ranges (ReLU, clip) turn NaN into a
// bound.
std::optional<PostOperation> PostOperationOf(const graph::Unary& op) {
  if (op.scale != 1 || op.shift != 0) return std::nullopt;
  switch (op.function) {
    case UnaryFunction::kLeakyRelu:
      if (op.alpha == 0) return std::nullopt;
      return PostOperation{dnnl::algorithm::eltwise_relu, op.alpha, 0};
    case UnaryFunction::kLinear:
      return PostOperation{dnnl::algorithm::eltwise_linear, op.alpha, op.beta};
    default:
      return std::nullopt;
  }
}

}  // namespace

bool HasActivation(const graph::Unary& op) { return PostOperationOf(op).has_value(); }

dnnl::primitive_attr AttributesFor(const std::optional<graph::Unary>& activation) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const auto post = activation ? PostOperationOf(*activation) : std::nullopt;
  if (!post) return attributes;
  dnnl::post_ops operations;
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(post->algorithm, post->alpha, post->beta);
#else
  operations.append_eltwise(1.0f, post->algorithm, post->alpha, post->beta);
#endif
  attributes.set_post_ops(operations);
  return attributes;
}

}  // namespace nbits::onednn
