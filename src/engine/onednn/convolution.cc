// SPDX-License-Identifier: Apache-2.0
// Convolutions and deconvolutions.
#include "absl/strings/str_cat.h"
#include "engine/kernels/plain.h"
#include "engine/onednn/activation.h"
#include "engine/onednn/kernels.h"
#include "engine/onednn/problem.h"
#include "engine/onednn/scaled_weights.h"
#include "engine/onednn/values.h"

namespace nbits::onednn {
namespace {

using dnnl::memory;
using graph::Convolution;

// Values in one layout, and in the one that the primitive wants.
struct Argument {
  memory::desc outside, inside;

  bool reordered() const { return outside != inside; }
  int64_t workspace_bytes() const { return reordered() ? AlignedSize(SizeOf(inside)) : 0; }
};

void Reorder(const dnnl::stream& stream, const memory& from, const memory& to) {
  memory source = from, target = to;
  dnnl::reorder(source, target).execute(stream, source, target);
}

class ConvolutionKernel : public Kernel {
 public:
  template <typename Descriptor, typename Primitive>
  ConvolutionKernel(const Convolution& op, const Descriptor& descriptor, const Primitive& primitive,
                    const memory::dims& source, const memory::dims& target)
      : op_(op),
        primitive_(primitive),
        source_{RowMajor(source), descriptor.src_desc()},
        weights_{FileWeights(op, source[1]), descriptor.weights_desc()},
        target_{RowMajor(target), descriptor.dst_desc()},
        bias_desc_(RowMajor({op.output_channels})),
        scratchpad_(descriptor.scratchpad_desc()),
        bias_(op.bias) {
    bias_.resize(op.output_channels, 0.0f);
    if (op.activation && !HasActivation(*op.activation)) activation_ = op.activation;
  }

  absl::string_view name() const override { return "onednn"; }

  int64_t workspace_bytes() const override {
    return source_.workspace_bytes() + target_.workspace_bytes() + weights_.workspace_bytes() +
           AlignedSize(SizeOf(scratchpad_)) + ScaledWeightsBytes(op_, weight_count());
  }

  absl::Status Run(const Call& call) const override {
    try {
      Execute(call);
    } catch (const dnnl::error& error) {
      return absl::InternalError(absl::StrCat("oneDNN: ", error.message));
    }
    if (activation_) {
      float* values = call.outputs[0].data;
      ApplyUnary(*activation_, values, values, graph::Product(call.outputs[0].shape), call.threads);
    }
    return absl::OkStatus();
  }

 private:
  int64_t weight_count() const { return SizeOf(weights_.outside) / 4; }

  // The value of an argument in the primitive's layout, moved there when it has another.
  static memory Bring(const dnnl::stream& stream, const Argument& argument, const void* data,
                      Workspace& workspace) {
    const memory outside = Wrap(argument.outside, data);
    if (!argument.reordered()) return outside;
    const memory inside = Wrap(argument.inside, workspace.Bytes(SizeOf(argument.inside)));
    Reorder(stream, outside, inside);
    return inside;
  }

  void Execute(const Call& call) const {
    const dnnl::stream stream(CpuEngine());
    Workspace& workspace = call.workspace;
    const memory source = Bring(stream, source_, call.inputs[0].data, workspace);
    const memory weights =
        Bring(stream, weights_, ScaledWeights(op_, weight_count(), workspace), workspace);
    const memory outside = Wrap(target_.outside, call.outputs[0].data);
    const memory target = target_.reordered()
                              ? Wrap(target_.inside, workspace.Bytes(SizeOf(target_.inside)))
                              : outside;
    const memory scratchpad = Wrap(scratchpad_, workspace.Bytes(SizeOf(scratchpad_)));
    primitive_.execute(stream, {{DNNL_ARG_SRC, source},
                                {DNNL_ARG_WEIGHTS, weights},
                                {DNNL_ARG_BIAS, Wrap(bias_desc_, bias_.data())},
                                {DNNL_ARG_DST, target},
                                {DNNL_ARG_SCRATCHPAD, scratchpad}});
    if (target_.reordered()) Reorder(stream, target, outside);
  }

  const Convolution& op_;
  dnnl::primitive primitive_;
  Argument source_, weights_, target_;
  memory::desc bias_desc_, scratchpad_;
  std::vector<float> bias_;
  std::optional<graph::Unary> activation_;  // One that oneDNN does not know.
};

template <typename Primitive>
std::unique_ptr<Kernel> BuildConvolution(const Convolution& op, dnnl::algorithm algorithm,
                                         const memory::dims& source, const memory::dims& target) {
  const auto descriptor = DescribePrimitive<Primitive>(ProblemOf(op, source, target), algorithm);
  return std::make_unique<ConvolutionKernel>(op, descriptor, Primitive(descriptor), source, target);
}

memory::dims FourAxes(const Shape& shape) {
  const size_t rank = shape.size();
  return {graph::Product(shape, 0, rank - 3), shape[rank - 3], shape[rank - 2], shape[rank - 1]};
}

}  // namespace

std::unique_ptr<Kernel> MakeConvolution(const Convolution& op, const Shape& source,
                                        const Shape& target) {
  try {
    if (op.transposed) {
      return BuildConvolution<dnnl::deconvolution_forward>(
          op, dnnl::algorithm::deconvolution_direct, FourAxes(source), FourAxes(target));
    }
    return BuildConvolution<dnnl::convolution_forward>(op, dnnl::algorithm::convolution_direct,
                                                       FourAxes(source), FourAxes(target));
  } catch (const dnnl::error&) {
    return nullptr;  // A case that oneDNN does not have: the plain kernel takes it.
  }
}

}  // namespace nbits::onednn
