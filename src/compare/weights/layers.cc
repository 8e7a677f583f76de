// SPDX-License-Identifier: Apache-2.0
#include "compare/weights/layers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/threads/parallel.h"
#include "compare/weights/weight_grid.h"
#include "compress/weight_error.h"
#include "nbits/compress.h"
#include "nbits/model.h"

namespace nbits {
namespace {

constexpr size_t kHistograms = 6;  // Layers shown: those with the most elements.

using WeightsByPath = std::map<std::string, const WeightRef*>;

WeightsByPath ByPath(const Model& model) {
  WeightsByPath weights;
  for (const WeightRef& weight : model.weights()) weights[weight.path] = &weight;
  return weights;
}

std::optional<Model> OpenModel(const VariantResult& variant) {
  if (variant.error) return std::nullopt;
  auto model = Model::Open(variant.file);
  return model.ok() ? std::optional<Model>(*std::move(model)) : std::nullopt;
}

// The original as its variants are made of it: with its layers folded when that is what most of the
// variants' weights are named after.
std::optional<Model> ReferenceModel(const VariantResult& original,
                                    const std::vector<std::optional<Model>>& variants) {
  std::optional<Model> plain = OpenModel(original), folded = OpenModel(original);
  if (!plain || !FoldLayers(*folded).ok()) return plain;
  const WeightsByPath plain_paths = ByPath(*plain), folded_paths = ByPath(*folded);
  size_t like_plain = 0, like_folded = 0;
  for (size_t i = 1; i < variants.size(); ++i) {
    if (!variants[i]) continue;
    for (const WeightRef& weight : variants[i]->weights()) {
      like_plain += plain_paths.contains(weight.path);
      like_folded += folded_paths.contains(weight.path);
    }
  }
  if (like_plain >= like_folded) return plain;
  return folded;
}

int64_t StoredBytes(const PackedTensor& tensor) {
  return static_cast<int64_t>(tensor.bytes.size()) +
         4 * static_cast<int64_t>(tensor.scale.size() + tensor.offset.size() + tensor.table.size());
}

bool IsTableMode(const std::string& mode) { return absl::EndsWith(mode, "lut"); }
bool IsGridMode(const std::string& mode) {
  return absl::StartsWith(mode, "linear") && !IsTableMode(mode);
}

// The variant's own word for how a table or grid was made, where the weight has one.
std::string ModeOf(const PackedTensor& tensor, const std::optional<std::string>& mode) {
  const bool table = tensor.scheme == Scheme::kLookupTable;
  const bool grid = tensor.scheme == Scheme::kLinear || tensor.scheme == Scheme::kSignedLinear;
  if (mode && ((table && IsTableMode(*mode)) || (grid && IsGridMode(*mode)))) return *mode;
  return std::string(TraitsOf(tensor.scheme).name);
}

void SetErrors(const PackedTensor& original, const PackedTensor& stored, int64_t elements,
               LayerResult& layer) {
  const auto error = CompareElements(original, stored, 0, elements);
  if (!error.ok()) return;
  layer.max_error = error->max_absolute_error;
  if (std::isfinite(error->SnrDb())) layer.snr_db = error->SnrDb();
}

// "conv1" for the kernel, "conv1.bias", "lstm.forward.recursion" for what else a layer has.
std::string NameOf(const WeightRef& weight) {
  const size_t place = weight.path.rfind(weight.layer + "/");
  if (place == std::string::npos) return weight.path;
  const std::string rest = weight.path.substr(place + weight.layer.size() + 1);
  if (rest == "weights") return weight.layer;
  return absl::StrCat(weight.layer, ".", absl::StrReplaceAll(rest, {{"/", "."}}));
}

LayerResult DescribeLayer(const WeightRef& reference, const WeightRef* stored,
                          const std::optional<std::string>& mode) {
  LayerResult layer{
      .name = NameOf(reference), .kind = reference.layer_type, .shape = reference.tensor.shape};
  layer.elements = ElementCount(reference.tensor.shape).value_or(0);
  if (stored == nullptr || stored->tensor.shape != reference.tensor.shape) return layer;
  layer.bits = stored->tensor.bits;
  layer.mode = ModeOf(stored->tensor, mode);
  layer.bytes = StoredBytes(stored->tensor);
  SetErrors(reference.tensor, stored->tensor, layer.elements, layer);
  return layer;
}

void DescribeVariant(const Model& reference, const Model& model, VariantResult& variant) {
  const WeightsByPath stored = ByPath(model);
  variant.layers.resize(reference.weights().size());
  ParallelFor(static_cast<int64_t>(variant.layers.size()), [&](int64_t i) {
    const WeightRef& weight = reference.weights()[static_cast<size_t>(i)];
    const auto found = stored.find(weight.path);
    variant.layers[static_cast<size_t>(i)] =
        DescribeLayer(weight, found == stored.end() ? nullptr : found->second, variant.mode);
  });
}

std::vector<size_t> LargestWeights(const std::vector<LayerResult>& layers) {
  std::vector<size_t> order(layers.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return layers[a].elements > layers[b].elements; });
  order.resize(std::min(order.size(), kHistograms));
  return order;
}

WeightHistogram DescribeWeight(const Results& results, size_t weight,
                               const std::vector<const Model*>& models) {
  const LayerResult& layer = results.variants[0].layers[weight];
  const WeightRef& original = models[0]->weights()[weight];
  WeightHistogram histogram{layer.name, layer.kind, layer.shape, layer.elements, {}, {}, {}};
  FillBins(original.tensor, histogram);
  for (size_t i = 0; i < models.size(); ++i) {
    auto& grid = histogram.grids.emplace_back();
    if (models[i] == nullptr || !results.variants[i].layers[weight].mode) continue;
    grid =
        GridOf(ByPath(*models[i])[original.path]->tensor, *results.variants[i].layers[weight].mode);
  }
  return histogram;
}

}  // namespace

void DescribeLayers(Results& results) {
  if (results.variants.empty()) return;
  std::vector<std::optional<Model>> opened;
  for (const VariantResult& variant : results.variants) opened.push_back(OpenModel(variant));
  const std::optional<Model> reference = ReferenceModel(results.variants[0], opened);
  if (!reference) return;
  std::vector<const Model*> models = {&*reference};
  for (size_t i = 1; i < opened.size(); ++i) models.push_back(opened[i] ? &*opened[i] : nullptr);
  for (size_t i = 0; i < models.size(); ++i) {
    if (models[i] != nullptr) DescribeVariant(*reference, *models[i], results.variants[i]);
  }
  for (size_t weight : LargestWeights(results.variants[0].layers)) {
    results.histograms.push_back(DescribeWeight(results, weight, models));
  }
}

}  // namespace nbits
