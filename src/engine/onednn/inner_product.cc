// SPDX-License-Identifier: Apache-2.0
// Inner products: rows of inputs by weights [outputs, inputs].
#include "base/status_macros.h"
#include "engine/kernels/plain.h"
#include "engine/onednn/kernels.h"
#include "engine/onednn/multiply.h"

namespace nbits::onednn {
namespace {

using graph::InnerProduct;

class InnerProductKernel : public Kernel {
 public:
  explicit InnerProductKernel(const InnerProduct& op) : op_(op) {}

  absl::string_view name() const override { return "onednn gemm"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const int64_t rows = graph::Product(op_.output_shape) / op_.output_channels;
    float* out = call.outputs[0].data;
    NBITS_RETURN_IF_ERROR(Multiply({false, true, rows, op_.output_channels, op_.input_channels,
                                    call.inputs[0].data, call.workspace.Weight(op_.weight), out},
                                   call.threads));
    for (int64_t row = 0; !op_.bias.empty() && row < rows; ++row) {
      for (int64_t i = 0; i < op_.output_channels; ++i) {
        out[row * op_.output_channels + i] += op_.bias[i];
      }
    }
    if (op_.activation) {
      ApplyUnary(*op_.activation, out, out, rows * op_.output_channels, call.threads);
    }
    return absl::OkStatus();
  }

 private:
  const InnerProduct& op_;
};

}  // namespace

std::unique_ptr<Kernel> MakeInnerProduct(const InnerProduct& op) {
  return std::make_unique<InnerProductKernel>(op);
}

}  // namespace nbits::onednn
