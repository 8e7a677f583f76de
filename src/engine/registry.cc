// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/kernel.h"
#include "engine/kernels/array/arg_extreme_rows.h"
#include "engine/kernels/blocked/blocked.h"
#include "engine/kernels/blocked/elementwise.h"
#include "engine/kernels/depthwise/depthwise.h"
#include "engine/kernels/direct/direct.h"
#include "engine/kernels/int8/int8_convolution.h"
#include "engine/kernels/packed/embedding.h"
#include "engine/kernels/packed/packed_kernel.h"
#include "engine/kernels/plain.h"
#include "engine/kernels/pointwise/pointwise.h"
#include "engine/kernels/recurrent/recurrent_rows.h"
#include "engine/kernels/winograd/winograd.h"
#include "engine/onednn.h"

namespace nbits {
namespace {

struct Row {
  bool reference;
  FormatChooser choose;  // Null: planar only.
  KernelFactory make;
};

// The first that has a kernel for a node is taken.
constexpr std::array kRows = {
    Row{false, ChooseInt8Formats, MakeInt8Kernel},
    Row{false, nullptr, MakeInt8InnerProductKernel},
    Row{false, ChoosePackedFormats, MakePackedKernel},
    Row{false, ChooseWinogradFormats, MakeWinogradKernel},
    Row{false, ChooseFewOutputsFormats, MakeFewOutputsKernel},
    Row{false, ChooseDirectFormats, MakeDirectKernel},
    Row{false, ChoosePointwiseFormats, MakePointwiseKernel},
    Row{false, ChooseDepthwiseFormats, MakeDepthwiseKernel},
    Row{false, ChooseElementwiseFormats, MakeElementwiseKernel},
    Row{false, ChoosePoolFormats, MakePoolKernel},
    Row{false, ChooseResizeFormats, MakeResizeKernel},
    Row{false, ChooseConcatFormats, MakeConcatKernel},
    Row{false, nullptr, MakeReformatKernel},
    Row{false, nullptr, MakeArgExtremeKernel},
    Row{false, nullptr, MakeEmbeddingKernel},
    Row{false, nullptr, MakeRecurrentKernel},
    Row{false, nullptr, MakeOneDnnKernel},
    Row{true, nullptr, MakePlainKernel},
};

}  // namespace

NodeFormats ChooseNodeFormats(const graph::Graph& graph, const graph::Node& node,
                              std::span<const Format> current, const EngineOptions& options) {
  for (const Row& row : kRows) {
    if (options.plain || row.choose == nullptr) continue;
    if (auto formats = row.choose(graph, node, current, options)) return *std::move(formats);
  }
  return PlanarFormats(node);
}

bool HasFusedKernel(const graph::Graph& graph, const graph::Node& node,
                    const EngineOptions& options) {
  std::vector<Format> current;
  for (graph::TensorId input : node.inputs) {
    current.push_back(CanBeBlocked(graph.tensors[input].shape) ? kBlockedFormat : kPlanarFormat);
  }
  return std::ranges::any_of(kRows, [&](const Row& row) {
    return row.choose != nullptr && row.choose(graph, node, current, options).has_value();
  });
}

absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(const graph::Graph& graph,
                                                   const graph::Node& node,
                                                   const NodeFormats& formats,
                                                   const EngineOptions& options) {
  for (const Row& row : kRows) {
    if (options.plain && !row.reference) continue;
    NBITS_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel, row.make(graph, node, formats, options));
    if (kernel != nullptr) return kernel;
  }
  return absl::UnimplementedError(
      absl::StrCat("no kernel for layer '", node.name, "' of type ", node.kind));
}

bool CanRunInPlace(const graph::Op& op, size_t input) {
  if (std::holds_alternative<graph::Binary>(op)) return true;
  if (const auto* convolution = std::get_if<graph::Convolution>(&op)) {
    const size_t sources = std::max<size_t>(1, convolution->sources.size());
    return convolution->adds() && input == sources;
  }
  return input == 0 && (std::holds_alternative<graph::Unary>(op) ||
                        std::holds_alternative<graph::ChannelAffine>(op) ||
                        std::holds_alternative<graph::ChannelActivation>(op));
}

std::vector<graph::WeightId> WeightsOf(const graph::Op& op) {
  if (const auto* typed = std::get_if<graph::Constant>(&op)) return {typed->weight};
  if (const auto* typed = std::get_if<graph::Convolution>(&op)) {
    if (typed->depthwise != nullptr) return {typed->depthwise->weight, typed->weight};
    return {typed->weight};
  }
  if (const auto* typed = std::get_if<graph::Convolution3d>(&op)) return {typed->weight};
  if (const auto* typed = std::get_if<graph::InnerProduct>(&op)) return {typed->weight};
  if (const auto* typed = std::get_if<graph::Embedding>(&op)) return {typed->weight};
  const auto* recurrent = std::get_if<graph::Recurrent>(&op);
  if (recurrent == nullptr) return {};
  std::vector<graph::WeightId> weights;
  for (const graph::RecurrentDirection& direction : recurrent->directions) {
    weights.insert(weights.end(), direction.weights.begin(), direction.weights.end());
    weights.insert(weights.end(), direction.recursions.begin(), direction.recursions.end());
  }
  return weights;
}

}  // namespace nbits
