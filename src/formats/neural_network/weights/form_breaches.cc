// SPDX-License-Identifier: Apache-2.0
// Looks for weights in forms that Core ML refuses (formats/neural_network/weights/weight_forms.h).
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "formats/neural_network/dynamic_flag.h"
#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/networks.h"
#include "formats/neural_network/weights/layer_kinds.h"
#include "formats/neural_network/weights/weight_fields.h"
#include "formats/neural_network/weights/weight_forms.h"
#include "formats/neural_network/weights/weight_values.h"
#include "nbits/forms.h"

namespace nbits {
namespace {

using NetworkLayer = schema::NeuralNetworkLayer;

// One layer's weights, one check after the other.
class LayerCheck {
 public:
  LayerCheck(const Model::Impl& model, const NetworkEntry& network, const NetworkLayer& layer,
             std::vector<FormBreach>& breaches)
      : model_(model),
        network_(network),
        layer_(layer),
        type_(LayerKindName(layer.layer_case())),
        fields_(AllWeightFieldsOf(layer)),
        breaches_(breaches) {}

  void Run() {
    for (const WeightField& field : fields_) {
      if (!field.used) continue;
      field.index == kNoWeight ? CheckAbsent(field) : CheckWeight(field);
    }
    CheckTogether();
  }

 private:
  WeightForm FormOfField(const WeightField& field) const {
    return field.index == kNoWeight ? WeightForm::kAbsent
                                    : FormOf(model_.weights[field.index].tensor);
  }

  void Add(const std::string& field, std::string reason) {
    const std::string layer = absl::StrCat(network_.path, layer_.name());
    breaches_.push_back(
        {field.empty() ? layer : absl::StrCat(layer, "/", field), std::move(reason)});
  }

  // The weights of a convolution may come in as its second input.
  void CheckAbsent(const WeightField& field) {
    const bool comes_in = layer_.has_convolution() && layer_.input_size() > 1;
    if (LayerFormsOf(type_).complete && !comes_in) {
      Add(field.name, "has no values, and Core ML asks for them");
    }
  }

  void CheckWeight(const WeightField& field) {
    const WeightForm form = FormOfField(field);
    const std::string refusal = FormRefusal(type_, field.name, form);
    if (!refusal.empty()) Add(field.name, refusal);
    CheckUpdatable(field, form);
    if (IsDynamicInt8(layer_) && field.name == "weights") {
      CheckDynamic(field, form);
    } else if (form == WeightForm::kQuantized) {
      CheckScales(field);
    }
    CheckVersion(field, form);
  }

  void CheckUpdatable(const WeightField& field, WeightForm form) {
    if (!network_.model->isupdatable()) return;
    const std::string refusal = UpdatableRefusal(layer_.isupdatable(), form);
    if (!refusal.empty()) Add(field.name, refusal);
  }

  GridCounts CountsOf(const WeightField& field) const {
    return StoredGridCounts(*model_.tree->weights[field.index]);
  }

  void CheckDynamic(const WeightField& field, WeightForm form) {
    const GridCounts counts = CountsOf(field);
    if (form == WeightForm::kInt8 && counts.scales == 1 && counts.offsets == 0) return;
    Add(field.name,
        "with int8DynamicQuantize set, Core ML takes 8-bit signed weights with one scale only");
  }

  void CheckScales(const WeightField& field) {
    if (field.scales == 0) return;
    const PackedTensor& tensor = model_.weights[field.index].tensor;
    if (tensor.scheme != Scheme::kLinear) return;
    const GridCounts counts = CountsOf(field);
    if (counts.scales != 1 && counts.scales != field.scales) {
      Add(field.name, absl::StrCat("has ", counts.scales, " scales, and Core ML takes 1",
                                   field.scales == 1 ? "" : absl::StrCat(" or ", field.scales)));
    } else if (counts.offsets != 0 && counts.offsets != counts.scales) {
      Add(field.name, absl::StrCat("has ", counts.offsets, " offsets for ", counts.scales,
                                   " scales, and Core ML takes as many or none"));
    }
  }

  // Every version has Float32.
  void CheckVersion(const WeightField& field, WeightForm form) {
    if (form == WeightForm::kFloat32) return;
    const int needed = RequiredSpecificationVersion(model_.weights[field.index].tensor.scheme);
    const int version = network_.model->specificationversion();
    if (version >= needed) return;
    Add(field.name,
        absl::StrCat(std::string(FormName(form)), " weights need specification version ", needed,
                     ", and the model has ", version));
  }

  void CheckTogether() {
    std::vector<WeightForm> forms;
    bool matrix_is_quantized = false;
    for (const WeightField& field : fields_) {
      const WeightForm form = FormOfField(field);
      if (!field.used || form == WeightForm::kAbsent) continue;
      forms.push_back(form);
      matrix_is_quantized |= field.role == WeightRole::kKernel && form == WeightForm::kQuantized;
    }
    if (!AreRefusedTogether(type_, forms, matrix_is_quantized)) return;
    Add("", LayerFormsOf(type_).together == Together::kOneForm
                ? "Core ML takes the weights of the layer in one form only"
                : "has Float16 beside Float32 weights, and Core ML takes one of them in a layer");
  }

  const Model::Impl& model_;
  const NetworkEntry& network_;
  const NetworkLayer& layer_;
  absl::string_view type_;
  std::vector<WeightField> fields_;
  std::vector<FormBreach>& breaches_;
};

}  // namespace

std::vector<FormBreach> FormBreaches(const Model& model) {
  const Model::Impl& impl = model.impl();
  std::vector<FormBreach> breaches;
  for (const NetworkEntry& network : ListNetworks(impl.skeleton, impl.tree->root)) {
    for (const NetworkLayer& layer : *network.layers)
      LayerCheck(impl, network, layer, breaches).Run();
  }
  return breaches;
}

}  // namespace nbits
