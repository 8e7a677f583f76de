// SPDX-License-Identifier: Apache-2.0
#include "tune/work_left.h"

#include <numeric>

namespace nbits {
namespace {

// In multiplications. What a node does to each value that it writes counts as a few of them, and
// what is done in double, as moments and roundings are, as twice as many. A guess for a progress
// bar: no result depends on it.
constexpr double kOfAValue = 8, kInDouble = 2;
// Passes over the products of a layer's inputs, for each of its outputs, while it is rounded.
constexpr double kRoundingPasses = 12;

double WorkOfNode(const graph::Graph& graph, const graph::Node& node) {
  double work = 0;
  for (const graph::TensorId output : node.outputs) {
    work += kOfAValue *
            static_cast<double>(graph::Product(graph.tensors[static_cast<size_t>(output)].shape));
  }
  if (const auto reader = ColumnReader::For(graph, node)) {
    work +=
        static_cast<double>(reader->layout().elements()) * static_cast<double>(reader->positions());
  }
  return work;
}

double WorkOfCalibration(const LayerPlace& place, int64_t positions) {
  const MatrixLayout& layout = place.columns.layout();
  const auto columns = static_cast<double>(layout.columns());
  const double moments = static_cast<double>(positions) * columns * columns;
  const double factors = columns * columns * columns;
  const double rounding = kRoundingPasses * static_cast<double>(layout.outputs) * columns * columns;
  return kInDouble * static_cast<double>(layout.groups) * (moments + factors + rounding);
}

}  // namespace

std::vector<double> WorkOfLayers(const graph::Graph& graph, std::span<const Stretch> stretches,
                                 std::span<const LayerPlace> places, const PictureRoles& roles,
                                 int64_t positions) {
  const size_t judging = roles.judging.size();
  const size_t pictures = roles.calibrating.size() + (roles.holds_back ? judging : 0);
  std::vector<double> work;
  for (size_t i = 0; i < places.size(); ++i) {
    double running = 0;
    for (const size_t node : stretches[i].nodes) running += WorkOfNode(graph, graph.nodes[node]);
    const double own = WorkOfNode(graph, graph.nodes[places[i].node]);
    work.push_back(2 * running * static_cast<double>(pictures) +  // In both networks.
                   3 * own * static_cast<double>(judging) +       // The original and two forms.
                   WorkOfCalibration(places[i], positions));
  }
  const double all = std::accumulate(work.begin(), work.end(), 0.0);
  for (double& each : work) each /= all;
  return work;
}

}  // namespace nbits
