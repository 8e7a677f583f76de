// SPDX-License-Identifier: Apache-2.0
// Convolutions and deconvolutions.
#include <mutex>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/kernels/common/workers.h"
#include "engine/kernels/plain.h"
#include "engine/onednn/activation.h"
#include "engine/onednn/kernels.h"
#include "engine/onednn/one_thread.h"
#include "engine/onednn/problem.h"
#include "engine/onednn/scaled_weights.h"
#include "engine/onednn/values.h"

namespace nbits::onednn {
namespace {

using dnnl::memory;
using graph::Convolution;

// Values in one layout, from `begin` on, and in the layout that the primitive wants.
struct Argument {
  int64_t begin;
  memory::desc outside, inside;

  bool reordered() const { return outside != inside; }
  int64_t workspace_bytes() const { return reordered() ? AlignedSize(SizeOf(inside)) : 0; }
  memory at(const float* values) const { return Wrap(outside, values + begin); }
};

// Where the reordered values of a share go; null for what is not reordered.
struct Room {
  void *source, *weights, *target, *scratchpad;
};

void Reorder(const dnnl::stream& stream, const memory& from, const memory& to) {
  memory source = from, target = to;
  dnnl::reorder(source, target).execute(stream, source, target);
}

// The value of an argument in the primitive's layout, moved to `room` when it has another.
memory Bring(const dnnl::stream& stream, const Argument& argument, const float* values,
             void* room) {
  const memory outside = argument.at(values);
  if (!argument.reordered()) return outside;
  const memory inside = Wrap(argument.inside, room);
  Reorder(stream, outside, inside);
  return inside;
}

// One share, made ready to run.
class ShareKernel {
 public:
  template <typename Primitive>
  static ShareKernel Make(const Convolution& op, dnnl::algorithm algorithm, const Share& share,
                          const memory::dims& source, const memory::dims& target) {
    const auto descriptor =
        DescribePrimitive<Primitive>(ProblemOf(op, share, source, target), algorithm);
    const auto argument = [](const Slice& slice, const memory::desc& inside) {
      return Argument{slice.begin, slice.layout, inside};
    };
    ShareKernel kernel;
    kernel.primitive_ = Primitive(descriptor);
    kernel.source_ = argument(SourceOf(op, share, source), descriptor.src_desc());
    kernel.weights_ = argument(WeightsOf(op, share, source[1]), descriptor.weights_desc());
    kernel.target_ = argument(TargetOf(share, target), descriptor.dst_desc());
    kernel.bias_ = argument({share.outputs.begin, RowMajor({share.outputs.count})},
                            RowMajor({share.outputs.count}));
    kernel.scratchpad_ = descriptor.scratchpad_desc();
    return kernel;
  }

  int64_t workspace_bytes() const {
    return source_.workspace_bytes() + target_.workspace_bytes() + weights_.workspace_bytes() +
           AlignedSize(SizeOf(scratchpad_));
  }

  Room Take(Workspace& workspace) const {
    const auto take = [&](const Argument& argument) -> void* {
      return argument.reordered() ? workspace.Bytes(SizeOf(argument.inside)) : nullptr;
    };
    return {take(source_), take(weights_), take(target_), workspace.Bytes(SizeOf(scratchpad_))};
  }

  // Throws dnnl::error.
  void Run(const float* in, const float* weight, const float* bias, float* out,
           const Room& room) const {
    const OneThread scope;
    const dnnl::stream stream(CpuEngine());
    const memory source = Bring(stream, source_, in, room.source);
    const memory weights = Bring(stream, weights_, weight, room.weights);
    const memory outside = target_.at(out);
    const memory target = target_.reordered() ? Wrap(target_.inside, room.target) : outside;
    primitive_.execute(stream, {{DNNL_ARG_SRC, source},
                                {DNNL_ARG_WEIGHTS, weights},
                                {DNNL_ARG_BIAS, bias_.at(bias)},
                                {DNNL_ARG_DST, target},
                                {DNNL_ARG_SCRATCHPAD, Wrap(scratchpad_, room.scratchpad)}});
    if (target_.reordered()) Reorder(stream, target, outside);
  }

