// SPDX-License-Identifier: Apache-2.0
// From the messages of classical models to stages. The only place of this module that reads the
// schema. Counts and indices are checked here, once; what depends on inputs when they run.
#ifndef NBITS_PIPELINE_IMPORT_IMPORT_H_
#define NBITS_PIPELINE_IMPORT_IMPORT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/model.h"
#include "pipeline/stage.h"

namespace nbits {

// Whether models of this type, as ModelDescription::type names it, are among those here.
bool IsClassical(absl::string_view type);

// Unimplemented for another type; InvalidArgument: the model contradicts itself.
absl::StatusOr<std::unique_ptr<Stage>> MakeClassicalStage(const Model& model);

}  // namespace nbits

#endif  // NBITS_PIPELINE_IMPORT_IMPORT_H_
