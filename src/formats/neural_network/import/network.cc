// SPDX-License-Identifier: Apache-2.0
// Imports the network as a whole: inputs, layers, outputs. Layers whose shapes follow from values
// are put off, with all that depends on them, for the interpreter.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/find_feature.h"
#include "formats/ml_program/import/program.h"
#include "formats/neural_network/import/import.h"
#include "formats/neural_network/import/input.h"
#include "formats/neural_network/import/interpreter.h"
#include "formats/neural_network/import/layer_list.h"
#include "formats/neural_network/import/network_view.h"
#include "formats/neural_network/import/output.h"
#include "formats/neural_network/model_impl.h"
#include "graph/prune.h"

namespace nbits::graph {
namespace {

using schema::NeuralNetworkLayer;

class NetworkImporter {
 public:
  NetworkImporter(const Model& model, const NetworkView& network,
                  const std::map<std::string, Shape>& shapes, Compiler compile)
      : model_(model),
        network_(network),
        shapes_(shapes),
        context_{model.weights(), network.rank5_arrays},
        builder_(std::move(compile)) {}

  absl::StatusOr<Graph> Import() {
    NBITS_RETURN_IF_ERROR(CheckShapeNames());
    NBITS_RETURN_IF_ERROR(CheckSupported(*network_.layers));
    for (const FeatureDescription& feature : model_.description().inputs) {
      const auto given = shapes_.find(feature.name);
      NBITS_RETURN_IF_ERROR(
          NameFeature("input", feature.name,
                      ImportInput(feature, network_,
                                  given == shapes_.end() ? nullptr : &given->second, builder_)));
    }
    NBITS_RETURN_IF_ERROR(ImportLayers(*network_.layers));
    std::vector<Output> outputs = ListOutputs(model_.description(), network_);
    NBITS_RETURN_IF_ERROR(deferred_.empty() ? AddOutputs(outputs) : CutOff(std::move(outputs)));
    Prune(builder_.graph());
    return std::move(builder_.graph());
  }

 private:
  absl::Status CheckShapeNames() const {
    const auto& inputs = model_.description().inputs;
    for (const auto& given : shapes_) {
      const std::string& name = given.first;
      if (FindFeature(inputs, name) == nullptr) {
        return absl::InvalidArgumentError(absl::StrCat("the model has no input '", name, "'"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ImportLayers(const LayerList& layers) {
    for (const NeuralNetworkLayer& layer : layers) {
      const absl::Status status = MustBePutOff(layer)  ? ValuesNeededError("another layer")
                                  : layer.has_branch() ? ImportBranch(layer)
                                                       : ImportLayer(layer, context_, builder_);
      if (!NeedsValues(status)) {
        NBITS_RETURN_IF_ERROR(status);
      } else {
        *deferred_.Add() = layer;
        deferred_names_.Add(layer);
      }
    }
    return absl::OkStatus();
  }

  // Whether the layer must come after one that has been put off: it reads or overwrites what that
  // one writes, or overwrites what it reads.
  bool MustBePutOff(const NeuralNetworkLayer& layer) const {
    BlobNames names;
    names.Add(layer);
    const auto& writes = deferred_names_.writes;
    return std::any_of(names.reads.begin(), names.reads.end(),
                       [&](const std::string& blob) { return writes.contains(blob); }) ||
           std::any_of(names.writes.begin(), names.writes.end(), [&](const std::string& blob) {
             return writes.contains(blob) || deferred_names_.reads.contains(blob);
           });
  }

  // A branch that is decided by constants, such as the shape of an input, leaves no trace.
  absl::Status ImportBranch(const NeuralNetworkLayer& layer) {
    if (layer.input_size() != 1) {
      return NameLayer(layer, absl::InvalidArgumentError("a branch needs one input"));
    }
    const absl::StatusOr<TensorId> condition = builder_.Find(layer.input(0));
    if (!condition.ok()) return NameLayer(layer, condition.status());
    NBITS_ASSIGN_OR_RETURN(const std::vector<float> values, builder_.Values(*condition));
    const schema::BranchLayerParams& branch = layer.branch();
    return ImportLayers((IsTrue(values[0]) ? branch.ifbranch() : branch.elsebranch()).layers());
  }

  absl::Status AddOutputs(const std::vector<Output>& outputs) {
    for (const Output& output : outputs) {
      const absl::StatusOr<TensorId> tensor = builder_.Find(output.blob);
      if (!tensor.ok()) return NameFeature("output", output.feature.name, tensor.status());
      Port port{output.feature, *tensor};
      port.feature.shape = OutsideShape(output, builder_.ShapeOf(*tensor), network_.rank5_arrays);
      builder_.graph().outputs.push_back(std::move(port));
    }
    return absl::OkStatus();
  }

  // The static graph gives what the layers put off, and the outputs, read of it.
  absl::Status CutOff(std::vector<Output> outputs) {
    for (const Output& output : outputs) deferred_names_.reads.insert(output.blob);
    for (const auto& [blob, tensor] : builder_.blobs()) {
      if (!deferred_names_.reads.contains(blob)) continue;
      builder_.graph().outputs.push_back(ArrayPort(blob, builder_.ShapeOf(tensor), tensor));
    }
    const std::span<const WeightRef> weights = model_.weights();
    builder_.graph().dynamic = MakeInterpreter({std::move(deferred_),
                                                {weights.begin(), weights.end()},
                                                network_.rank5_arrays,
                                                std::move(outputs),
                                                std::move(deferred_names_)});
    return absl::OkStatus();
  }

  const Model& model_;
  const NetworkView& network_;
  const std::map<std::string, Shape>& shapes_;
  const ImportContext context_;
  Builder builder_;
  LayerList deferred_;
  BlobNames deferred_names_;
};

}  // namespace

absl::StatusOr<Graph> ImportModel(const Model& model, const std::map<std::string, Shape>& shapes,
                                  const Compiler& compile) {
  if (model.impl().skeleton.has_mlprogram()) {
    return program::ImportProgram(model, shapes, compile);
  }
  NBITS_ASSIGN_OR_RETURN(const NetworkView network, FindNetwork(model));
  return NetworkImporter(model, network, shapes, compile).Import();
}

}  // namespace nbits::graph
