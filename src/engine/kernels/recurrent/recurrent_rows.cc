// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/recurrent/recurrent_rows.h"

#include <algorithm>

#include "engine/kernels/common/chunks.h"
#include "engine/kernels/common/vector_rows.h"
#include "engine/kernels/product/matrix_rows.h"
#include "engine/kernels/recurrent/recurrent.h"

namespace nbits {
namespace {

using graph::Recurrent;

// Steps whose inputs are multiplied in one go: enough to use what is read of the weights often.
constexpr int64_t kStepsPerPart = 16;

int64_t Gates(const Recurrent& op) { return static_cast<int64_t>(op.directions[0].weights.size()); }

// `x` [gate, hidden] holds W x + b.
void Preactivate(const RecurrentWeights& w, size_t gate, const float* x, const float* h,
                 float* out) {
  const int64_t hidden = w.op.hidden_size;
  MatrixRows(w.recursions[gate], hidden, hidden, h, 1, out);
  const float* products = x + static_cast<int64_t>(gate) * hidden;
  for (int64_t i = 0; i < hidden; ++i) out[i] += products[i];
}

void Activate(const graph::Unary& f, float* values, int64_t count) {
  UnaryRow(f, values, values, count);
}

class RecurrentKernel : public Kernel {
 public:
  RecurrentKernel(const Recurrent& op, const Shape& input) : op_(op), input_(input) {}

  absl::string_view name() const override { return "recurrent"; }

  int64_t workspace_bytes() const override {
    return RecurrentWorkspaceBytes(op_, input_) + AlignedSize(4 * ProductFloats()) +
           AlignedSize(4 * rows() * op_.hidden_size);
  }

  absl::Status Run(const Call& call) const override {
    float* products = call.workspace.Floats(ProductFloats());
    float* of_gate = call.workspace.Floats(rows() * op_.hidden_size);
    RunRecurrent(op_, call, {Preactivate, Activate}, [&](const RecurrentWeights& weights) {
      for (int64_t gate = 0; gate < Gates(op_); ++gate) {
        MultiplyInputs(weights, gate, call, of_gate, products);
      }
      return RecurrentInputs{products, pitch()};
    });
    return absl::OkStatus();
  }

 private:
  int64_t rows() const { return input_[0] * input_[1]; }
  int64_t pitch() const { return Gates(op_) * op_.hidden_size; }
  int64_t ProductFloats() const { return rows() * pitch(); }

  // products [row, gate, hidden] = W_gate x + b_gate for all rows (steps and batch entries).
  void MultiplyInputs(const RecurrentWeights& w, int64_t gate, const Call& call, float* of_gate,
                      float* products) const {
    const int64_t hidden = op_.hidden_size, inputs = op_.input_size;
    const std::vector<float>* bias =
        w.direction.biases.empty() ? nullptr : &w.direction.biases[gate];
    const auto multiply = [&](int64_t begin, int64_t end) {
      MatrixRows(w.weights[gate], hidden, inputs, call.inputs[0].data + begin * inputs, end - begin,
                 of_gate + begin * hidden);
      for (int64_t row = begin; row < end; ++row) {
        const float* from = of_gate + row * hidden;
        float* to = products + row * pitch() + gate * hidden;
        for (int64_t i = 0; i < hidden; ++i) to[i] = from[i] + (bias ? (*bias)[i] : 0.0f);
      }
    };
    const int64_t parts = (rows() + kStepsPerPart - 1) / kStepsPerPart;
    ForChunks(parts, kStepsPerPart * hidden * inputs / 8, call.threads,
              [&](int64_t begin, int64_t end) {
                multiply(begin * kStepsPerPart, std::min(rows(), end * kStepsPerPart));
              });
  }

  const Recurrent& op_;
  Shape input_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeRecurrentKernel(const graph::Graph& graph,
                                                            const graph::Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions&) {
  const auto* op = std::get_if<Recurrent>(&node.op);
  if (op == nullptr || !AllPlanar(formats)) return nullptr;
  return std::make_unique<RecurrentKernel>(*op, graph.tensors[node.inputs[0]].shape);
}

}  // namespace nbits
