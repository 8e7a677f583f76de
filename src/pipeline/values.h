// SPDX-License-Identifier: Apache-2.0
// From what a feature's value is to what a model wants of it. Each is InvalidArgument, saying what
// there is, where one cannot become the other.
#ifndef NBITS_PIPELINE_VALUES_H_
#define NBITS_PIPELINE_VALUES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/model.h"
#include "nbits/predictor.h"

namespace nbits {

// "an array of shape 2 x 3", "text", ...
std::string KindText(const FeatureValue& value);

// Numbers, and arrays of one element.
absl::StatusOr<double> ToNumber(const FeatureValue& value);
// The same without a fraction, within 64 bits.
absl::StatusOr<int64_t> ToInteger(const FeatureValue& value);
// Arrays, and numbers as [1].
absl::StatusOr<DoubleArray> ToArray(const FeatureValue& value);
absl::StatusOr<Tensor> ToTensor(const FeatureValue& value);
absl::StatusOr<std::string> ToText(const FeatureValue& value);
// Dictionaries, and arrays by index without what is 0.
absl::StatusOr<Dictionary> ToDictionary(const FeatureValue& value);

// The value as `feature` states it. A picture is rounded to 0..255, as 8-bit pixels are.
absl::StatusOr<FeatureValue> Conform(FeatureValue value, const FeatureDescription& feature);

}  // namespace nbits

#endif  // NBITS_PIPELINE_VALUES_H_
