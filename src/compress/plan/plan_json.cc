// SPDX-License-Identifier: Apache-2.0
// Plans as JSON text; docs/quantize.md describes the format.
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "compress/weight_format.h"
#include "nbits/plan.h"

namespace nbits {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;  // Of the format.

// Names by the enums' values.
constexpr absl::string_view kFoldNames[] = {"none", "coremltools", "full"};
constexpr absl::string_view kRangeNames[] = {"minmax", "mse", "coremltools"};
constexpr absl::string_view kRoundingNames[] = {"nearest", "balanced"};
constexpr absl::string_view kOverflowNames[] = {"error", "keep", "clamp"};

absl::Status Invalid(const std::string& reason) {
  return absl::InvalidArgumentError(absl::StrCat("not a plan: ", reason));
}

template <typename Enum, size_t kCount>
std::optional<Enum> Named(const absl::string_view (&names)[kCount], const std::string& name) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <typename Enum, size_t kCount>
std::string NameOf(const absl::string_view (&names)[kCount], Enum value) {
  return std::string(names[static_cast<size_t>(value)]);
}

Json ToJson(const PlanEntry& entry) {
  Json json = {{"path", entry.path}};
  if (entry.keep) {
    json["keep"] = entry.reason;
    if (!entry.refused.empty()) json["refused"] = entry.refused;
    return json;
  }
  json["mode"] = std::string(ModeName(entry.mode));
  json["bits"] = entry.bits;
  const bool has_scales = entry.mode == Mode::kLinear || entry.mode == Mode::kLinearSymmetric;
  const bool is_balanced = entry.rounding == Rounding::kBalanced;
  if (has_scales || is_balanced) json["per_channel"] = entry.per_channel;
  if (has_scales || entry.mode == Mode::kLinearLut) {
    json["range"] = NameOf(kRangeNames, entry.range);
  }
  if (is_balanced) json["rounding"] = NameOf(kRoundingNames, entry.rounding);
  if (!entry.table.empty()) json["table"] = entry.table;
  if (!entry.refused.empty()) json["refused"] = entry.refused;
  return json;
}

// The member of that name when it has the type that `T` is read from; nullopt otherwise.
template <typename T>
std::optional<T> Member(const Json& json, const char* name,
                        bool (Json::*is_type)() const noexcept) {
  const auto found = json.find(name);
  if (found == json.end() || !((*found).*is_type)()) return std::nullopt;
  return found->get<T>();
}

std::optional<std::string> Text(const Json& json, const char* name) {
  return Member<std::string>(json, name, &Json::is_string);
}

absl::Status ReadTable(const Json& json, PlanEntry& entry) {
  const auto found = json.find("table");
  if (found == json.end()) return absl::OkStatus();
  const size_t most = entry.bits >= 1 && entry.bits <= 8 ? size_t{1} << entry.bits : 0;
  if (!found->is_array() || found->empty() || found->size() > most) {
    return Invalid(absl::StrCat("the table of ", entry.path));
  }
  for (const Json& number : *found) {
    const float value = number.is_number() ? static_cast<float>(number.get<double>()) : NAN;
    if (!std::isfinite(value)) return Invalid(absl::StrCat("the table of ", entry.path));
    entry.table.push_back(value);
  }
  return absl::OkStatus();
}

absl::Status ReadFormat(const Json& json, PlanEntry& entry) {
  const auto mode = ParseMode(Text(json, "mode").value_or(""));
  const auto bits = Member<int64_t>(json, "bits", &Json::is_number_integer);
  const auto range = Named<Range>(kRangeNames, Text(json, "range").value_or("minmax"));
  const auto rounding = Named<Rounding>(kRoundingNames, Text(json, "rounding").value_or("nearest"));
  if (!mode || !bits || *bits < 1 || *bits > 32 || !range || !rounding) {
    return Invalid(absl::StrCat("mode, bits, range or rounding of ", entry.path));
  }
  entry.keep = false;
  entry.mode = *mode;
  entry.bits = static_cast<int>(*bits);
  entry.range = *range;
  entry.rounding = *rounding;
  entry.per_channel = Member<bool>(json, "per_channel", &Json::is_boolean).value_or(false);
  NBITS_RETURN_IF_ERROR(CheckFormat({.mode = entry.mode, .bits = entry.bits}));
  return ReadTable(json, entry);
}

absl::StatusOr<PlanEntry> EntryFromJson(const Json& json) {
  const std::optional<std::string> path = json.is_object() ? Text(json, "path") : std::nullopt;
  if (!path) return Invalid("a weight without path");
  PlanEntry entry{.path = *path};
  entry.refused = Text(json, "refused").value_or("");
  if (const auto reason = Text(json, "keep")) {
    entry.reason = *reason;
    return entry;
  }
  NBITS_RETURN_IF_ERROR(ReadFormat(json, entry));
  return entry;
}

absl::Status ReadFold(const Json& document, FoldPlan& fold) {
  const auto kind = Named<FoldPlan::Kind>(kFoldNames, Text(document, "fold").value_or(""));
  if (!kind) return Invalid("what is folded");
  fold.kind = *kind;
  const auto skip = document.find("unfolded");
  if (skip == document.end()) return absl::OkStatus();
  if (!skip->is_array()) return Invalid("layers that are not folded");
  for (const Json& pattern : *skip) {
    if (!pattern.is_string()) return Invalid("a layer that is not folded");
    fold.skip.push_back(pattern.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status ReadHeader(const Json& document, Plan& plan) {
  const auto version = Member<int64_t>(document, "nbits_plan", &Json::is_number_integer);
  if (!version) return Invalid("no \"nbits_plan\"");
  if (*version != kVersion) return Invalid(absl::StrCat("version ", *version));
  const auto overflow =
      Named<Overflow>(kOverflowNames, Text(document, "on_overflow").value_or("error"));
  if (!overflow) return Invalid("on_overflow");
  plan.on_overflow = *overflow;
  plan.clear_dynamic_int8 =
      Member<bool>(document, "clear_dynamic_int8", &Json::is_boolean).value_or(false);
  return ReadFold(document, plan.fold);
}

}  // namespace

// A line for each weight: to be read, compared and edited.
std::string PlanToJson(const Plan& plan) {
  const auto text = [](const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::string out = absl::StrCat(
      "{\"nbits_plan\": ", kVersion, ",\n \"fold\": ", text(NameOf(kFoldNames, plan.fold.kind)),
      ",\n \"unfolded\": ", text(plan.fold.skip),
      ",\n \"clear_dynamic_int8\": ", text(plan.clear_dynamic_int8),
      ",\n \"on_overflow\": ", text(NameOf(kOverflowNames, plan.on_overflow)),
      ",\n \"weights\": [");
  for (size_t i = 0; i < plan.entries.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "\n  " : ",\n  ", text(ToJson(plan.entries[i])));
  }
  absl::StrAppend(&out, "\n ]}\n");
  return out;
}

absl::StatusOr<Plan> PlanFromJson(absl::string_view text) {
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object()) return Invalid("no JSON object");
  Plan plan;
  NBITS_RETURN_IF_ERROR(ReadHeader(document, plan));
  const auto weights = document.find("weights");
  if (weights == document.end() || !weights->is_array()) return Invalid("no weights");
  for (const Json& weight : *weights) {
    NBITS_ASSIGN_OR_RETURN(plan.entries.emplace_back(), EntryFromJson(weight));
  }
  return plan;
}

}  // namespace nbits
