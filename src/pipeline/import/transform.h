// SPDX-License-Identifier: Apache-2.0
// What the small models share: how inputs become numbers, and outputs what the model states.
#ifndef NBITS_PIPELINE_IMPORT_TRANSFORM_H_
#define NBITS_PIPELINE_IMPORT_TRANSFORM_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "pipeline/import/kinds.h"

namespace nbits {

// One value from one; null: the input is optional and was left out.
using Function = std::function<absl::StatusOr<FeatureValue>(const FeatureValue* value)>;

// A stage from the only input of a model to its only output, as the model states it.
// InvalidArgument when it has more or none.
MadeStage MakeTransform(Source source, Function function);

// The same for functions that need their input, named by place in what goes wrong.
using NeedyFunction = std::function<absl::StatusOr<FeatureValue>(const FeatureValue& value)>;
MadeStage MakeNeedyTransform(Source source, NeedyFunction function);

// Outputs from all inputs at once, one after another as one vector.
using VectorFunction = std::function<absl::StatusOr<FeatureMap>(const std::vector<double>& values)>;
MadeStage MakeVectorStage(Source source, VectorFunction function);

}  // namespace nbits

#endif  // NBITS_PIPELINE_IMPORT_TRANSFORM_H_
