// SPDX-License-Identifier: Apache-2.0
#include "compress/patch_json.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

using PatchJson = nlohmann::ordered_json;

constexpr Scheme kSchemes[] = {Scheme::kFloat32, Scheme::kFloat16, Scheme::kLinear,
                               Scheme::kSignedLinear, Scheme::kLookupTable};

absl::Status Wrong(absl::string_view member) {
  return absl::InvalidArgumentError(absl::StrCat("its \"", member, "\""));
}

absl::StatusOr<std::string> StringOf(const PatchJson& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return Wrong(name);
  return found->get<std::string>();
}

// Absent: empty.
absl::StatusOr<std::vector<float>> FloatsOf(const PatchJson& json, const char* name) {
  std::vector<float> values;
  const auto found = json.find(name);
  if (found == json.end()) return values;
  if (!found->is_array()) return Wrong(name);
  for (const PatchJson& number : *found) {
    values.push_back(number.is_number() ? static_cast<float>(number.get<double>()) : NAN);
    if (!std::isfinite(values.back())) return Wrong(name);
  }
  return values;
}

absl::StatusOr<Scheme> SchemeOf(const PatchJson& json) {
  NBITS_ASSIGN_OR_RETURN(const std::string name, StringOf(json, "scheme"));
  for (const Scheme scheme : kSchemes) {
    if (name == TraitsOf(scheme).name) return scheme;
  }
  return Wrong("scheme");
}

absl::Status ReadShape(const PatchJson& json, PackedTensor& tensor) {
  const auto shape = json.find("shape");
  const auto axis = json.find("axis");
  if (shape == json.end() || !shape->is_array()) return Wrong("shape");
  for (const PatchJson& extent : *shape) {
    if (!extent.is_number_integer()) return Wrong("shape");
    tensor.shape.push_back(extent.get<int64_t>());
  }
  if (axis == json.end() || !axis->is_number_integer()) return Wrong("axis");
  const auto value = axis->get<int64_t>();
  if (value < 0 || value > static_cast<int64_t>(tensor.shape.size())) return Wrong("axis");
  tensor.channel_axis = static_cast<int>(value);
  return absl::OkStatus();
}

absl::Status ReadCodes(const PatchJson& json, PackedTensor& tensor) {
  NBITS_ASSIGN_OR_RETURN(const std::string text, StringOf(json, "codes"));
  auto codes = std::make_shared<std::string>();
  if (!absl::Base64Unescape(text, codes.get())) return Wrong("codes");
  tensor.bytes = std::as_bytes(std::span(codes->data(), codes->size()));
  tensor.owner = std::move(codes);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> ReadOriginal(const PatchJson& json) {
  NBITS_ASSIGN_OR_RETURN(const std::string text, StringOf(json, "of"));
  uint64_t value = 0;
  if (!absl::SimpleHexAtoi(text, &value)) return Wrong("of");
  return value;
}

}  // namespace

nlohmann::ordered_json PatchToJson(const WeightPatch& patch) {
  const PackedTensor& tensor = patch.tensor;
  PatchJson json = {{"of", absl::StrFormat("%016x", patch.original)},
                    {"scheme", std::string(TraitsOf(tensor.scheme).name)},
                    {"shape", tensor.shape},
                    {"axis", tensor.channel_axis}};
  if (!tensor.scale.empty()) json["scale"] = tensor.scale;
  if (!tensor.offset.empty()) json["offset"] = tensor.offset;
  if (!tensor.table.empty()) json["table"] = tensor.table;
  const auto* bytes = reinterpret_cast<const char*>(tensor.bytes.data());
  json["codes"] = absl::Base64Escape(absl::string_view(bytes, tensor.bytes.size()));
  return json;
}

absl::StatusOr<WeightPatch> PatchFromJson(const nlohmann::ordered_json& json, int bits) {
  if (!json.is_object()) return absl::InvalidArgumentError("no JSON object");
  WeightPatch patch;
  NBITS_ASSIGN_OR_RETURN(patch.original, ReadOriginal(json));
  NBITS_ASSIGN_OR_RETURN(patch.tensor.scheme, SchemeOf(json));
  patch.tensor.bits = bits;
  NBITS_RETURN_IF_ERROR(ReadShape(json, patch.tensor));
  NBITS_ASSIGN_OR_RETURN(patch.tensor.scale, FloatsOf(json, "scale"));
  NBITS_ASSIGN_OR_RETURN(patch.tensor.offset, FloatsOf(json, "offset"));
  NBITS_ASSIGN_OR_RETURN(patch.tensor.table, FloatsOf(json, "table"));
  NBITS_RETURN_IF_ERROR(ReadCodes(json, patch.tensor));
  NBITS_RETURN_IF_ERROR(Validate(patch.tensor));
  return patch;
}

}  // namespace nbits
