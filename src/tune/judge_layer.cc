// SPDX-License-Identifier: Apache-2.0
#include "tune/judge_layer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "base/status_macros.h"
#include "formats/neural_network/import/adopt_shape.h"
#include "graph/segment.h"

namespace nbits {
namespace {

absl::StatusOr<std::unique_ptr<GraphRunner>> RunnerWith(const TwinWalk& walk,
                                                        const LayerPlace& place,
                                                        const LayerForm& form) {
  graph::Graph graph = walk.quantized();
  PackedTensor& weight = graph.weights[static_cast<size_t>(place.in_graph)];
  PackedTensor tensor = *form.weight;
  NBITS_RETURN_IF_ERROR(graph::AdoptShape(tensor, weight.shape));
  weight = std::move(tensor);
  *BiasOf(graph.nodes[place.node]) = form.bias;
  return walk.RunnerOf(graph, place.node);
}

// Runs a layer on a value, which it takes and gives back.
absl::StatusOr<std::vector<float>> OutputOf(GraphRunner& runner, const graph::Node& node,
                                            const Tensor& input) {
  const TensorMap inputs = {{graph::ValueName(node.inputs[0]), input}};
  NBITS_ASSIGN_OR_RETURN(TensorMap outputs, runner.Run(inputs, nullptr));
  return std::move(outputs.at(graph::ValueName(node.outputs[0])).values);
}

double SumOfSquares(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    sum += difference * difference;
  }
  return sum;
}

double SumOfSquares(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  return sum;
}

// Of one picture.
struct Sums {
  double signal = 0;
  std::vector<double> errors;
};

std::vector<double> Shares(const std::vector<Sums>& pictures, size_t forms) {
  double signal = 0;
  std::vector<double> errors(forms, 0);
  for (const Sums& sums : pictures) {
    signal += sums.signal;
    for (size_t i = 0; i < forms; ++i) errors[i] += sums.errors[i];
  }
  for (double& error : errors) {
    if (signal > 0) error /= signal;
    if (!std::isfinite(error)) error = std::numeric_limits<double>::infinity();
  }
  return errors;
}

}  // namespace

absl::StatusOr<std::vector<double>> OutputErrors(TwinWalk& walk, const LayerPlace& place,
                                                 std::span<const size_t> pictures,
                                                 std::span<const LayerForm> forms) {
  const graph::Node& node = walk.original().nodes[place.node];
  NBITS_ASSIGN_OR_RETURN(const std::unique_ptr<GraphRunner> original,
                         walk.RunnerOf(walk.original(), place.node));
  std::vector<std::unique_ptr<GraphRunner>> runners;
  for (const LayerForm& form : forms) {
    NBITS_ASSIGN_OR_RETURN(runners.emplace_back(), RunnerWith(walk, place, form));
  }
  std::vector<Sums> sums(pictures.size());
  NBITS_RETURN_IF_ERROR(
      walk.Revisit(pictures, [&](size_t picture, const TwinValue& input) -> absl::Status {
        const auto at = std::find(pictures.begin(), pictures.end(), picture) - pictures.begin();
        Sums& own = sums[static_cast<size_t>(at)];
        NBITS_ASSIGN_OR_RETURN(const std::vector<float> wanted,
                               OutputOf(*original, node, input.original));
        own.signal = SumOfSquares(wanted);
        for (const auto& runner : runners) {
          NBITS_ASSIGN_OR_RETURN(const std::vector<float> output,
                                 OutputOf(*runner, node, input.quantized));
          own.errors.push_back(SumOfSquares(wanted, output));
        }
        return absl::OkStatus();
      }));
  return Shares(sums, forms.size());
}

}  // namespace nbits
