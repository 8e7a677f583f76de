// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/recurrent/recurrent_rows.h"

#include <algorithm>

#include "engine/kernels/common/vector_rows.h"
#include "engine/kernels/common/workers.h"
#include "engine/kernels/packed/packed_matrix.h"
#include "engine/kernels/recurrent/recurrent.h"

namespace nbits {
namespace {

using graph::Recurrent;
using graph::RecurrentDirection;

// Rows (steps and batch entries) whose inputs are multiplied in one go, at least: what is read of
// the weights serves all of them.
constexpr int64_t kRowsPerBlock = 64;
// Products of a step that are worth a thread: 4 microseconds, about.
constexpr int64_t kProductsPerThread = 1 << 17;
// Products handed to a thread at a time.
constexpr int64_t kProductsPerPart = 1 << 16;
constexpr int64_t kUnitStep = 16;  // Parts begin at multiples of it.

struct GateMatrices {
  PackedMatrix inputs, recursions;
};
using DirectionMatrices = std::vector<GateMatrices>;  // By gate.

// What a layer's steps need to know of it.
struct RecurrentProblem {
  const Recurrent& op;
  int64_t steps, batch;
  std::vector<DirectionMatrices> directions;

  int64_t gates() const { return static_cast<int64_t>(directions[0].size()); }
  int64_t steps_per_block() const {
    return std::min(steps, std::max<int64_t>(1, kRowsPerBlock / batch));
  }
  // Of a step's products with the inputs: [gate][hidden].
  int64_t pitch() const { return gates() * op.hidden_size; }
  int64_t block_rows() const { return steps_per_block() * batch; }
  int64_t InputFloats() const { return directions[0][0].inputs.ArrangedFloats(block_rows()); }
  int64_t StateFloats() const { return directions[0][0].recursions.ArrangedFloats(batch); }
};

// Vectors as each gate's matrix reads them; gates that read them alike share them.
class GateVectors {
 public:
  // `room` holds what `gates` arrangements take.
  GateVectors(float* room, int64_t floats_each) : room_(room), floats_each_(floats_each) {}

  void Arrange(const DirectionMatrices& matrices, PackedMatrix GateMatrices::*which,
               const float* vectors, int64_t count) {
    arranged_.clear();
    of_gate_.clear();
    for (size_t gate = 0; gate < matrices.size(); ++gate) {
      const PackedMatrix& matrix = matrices[gate].*which;
      size_t first = 0;
      while (first < gate && !matrix.ReadsLike(matrices[first].*which)) ++first;
      of_gate_.push_back(first < gate ? of_gate_[first] : arranged_.size());
      if (first < gate) continue;
      float* to = room_ + static_cast<int64_t>(arranged_.size()) * floats_each_;
      arranged_.push_back(matrix.Arrange(vectors, count, matrix.columns(), 1, to));
    }
  }
  const ArrangedVectors& of(size_t gate) const { return arranged_[of_gate_[gate]]; }

 private:
  float* room_;
  int64_t floats_each_;
  std::vector<ArrangedVectors> arranged_;
  std::vector<size_t> of_gate_;
};

class VectorArithmetic : public RecurrentArithmetic {
 public:
  VectorArithmetic(const RecurrentProblem& problem, const Call& call)
      : problem_(problem),
        call_(call),
        products_(call.workspace.Floats(problem.block_rows() * problem.pitch())),
        inputs_(call.workspace.Floats(problem.gates() * problem.InputFloats()),
                problem.InputFloats()),
        state_(call.workspace.Floats(problem.gates() * problem.StateFloats()),
               problem.StateFloats()) {
    const int64_t products = problem.pitch() * problem.op.hidden_size * problem.batch;
    threads_ =
        static_cast<int>(std::clamp<int64_t>(products / kProductsPerThread, 1, call.threads));
  }

  static int64_t WorkspaceBytes(const RecurrentProblem& p) {
    return AlignedSize(4 * p.block_rows() * p.pitch()) +
           AlignedSize(4 * p.gates() * p.InputFloats()) +
           AlignedSize(4 * p.gates() * p.StateFloats());
  }

  void Start(size_t direction) override {
    direction_ = direction;
    block_ = -1;
  }
  void BeginStep(int64_t t) override {
    t_ = t;
    if (t / problem_.steps_per_block() != block_) MultiplyInputs(t / problem_.steps_per_block());
  }
  void SetState(const float* h) override {
    state_.Arrange(matrices(), &GateMatrices::recursions, h, problem_.batch);
  }

