// SPDX-License-Identifier: Apache-2.0
// Products of two computed matrices, or of stacks of them.
#include "base/status_macros.h"
#include "engine/onednn/kernels.h"
#include "engine/onednn/multiply.h"

namespace nbits::onednn {
namespace {

using graph::MatrixProduct;

class MatrixProductKernel : public Kernel {
 public:
  explicit MatrixProductKernel(const MatrixProduct& op) : op_(op) {}

  absl::string_view name() const override { return "onednn gemm"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const Shape &a = call.inputs[0].shape, &b = call.inputs[1].shape;
    const Shape& out = call.outputs[0].shape;
    const int64_t m = out[out.size() - 2], n = out.back();
    const int64_t k = op_.transpose_a ? a[a.size() - 2] : a.back();
    const int64_t matrices = graph::Product(out) / (m * n);
    const int64_t step_a = graph::Product(a) == m * k ? 0 : m * k;
    const int64_t step_b = graph::Product(b) == k * n ? 0 : k * n;
    for (int64_t i = 0; i < matrices; ++i) {
      NBITS_RETURN_IF_ERROR(
          Multiply({op_.transpose_a, op_.transpose_b, m, n, k, call.inputs[0].data + i * step_a,
                    call.inputs[1].data + i * step_b, call.outputs[0].data + i * m * n},
                   call.threads));
    }
    return absl::OkStatus();
  }

 private:
  const MatrixProduct& op_;
};

// Each input is one matrix, or has the same stack as the output.
bool IsSimpleStack(const Shape& input, const Shape& output) {
  const int64_t stack = graph::Product(input, 0, input.size() - 2);
  return stack == 1 || stack == graph::Product(output, 0, output.size() - 2);
}

}  // namespace

std::unique_ptr<Kernel> MakeMatrixProduct(const MatrixProduct& op, const Shape& a, const Shape& b,
                                          const Shape& out) {
  if (!IsSimpleStack(a, out) || !IsSimpleStack(b, out)) return nullptr;
  return std::make_unique<MatrixProductKernel>(op);
}

}  // namespace nbits::onednn
