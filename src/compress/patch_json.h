// SPDX-License-Identifier: Apache-2.0
// Patches as part of a plan's JSON: numbers as numbers, codes in base64.
#ifndef NBITS_COMPRESS_PATCH_JSON_H_
#define NBITS_COMPRESS_PATCH_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "nbits/plan.h"

namespace nbits {

nlohmann::ordered_json PatchToJson(const WeightPatch& patch);

// `bits` are the entry's. InvalidArgument with what is missing or wrong; a tensor that is returned
// has passed Validate.
absl::StatusOr<WeightPatch> PatchFromJson(const nlohmann::ordered_json& json, int bits);

}  // namespace nbits

#endif  // NBITS_COMPRESS_PATCH_JSON_H_
