// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/weights/weight_forms.h"

#include <algorithm>
#include <array>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nbits {
namespace {

using enum Together;

constexpr uint8_t Bit(WeightForm form) {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(form));
}

constexpr uint8_t kFloat32 = Bit(WeightForm::kFloat32);
constexpr uint8_t kFloats = kFloat32 | Bit(WeightForm::kFloat16);
constexpr uint8_t kUsual = kFloats | Bit(WeightForm::kQuantized);
constexpr uint8_t kAll = kUsual | Bit(WeightForm::kInt8);

// docs/quantize.md has the same table for readers.
constexpr auto kLayers = std::to_array<LayerForms>({
    {"convolution", kUsual, false, true, kOneFloat},
    {"convolution3d", kFloats, false, true, kOneFloat},
    {"innerProduct", kUsual, true, false, kOneFloat},
    {"batchedMatmul", kUsual, true, false, kOneFloat},
    {"embedding", kUsual, false, true, kOneFloat},
    {"embeddingND", kUsual, false, true, kOneFloat},
    {"batchnorm", kUsual, false, true, kOneFloat},
    {"scale", kUsual, false, true, kOneFloat},
    {"bias", kUsual, false, true, kFree},
    {"loadConstant", kUsual, false, true, kFree},
    {"loadConstantND", kUsual, false, true, kFree},
    {"simpleRecurrent", kUsual, false, true, kOneFloatUnlessQuantized},
    {"gru", kUsual, false, true, kOneFloat},
    {"uniDirectionalLSTM", kUsual, false, true, kOneFloat},
    {"biDirectionalLSTM", kUsual, false, true, kOneFloatUnchecked},
    {"layerNormalization", kFloat32, false, true, kFree},
    {"activation", kAll, true, false, kOneForm},
    {"custom", kAll, true, false, kFree},
});
constexpr LayerForms kUnknown{"", kAll, true, false, kFree};

bool Has(std::span<const WeightForm> forms, WeightForm form) {
  return std::find(forms.begin(), forms.end(), form) != forms.end();
}

bool IsMixed(std::span<const WeightForm> forms) {
  return Has(forms, WeightForm::kFloat32) && Has(forms, WeightForm::kFloat16);
}

std::string TakenForms(uint8_t forms) {
  std::vector<absl::string_view> names;
  for (const WeightForm form :
       {WeightForm::kFloat32, WeightForm::kFloat16, WeightForm::kQuantized, WeightForm::kInt8}) {
    if ((forms & Bit(form)) != 0) names.push_back(FormName(form));
  }
  return absl::StrJoin(names, " or ");
}

}  // namespace

const LayerForms& LayerFormsOf(absl::string_view layer_type) {
  const auto* found =
      std::find_if(kLayers.begin(), kLayers.end(),
                   [layer_type](const LayerForms& layer) { return layer.type == layer_type; });
  return found == kLayers.end() ? kUnknown : *found;
}

WeightForm FormOf(const PackedTensor& tensor) {
  switch (tensor.scheme) {
    case Scheme::kFloat32:
      return WeightForm::kFloat32;
    case Scheme::kFloat16:
      return WeightForm::kFloat16;
    case Scheme::kSignedLinear:
      return WeightForm::kInt8;
    case Scheme::kLinear:
    case Scheme::kLookupTable:
      break;
  }
  return WeightForm::kQuantized;
}

absl::string_view FormName(WeightForm form) {
  static constexpr std::array<absl::string_view, 5> kNames = {"absent", "Float32", "Float16",
                                                              "quantized", "8-bit signed"};
  return kNames[static_cast<size_t>(form)];
}

std::string FormRefusal(absl::string_view layer_type, absl::string_view field, WeightForm form) {
  const LayerForms& layer = LayerFormsOf(layer_type);
  const bool is_int8 = form == WeightForm::kInt8;
  if (form == WeightForm::kAbsent || (layer.forms & Bit(form)) != 0) return "";
  if (is_int8 && layer.int8_weights && field == "weights") return "";
  return absl::StrCat("Core ML takes weights of ", std::string(layer_type), " layers in ",
                      TakenForms(layer.forms), " only");
}

std::string UpdatableRefusal(bool in_updatable_layer, WeightForm form) {
  if (form == WeightForm::kFloat16) return "Xcode refuses Float16 weights in an updatable model";
  if (form == WeightForm::kQuantized && in_updatable_layer) {
    return "Core ML refuses quantized weights in an updatable layer";
  }
  return "";
}

bool AreRefusedTogether(absl::string_view layer_type, std::span<const WeightForm> forms,
                        bool matrix_is_quantized) {
  switch (LayerFormsOf(layer_type).together) {
    case kOneFloat:
      return IsMixed(forms);
    case kOneFloatUnlessQuantized:
      return !matrix_is_quantized && IsMixed(forms);
    case kOneForm:
      return std::adjacent_find(forms.begin(), forms.end(), std::not_equal_to<>()) != forms.end();
    case kFree:
    case kOneFloatUnchecked:
      break;
  }
  return false;
}

}  // namespace nbits
