// SPDX-License-Identifier: Apache-2.0
// 1 x 1 convolutions: weights [C_out, C_in] by pixels [C_in, H * W].
#include "base/status_macros.h"
#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"
#include "engine/onednn/kernels.h"
#include "engine/onednn/multiply.h"
#include "engine/onednn/scaled_weights.h"

namespace nbits::onednn {
namespace {

using graph::Convolution;

// Adds the bias to rows [begin, end) of `length` values and applies the activation; row r belongs
// to channel r % channels.
void FinishRows(const std::vector<float>& bias, const std::optional<graph::Unary>& activation,
                float* rows, int64_t length, int64_t begin, int64_t end) {
  const int64_t channels = static_cast<int64_t>(bias.size());
  for (int64_t row = begin; row < end; ++row) {
    float* values = rows + row * length;
    if (channels > 0) {
      const float offset = bias[row % channels];
      for (int64_t i = 0; i < length; ++i) values[i] += offset;
    }
    if (activation) ApplyUnary(*activation, values, values, length, 1);
  }
}

class PointwiseKernel : public Kernel {
 public:
  PointwiseKernel(const Convolution& op, int64_t input_channels)
      : op_(op), input_channels_(input_channels) {}

  absl::string_view name() const override { return "onednn gemm"; }
  int64_t workspace_bytes() const override { return ScaledWeightsBytes(op_, weight_count()); }

  absl::Status Run(const Call& call) const override {
    const float* weights = ScaledWeights(op_, weight_count(), call.workspace);
    const int64_t pixels = op_.output[0] * op_.output[1];
    const int64_t batch = graph::Product(call.outputs[0].shape) / (op_.output_channels * pixels);
    for (int64_t n = 0; n < batch; ++n) {
      NBITS_RETURN_IF_ERROR(Multiply({false, false, op_.output_channels, pixels, input_channels_,
                                      weights, call.inputs[0].data + n * input_channels_ * pixels,
                                      call.outputs[0].data + n * op_.output_channels * pixels},
                                     call.threads));
    }
    if (op_.bias.empty() && !op_.activation) return absl::OkStatus();
    ForChunks(batch * op_.output_channels, pixels, call.threads, [&](int64_t begin, int64_t end) {
      FinishRows(op_.bias, op_.activation, call.outputs[0].data, pixels, begin, end);
    });
    return absl::OkStatus();
  }

 private:
  int64_t weight_count() const { return op_.output_channels * input_channels_; }

  const Convolution& op_;
  int64_t input_channels_;
};

}  // namespace

bool IsPointwise(const Convolution& op) {
  return op.window.is_pixelwise() && op.groups == 1 && !op.transposed;
}

std::unique_ptr<Kernel> MakePointwise(const Convolution& op, const Shape& source) {
  return std::make_unique<PointwiseKernel>(op, source[source.size() - 3]);
}

}  // namespace nbits::onednn
