// SPDX-License-Identifier: Apache-2.0
#include "compress/plan/selection.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "formats/name_pattern.h"

namespace nbits {
namespace {

// coremltools' QuantizedLayerSelector.
constexpr std::array<absl::string_view, 14> kCoremltoolsTypes = {
    "convolution",       "innerProduct",    "embedding", "embeddingND",
    "batchnorm",         "scale",           "bias",      "loadConstant",
    "loadConstantND",    "simpleRecurrent", "gru",       "uniDirectionalLSTM",
    "biDirectionalLSTM", "batchedMatmul"};
// Others that have weights, and the two names that are no layer types.
constexpr std::array<absl::string_view, 5> kOtherTypes = {"convolution3d", "layerNormalization",
                                                          "activation", "custom", "depthwiseConv"};

template <typename Names>
bool Contains(const Names& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string CoremltoolsReason(const WeightRef& weight) {
  if (!Contains(kCoremltoolsTypes, weight.layer_type)) {
    return absl::StrCat("layers of type ", weight.layer_type, " are not quantized");
  }
  // The parameters of a recurrent layer's activations; its peephole vectors count as weights.
  if (weight.role == WeightRole::kOther && !absl::StrContains(weight.field, "eephole")) {
    return "activation parameters are not quantized";
  }
  return "";
}

std::string BulkReason(const WeightRef& weight) {
  switch (weight.role) {
    case WeightRole::kKernel:
      return "";
    case WeightRole::kBias:
      return "a bias";
    case WeightRole::kNormalize:
      return "a normalisation parameter";
    case WeightRole::kOther:
      return weight.layer_type == "custom" ? "a custom layer's" : "a vector";
    case WeightRole::kConstant:
      const int64_t elements = ElementCount(weight.tensor.shape).value_or(0);
      return elements < kBulkConstantElements ? "a small constant" : "";
  }
  return "of unknown use";
}

std::string StoredAlready(const PackedTensor& tensor) {
  switch (tensor.scheme) {
    case Scheme::kFloat32:
      return "Float32 already";
    case Scheme::kFloat16:
      return "Float16 already";
    case Scheme::kSignedLinear:
      return "8-bit integers for dynamic quantization";
    case Scheme::kLinear:
      return absl::StrCat(tensor.bits, "-bit linear already");
    case Scheme::kLookupTable:
      return absl::StrCat(tensor.bits, "-bit table already");
  }
  return "unknown storage";
}

// Quantizing to the scheme and bits that a weight has would at best change nothing. Ranges around 0
// and tables of the caller's are something else than what may be there.
bool HasFormat(const PackedTensor& tensor, const WeightFormat& format) {
  switch (format.mode) {
    case Mode::kFloat32:
      return tensor.scheme == Scheme::kFloat32;
    case Mode::kFloat16:
      return tensor.scheme == Scheme::kFloat16;
    case Mode::kLinear:
      return tensor.scheme == Scheme::kLinear && tensor.bits == format.bits;
    case Mode::kLinearLut:
    case Mode::kKMeansLut:
      return tensor.scheme == Scheme::kLookupTable && tensor.bits == format.bits;
    default:
      return false;
  }
}

bool IsWithin(int64_t value, int64_t least, int64_t most) {
  return value >= least && value <= most;
}

bool HasType(const WeightRef& weight, const LayerFacts& facts,
             const std::vector<std::string>& types) {
  return std::any_of(types.begin(), types.end(),
                     [&](const std::string& type) { return IsOfType(weight, facts, type); });
}

std::string ConvolutionReason(const LayerFacts& facts, const Conditions& conditions) {
  if (facts.inputs < conditions.min_convolution_channels) return "too few kernel channels";
  if (facts.elements < conditions.min_convolution_elements) return "too few weights";
  return "";
}

std::string ChannelReason(const LayerFacts& facts, const Conditions& conditions) {
  if (facts.inputs == 0 && facts.outputs == 0) return "";  // A vector.
  if (!IsWithin(facts.inputs, conditions.min_inputs, conditions.max_inputs)) {
    return "number of inputs";
  }
  if (!IsWithin(facts.outputs, conditions.min_outputs, conditions.max_outputs)) {
    return "number of outputs";
  }
  return "";
}

// coremltools asks its selector about these layers' biases.
bool IsSelectableBias(const WeightRef& weight) {
  return weight.role == WeightRole::kBias &&
         (weight.layer_type == "convolution" || weight.layer_type == "innerProduct" ||
          weight.layer_type == "batchedMatmul");
}

}  // namespace

bool IsOfType(const WeightRef& weight, const LayerFacts& facts, const std::string& type) {
  if (type == "depthwiseConv") return facts.depthwise;
  return weight.layer_type == type || (type == "bias" && IsSelectableBias(weight));
}

bool IsKnownType(const std::string& type) {
  return Contains(kCoremltoolsTypes, type) || Contains(kOtherTypes, type);
}

std::string KnownTypes() {
  return absl::StrCat(absl::StrJoin(kCoremltoolsTypes, ", "), ", ",
                      absl::StrJoin(kOtherTypes, ", "));
}

std::string PolicyReason(const WeightRef& weight, Policy policy) {
  return policy == Policy::kBulk ? BulkReason(weight) : CoremltoolsReason(weight);
}

std::string ConditionReason(const WeightRef& weight, const LayerFacts& facts,
                            const Conditions& conditions) {
  if (!conditions.only_types.empty() && !HasType(weight, facts, conditions.only_types)) {
    return absl::StrCat("type ", weight.layer_type);
  }
  if (HasType(weight, facts, conditions.skip_types)) {
    return absl::StrCat("type ", weight.layer_type, " is skipped");
  }
  if (!conditions.only_layers.empty() && !MatchesAny(conditions.only_layers, weight.layer)) {
    return "name";
  }
  if (facts.elements < conditions.min_elements) return "too few weights";
  if (weight.layer_type == "convolution") {
    if (std::string reason = ConvolutionReason(facts, conditions); !reason.empty()) return reason;
  }
  return ChannelReason(facts, conditions);
}

std::string SchemeReason(const WeightRef& weight, const WeightFormat& format, Policy policy) {
  const PackedTensor& tensor = weight.tensor;
  const bool dynamic = tensor.scheme == Scheme::kSignedLinear && format.mode != Mode::kFloat32;
  const bool only_float32 = policy == Policy::kCoremltools && format.mode != Mode::kFloat32 &&
                            tensor.scheme != Scheme::kFloat32;
  return dynamic || only_float32 || HasFormat(tensor, format) ? StoredAlready(tensor) : "";
}

}  // namespace nbits
