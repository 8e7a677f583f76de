// SPDX-License-Identifier: Apache-2.0
#include "compress/half_vectors.h"

#include <cmath>
#include <span>

#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "tensor/compare_values.h"
#include "tensor/half.h"

namespace nbits {
namespace {

constexpr float kLeastNormalHalf = 0x1p-14f;

bool FitIntoFloat16(std::span<const float> values, bool is_variance) {
  ValueErrors error;
  for (const float value : values) {
    if (!(std::abs(value) < kHalfOverflow)) return false;
    if (is_variance && value != 0 && std::abs(value) < kLeastNormalHalf) return false;
    const double difference = static_cast<double>(value) - FloatFromHalf(HalfFromFloat(value));
    error.signal += static_cast<double>(value) * value;
    error.squared_error += difference * difference;
  }
  return error.squared_error == 0 || error.SnrDb() >= kHalfVectorSnrDb;
}

// The weights [begin, end) of one layer, as they would be stored.
struct VectorForms {
  bool has_half = false, has_full = false;  // Float16, Float32; vectors in question left out.
  bool has_vectors = false, vectors_fit = true;
};

absl::StatusOr<VectorForms> FormsOf(const Model& model, const std::vector<LayerFacts>& facts,
                                    const std::vector<bool>& may_be_half,
                                    const std::vector<PlanEntry>& entries, size_t begin,
                                    size_t end) {
  VectorForms forms;
  for (size_t i = begin; i < end; ++i) {
    if (facts[i].unused) continue;
    const WeightRef& weight = model.weights()[i];
    const PlanEntry& entry = entries[i];
    if (may_be_half[i]) {
      NBITS_ASSIGN_OR_RETURN(const bool fits, FitsFloat16(weight));
      forms.has_vectors = true;
      forms.vectors_fit = forms.vectors_fit && fits;
    } else {
      const Scheme scheme = weight.tensor.scheme;
      const bool keep = entry.keep;
      forms.has_half |= keep ? scheme == Scheme::kFloat16 : entry.mode == Mode::kFloat16;
      forms.has_full |= keep ? scheme == Scheme::kFloat32 : entry.mode == Mode::kFloat32;
    }
  }
  return forms;
}

}  // namespace

absl::StatusOr<bool> FitsFloat16(const WeightRef& weight) {
  std::vector<float> values(static_cast<size_t>(ElementCount(weight.tensor.shape).value_or(0)));
  NBITS_RETURN_IF_ERROR(Dequantize(weight.tensor, values));
  return FitIntoFloat16(values, weight.field == "variance");
}

bool IsHalfVector(const WeightRef& weight) {
  switch (weight.role) {
    case WeightRole::kBias:
      return weight.layer_type != "custom";
    case WeightRole::kNormalize:
      return weight.layer_type == "batchnorm" || weight.layer_type == "scale";
    case WeightRole::kOther:
      return absl::StrContains(weight.field, "eephole");
    default:
      return false;
  }
}

bool IsFineTable(const WeightFormat& format) {
  const bool is_table = format.mode == Mode::kLinearLut || format.mode == Mode::kKMeansLut ||
                        format.mode == Mode::kCustomLut;
  return is_table && format.bits >= 7;
}

absl::Status UseHalfVectors(const Model& model, const std::vector<LayerFacts>& facts,
                            const std::vector<bool>& may_be_half, std::vector<PlanEntry>& entries) {
  for (size_t begin = 0, end = 0; begin < entries.size(); begin = end) {
    while (end < entries.size() && facts[end].layer == facts[begin].layer) ++end;
    NBITS_ASSIGN_OR_RETURN(const VectorForms forms,
                           FormsOf(model, facts, may_be_half, entries, begin, end));
    const bool become_half = forms.has_half || (!forms.has_full && forms.vectors_fit);
    if (!forms.has_vectors || !become_half) continue;
    for (size_t i = begin; i < end; ++i) {
      if (!may_be_half[i]) continue;
      entries[i].keep = false;
      entries[i].mode = Mode::kFloat16;
      entries[i].bits = 16;
      entries[i].reason.clear();
    }
  }
  return absl::OkStatus();
}

}  // namespace nbits
