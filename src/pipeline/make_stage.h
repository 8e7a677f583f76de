// SPDX-License-Identifier: Apache-2.0
// From a model that is no network by itself to what runs it, members and all.
#ifndef NBITS_PIPELINE_MAKE_STAGE_H_
#define NBITS_PIPELINE_MAKE_STAGE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pipeline/stage.h"

namespace nbits {

// Unimplemented, naming all members that cannot run; InvalidArgument for a pipeline without
// members or with more than a thousand.
absl::Status CheckTypes(const ModelDescription& model);

// InvalidArgument for a name that is no input's.
absl::Status CheckShapes(const ModelDescription& model, const std::map<std::string, Shape>& shapes);

// Makes the shape of `input` that of the tensor that is to come, which `shapes` may give.
void SetShape(const std::map<std::string, Shape>& shapes, FeatureDescription& input);

// InvalidArgument when an input that is not optional is missing from `values`.
absl::Status CheckInputs(const std::vector<FeatureDescription>& inputs, const FeatureMap& values);

// A pipeline or a classical model.
absl::StatusOr<std::unique_ptr<Stage>> MakeStage(const Model& model, const EngineOptions& options,
                                                 const std::map<std::string, Shape>& shapes);

}  // namespace nbits

#endif  // NBITS_PIPELINE_MAKE_STAGE_H_
