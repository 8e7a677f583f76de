// SPDX-License-Identifier: Apache-2.0
// A neural network as a member of a pipeline.
#ifndef NBITS_PIPELINE_NETWORK_STAGE_H_
#define NBITS_PIPELINE_NETWORK_STAGE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pipeline/stage.h"

namespace nbits {

// Whether this is the type of a network, as ModelDescription::type names it.
bool IsNetwork(absl::string_view type);

// Of `shapes` those of the network's inputs count, with or without axes of extent 1. Errors:
// Engine::Create's.
absl::StatusOr<std::unique_ptr<Stage>> MakeNetworkStage(Model model, const EngineOptions& options,
                                                        const std::map<std::string, Shape>& shapes);

}  // namespace nbits

#endif  // NBITS_PIPELINE_NETWORK_STAGE_H_
