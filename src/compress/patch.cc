// SPDX-License-Identifier: Apache-2.0
#include "compress/patch.h"

#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/hash.h"

namespace nbits {
namespace {

uint64_t HashOfFloats(const std::vector<float>& values) {
  return Hash(std::as_bytes(std::span(values)));
}

// Of what the mode stores.
Scheme SchemeOfMode(Mode mode, Scheme stored) {
  switch (mode) {
    case Mode::kFloat32:
      return Scheme::kFloat32;
    case Mode::kFloat16:
      return Scheme::kFloat16;
    case Mode::kLinear:
    case Mode::kLinearSymmetric:
      return stored == Scheme::kSignedLinear ? stored : Scheme::kLinear;
    default:
      return Scheme::kLookupTable;
  }
}

absl::Status PatchError(const WeightRef& weight, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("the plan's patch of weight ", weight.path, " ", reason));
}

}  // namespace

uint64_t WeightFingerprint(const PackedTensor& tensor) {
  const uint64_t parts[] = {Hash(tensor.bytes), HashOfFloats(tensor.scale),
                            HashOfFloats(tensor.offset), HashOfFloats(tensor.table)};
  return Hash(std::as_bytes(std::span(parts)));
}

absl::Status CheckPatch(const WeightRef& weight, const PlanEntry& entry) {
  if (entry.patch == nullptr) return absl::OkStatus();
  const PackedTensor& tensor = entry.patch->tensor;
  if (entry.patch->original != WeightFingerprint(weight.tensor)) {
    return PatchError(weight, "was made from other values");
  }
  if (const absl::Status valid = Validate(tensor); !valid.ok()) {
    return PatchError(weight, absl::StrCat("is damaged: ", valid.message()));
  }
  const bool has_form = tensor.scheme == SchemeOfMode(entry.mode, tensor.scheme) &&
                        (tensor.bits == entry.bits || entry.mode == Mode::kFloat32) &&
                        tensor.bit_order == BitOrder::kMostSignificantFirst;
  if (!has_form || tensor.shape != weight.tensor.shape ||
      tensor.channel_axis != weight.tensor.channel_axis) {
    return PatchError(weight, "has another form");
  }
  return absl::OkStatus();
}

}  // namespace nbits
