// SPDX-License-Identifier: Apache-2.0
// Recurrent layers with vectors against the plain ones, on every set of vectors.
#include "engine/kernels/recurrent/recurrent_rows.h"

#include "nbits/quantize.h"
#include "tests/engine/node_runner.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using graph::Recurrent;
using graph::RecurrentKind;
using testing::NodeRunner;
using testing::RandomValues;
using testing::Stored;

struct RecurrentCase {
  RecurrentKind kind;
  int gates, activations;
  int64_t steps, batch, inputs, hidden;
  int directions;
  bool sequence, biases, peepholes;
};

NodeRunner RunnerOf(const RecurrentCase& c) {
  Recurrent op;
  op.kind = c.kind;
  op.input_size = c.inputs;
  op.hidden_size = c.hidden;
  op.sequence_output = c.sequence;
  std::vector<PackedTensor> weights;
  const auto add = [&](int64_t columns, std::vector<graph::WeightId>& ids) {
    ids.push_back(static_cast<graph::WeightId>(weights.size()));
    std::vector<float> values = RandomValues(c.hidden * columns, static_cast<unsigned>(ids.size()));
    for (float& value : values) value /= std::sqrt(static_cast<float>(columns));
    weights.push_back(*Quantize(values, {c.hidden, columns}, {.mode = Mode::kFloat32, .bits = 32}));
  };
  for (int d = 0; d < c.directions; ++d) {
    graph::RecurrentDirection direction;
    direction.reverse = d == 1;
    for (int gate = 0; gate < c.gates; ++gate) {
      add(c.inputs, direction.weights);
      add(c.hidden, direction.recursions);
      if (c.biases) direction.biases.push_back(RandomValues(c.hidden, 9));
    }
    for (int i = 0; i < 3 && c.peepholes; ++i) {
      direction.peepholes.push_back(RandomValues(c.hidden, 10));
    }
    for (int i = 0; i < c.activations; ++i) {
      direction.activations.push_back(
          {.function = i == 0 ? graph::UnaryFunction::kSigmoid : graph::UnaryFunction::kTanh});
    }
    op.directions.push_back(std::move(direction));
  }
  return NodeRunner(op, {{c.steps, c.batch, c.inputs, 1, 1}}, std::move(weights));
}

const RecurrentCase kRecurrentCases[] = {
    {RecurrentKind::kSimple, 1, 1, 5, 1, 3, 4, 1, true, true, false},
    {RecurrentKind::kSimple, 1, 1, 33, 2, 17, 9, 1, false, false, false},
    {RecurrentKind::kGru, 3, 2, 20, 3, 40, 33, 1, true, true, false},
    {RecurrentKind::kLstm, 4, 3, 1, 1, 1, 1, 1, false, true, false},
    {RecurrentKind::kLstm, 4, 3, 64, 1, 128, 96, 1, true, true, false},
    {RecurrentKind::kLstm, 4, 3, 19, 2, 31, 40, 2, true, true, true},
};

TEST(RecurrentRowsTest, AgreesWithThePlainKernel) {
  testing::OnEveryTarget([] {
    for (const RecurrentCase& c : kRecurrentCases) {
      NodeRunner runner = RunnerOf(c);
      const Stored expected = runner.RunPlainKernel();
      for (const int threads : {1, 3}) {
        const Stored actual = runner.RunAs(PlanarFormats(runner.node()), threads);
        EXPECT_EQ(runner.kernel_name(), "recurrent");
        testing::ExpectNear(actual, expected, 2e-5f);
      }
    }
  });
}

}  // namespace
}  // namespace nbits
