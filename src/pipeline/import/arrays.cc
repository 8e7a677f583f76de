// SPDX-License-Identifier: Apache-2.0
// From arrays of numbers to arrays of numbers: scaler, normalizer, array feature extractor.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "pipeline/import/transform.h"
#include "pipeline/values.h"
#include "proto/classical_models.pb.h"

namespace nbits {
namespace {

// One for each element, one for all, or none, which leaves things as they are.
struct PerElement {
  std::vector<double> values;
  double none = 0;

  bool Fits(size_t count) const { return values.size() <= 1 || values.size() == count; }
  double operator[](size_t index) const {
    if (values.empty()) return none;
    return values.size() == 1 ? values[0] : values[index];
  }
};

absl::StatusOr<FeatureValue> Scale(const PerElement& shift, const PerElement& scale,
                                   const FeatureValue& value) {
  NBITS_ASSIGN_OR_RETURN(DoubleArray array, ToArray(value));
  const size_t count = array.values.size();
  if (!shift.Fits(count) || !scale.Fits(count)) {
    return absl::InvalidArgumentError(
        absl::StrCat("it holds ", count, " numbers, the scaler has ",
                     std::max(shift.values.size(), scale.values.size())));
  }
  for (size_t i = 0; i < count; ++i) array.values[i] = scale[i] * (array.values[i] + shift[i]);
  return array;
}

double NormOf(schema::Normalizer::NormType type, const std::vector<double>& values) {
  double norm = 0;
  for (const double value : values) {
    if (type == schema::Normalizer::LMax) norm = std::max(norm, std::abs(value));
    if (type == schema::Normalizer::L1) norm += std::abs(value);
    if (type == schema::Normalizer::L2) norm += value * value;
  }
  return type == schema::Normalizer::L2 ? std::sqrt(norm) : norm;
}

// What is all 0 stays so, as in scikit-learn.
absl::StatusOr<FeatureValue> Normalize(schema::Normalizer::NormType type,
                                       const FeatureValue& value) {
  NBITS_ASSIGN_OR_RETURN(DoubleArray array, ToArray(value));
  const double norm = NormOf(type, array.values);
  if (norm == 0) return array;
  for (double& number : array.values) number /= norm;
  return array;
}

absl::StatusOr<FeatureValue> Extract(const std::vector<uint64_t>& indices,
                                     const FeatureValue& value) {
  NBITS_ASSIGN_OR_RETURN(const DoubleArray array, ToArray(value));
  DoubleArray extracted{{static_cast<int64_t>(indices.size())}, {}};
  for (const uint64_t index : indices) {
    if (index >= array.values.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("element ", index, " of ", array.values.size()));
    }
    extracted.values.push_back(array.values[index]);
  }
  return extracted;
}

}  // namespace

MadeStage MakeScaler(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<schema::Scaler>(source));
  const PerElement shift{{params.shiftvalue().begin(), params.shiftvalue().end()}, 0};
  const PerElement scale{{params.scalevalue().begin(), params.scalevalue().end()}, 1};
  return MakeNeedyTransform(std::move(source), [shift, scale](const FeatureValue& value) {
    return Scale(shift, scale, value);
  });
}

MadeStage MakeNormalizer(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<schema::Normalizer>(source));
  const auto type = params.normtype();
  if (!schema::Normalizer::NormType_IsValid(type)) {
    return absl::InvalidArgumentError("an unknown norm");
  }
  return MakeNeedyTransform(std::move(source),
                            [type](const FeatureValue& value) { return Normalize(type, value); });
}

MadeStage MakeArrayFeatureExtractor(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<schema::ArrayFeatureExtractor>(source));
  const std::vector<uint64_t> indices(params.extractindex().begin(), params.extractindex().end());
  if (indices.empty()) return absl::InvalidArgumentError("it has no indices");
  return MakeNeedyTransform(
      std::move(source), [indices](const FeatureValue& value) { return Extract(indices, value); });
}

}  // namespace nbits