 private:
  dnnl::primitive primitive_;
  Argument source_, weights_, target_, bias_;
  memory::desc scratchpad_;
};

class ConvolutionKernel : public Kernel {
 public:
  ConvolutionKernel(const Convolution& op, std::vector<ShareKernel> shares, int64_t weight_count)
      : op_(op), shares_(std::move(shares)), weight_count_(weight_count), bias_(op.bias) {
    bias_.resize(op.output_channels, 0.0f);
    if (op.activation && !HasActivation(*op.activation)) activation_ = op.activation;
  }

  absl::string_view name() const override { return "onednn"; }

  int64_t workspace_bytes() const override {
    int64_t bytes = ScaledWeightsBytes(op_, weight_count_);
    for (const ShareKernel& share : shares_) bytes += share.workspace_bytes();
    return bytes;
  }

  absl::Status Run(const Call& call) const override {
    const std::string failure = RunShares(call);
    if (!failure.empty()) return absl::InternalError(absl::StrCat("oneDNN: ", failure));
    if (activation_) {
      float* values = call.outputs[0].data;
      ApplyUnary(*activation_, values, values, graph::Product(call.outputs[0].shape), call.threads);
    }
    return absl::OkStatus();
  }

 private:
  // What oneDNN says of a share that failed; empty when all went well.
  std::string RunShares(const Call& call) const {
    const float* weights = ScaledWeights(op_, weight_count_, call.workspace);
    std::vector<Room> rooms;
    for (const ShareKernel& share : shares_) rooms.push_back(share.Take(call.workspace));
    std::mutex mutex;
    std::string failure;
    ForWorkers(static_cast<int64_t>(shares_.size()), call.threads, [&](int64_t i, int64_t) {
      try {
        shares_[i].Run(call.inputs[0].data, weights, bias_.data(), call.outputs[0].data, rooms[i]);
      } catch (const dnnl::error& error) {
        const std::lock_guard<std::mutex> lock(mutex);
        failure = error.message;
      }
    });
    return failure;
  }

  const Convolution& op_;
  std::vector<ShareKernel> shares_;
  int64_t weight_count_;
  std::vector<float> bias_;
  std::optional<graph::Unary> activation_;  // One that oneDNN does not know.
};

template <typename Primitive>
std::unique_ptr<Kernel> BuildConvolution(const Convolution& op, dnnl::algorithm algorithm,
                                         const memory::dims& source, const memory::dims& target,
                                         int threads) {
  const OneThread scope;
  std::vector<ShareKernel> shares;
  for (const Share& share : SharesOf(op, source[1], threads)) {
    shares.push_back(ShareKernel::Make<Primitive>(op, algorithm, share, source, target));
  }
  const int64_t weights =
      op.output_channels * (source[1] / op.groups) * op.window.kernel[0] * op.window.kernel[1];
  return std::make_unique<ConvolutionKernel>(op, std::move(shares), weights);
}

memory::dims FourAxes(const Shape& shape) {
  const size_t rank = shape.size();
  return {graph::Product(shape, 0, rank - 3), shape[rank - 3], shape[rank - 2], shape[rank - 1]};
}

}  // namespace

std::unique_ptr<Kernel> MakeConvolution(const Convolution& op, const Shape& source,
                                        const Shape& target, int threads) {
  try {
    if (op.transposed) {
      return BuildConvolution<dnnl::deconvolution_forward>(
          op, dnnl::algorithm::deconvolution_direct, FourAxes(source), FourAxes(target), threads);
    }
    return BuildConvolution<dnnl::convolution_forward>(op, dnnl::algorithm::convolution_direct,
                                                       FourAxes(source), FourAxes(target), threads);
  } catch (const dnnl::error&) {
    return nullptr;  // A case that oneDNN does not have: the plain kernel takes it.
  }
}

}  // namespace nbits::onednn