  void ForUnits(const std::function<void(const RecurrentUnits&)>& body) override {
    const int64_t hidden = problem_.op.hidden_size;
    const int64_t part = PartOf(problem_.pitch() * problem_.batch);
    ForWorkers((hidden + part - 1) / part, threads_, [&](int64_t item, int64_t) {
      body({item * part, std::min(hidden, (item + 1) * part)});
    });
  }
  void Preactivate(size_t gate, const RecurrentUnits& units, float* out) override {
    const int64_t hidden = problem_.op.hidden_size;
    matrices()[gate].recursions.Multiply(state_.of(gate), units.begin, units.end, out + units.begin,
                                         hidden);
    const int64_t row = (t_ - block_ * problem_.steps_per_block()) * problem_.batch;
    for (int64_t b = 0; b < problem_.batch; ++b) {
      const float* products =
          products_ + (row + b) * problem_.pitch() + static_cast<int64_t>(gate) * hidden;
      for (int64_t i = units.begin; i < units.end; ++i) out[b * hidden + i] += products[i];
    }
  }
  void Activate(const graph::Unary& f, float* values, int64_t count) override {
    UnaryRow(f, values, values, count);
  }

 private:
  const DirectionMatrices& matrices() const { return problem_.directions[direction_]; }

  // Units of a layer that are a part, when each stands for so many products.
  static int64_t PartOf(int64_t products) {
    const int64_t units = std::max<int64_t>(1, kProductsPerPart / products);
    return (units + kUnitStep - 1) / kUnitStep * kUnitStep;
  }

  // products [row][gate][hidden] = W_gate x + b_gate for the rows of a block of steps.
  void MultiplyInputs(int64_t block) {
    block_ = block;
    const int64_t first = block * problem_.steps_per_block(), inputs = problem_.op.input_size;
    const int64_t steps = std::min(problem_.steps_per_block(), problem_.steps - first);
    inputs_.Arrange(matrices(), &GateMatrices::inputs,
                    call_.inputs[0].data + first * problem_.batch * inputs, steps * problem_.batch);
    const int64_t hidden = problem_.op.hidden_size, part = PartOf(inputs * steps * problem_.batch);
    const int64_t parts = (hidden + part - 1) / part;
    ForWorkers(problem_.gates() * parts, call_.threads, [&](int64_t item, int64_t) {
      const int64_t begin = item % parts * part;
      MultiplyPart(static_cast<size_t>(item / parts), {begin, std::min(hidden, begin + part)});
    });
  }

  void MultiplyPart(size_t gate, const RecurrentUnits& units) {
    const ArrangedVectors& rows = inputs_.of(gate);
    float* out = products_ + static_cast<int64_t>(gate) * problem_.op.hidden_size;
    matrices()[gate].inputs.Multiply(rows, units.begin, units.end, out + units.begin,
                                     problem_.pitch());
    const RecurrentDirection& direction = problem_.op.directions[direction_];
    if (direction.biases.empty()) return;
    const float* bias = direction.biases[gate].data();
    for (int64_t n = 0; n < rows.count; ++n) {
      float* row = out + n * problem_.pitch();
      for (int64_t i = units.begin; i < units.end; ++i) row[i] += bias[i];
    }
  }

  const RecurrentProblem& problem_;
  const Call& call_;
  float* products_;  // Of the steps of a block.
  GateVectors inputs_, state_;
  int threads_;  // Of a step.
  size_t direction_ = 0;
  int64_t t_ = 0, block_ = -1;
};

class RecurrentKernel : public Kernel {
 public:
  explicit RecurrentKernel(RecurrentProblem problem) : problem_(std::move(problem)) {}

  absl::string_view name() const override { return "recurrent"; }
  bool decodes_whole_weights() const override { return false; }
  int64_t workspace_bytes() const override {
    return RecurrentWorkspaceBytes(problem_.op, {problem_.steps, problem_.batch}) +
           VectorArithmetic::WorkspaceBytes(problem_);
  }

  absl::Status Run(const Call& call) const override {
    VectorArithmetic arithmetic(problem_, call);
    RunRecurrent(problem_.op, call, arithmetic);
    return absl::OkStatus();
  }

 private:
  RecurrentProblem problem_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeRecurrentKernel(const graph::Graph& graph,
                                                            const graph::Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions&) {
  const auto* op = std::get_if<Recurrent>(&node.op);
  if (op == nullptr || !AllPlanar(formats)) return nullptr;
  const Shape& input = graph.tensors[node.inputs[0]].shape;
  RecurrentProblem problem{*op, input[0], input[1], {}};
  for (const RecurrentDirection& direction : op->directions) {
    DirectionMatrices& matrices = problem.directions.emplace_back();
    for (size_t gate = 0; gate < direction.weights.size(); ++gate) {
      matrices.push_back(
          {PackedMatrix(graph.weights[direction.weights[gate]], op->hidden_size, op->input_size),
           PackedMatrix(graph.weights[direction.recursions[gate]], op->hidden_size,
                        op->hidden_size)});
    }
  }
  return std::make_unique<RecurrentKernel>(std::move(problem));
}

}  // namespace nbits
