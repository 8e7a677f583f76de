// SPDX-License-Identifier: Apache-2.0
#include "cli/run_inputs.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "nbits/input.h"

namespace nbits::cli {
namespace {

using Features = std::vector<FeatureDescription>;

std::string DescribeAll(const Features& features) {
  return absl::StrJoin(features, "; ", [](std::string* out, const FeatureDescription& feature) {
    absl::StrAppend(out, DescribeInput(feature));
  });
}

const FeatureDescription* Find(const Features& features, absl::string_view name) {
  const auto found =
      std::find_if(features.begin(), features.end(),
                   [name](const FeatureDescription& feature) { return feature.name == name; });
  return found == features.end() ? nullptr : &*found;
}

// The feature that a FILE without NAME is for, or null.
const FeatureDescription* OnlyInput(const Features& features) {
  if (features.size() == 1) return &features.front();
  const FeatureDescription* only = nullptr;
  for (const FeatureDescription& feature : features) {
    if (feature.optional) continue;
    if (only != nullptr) return nullptr;
    only = &feature;
  }
  return only;
}

struct Source {
  const FeatureDescription* feature;
  std::string file;
};

// Names may hold '=' themselves: the longest known name wins.
absl::StatusOr<Source> ParseSource(const Features& features, const std::string& argument) {
  for (size_t at = argument.rfind('='); at != std::string::npos && at > 0;
       at = argument.rfind('=', at - 1)) {
    const auto* feature = Find(features, absl::string_view(argument).substr(0, at));
    if (feature != nullptr) return Source{feature, argument.substr(at + 1)};
  }
  if (features.empty()) return absl::InvalidArgumentError("the model has no inputs");
  const size_t at = argument.find('=');
  std::error_code error;
  if (at != std::string::npos && !std::filesystem::exists(argument, error)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model has no input '", argument.substr(0, at), "'; it has ", DescribeAll(features)));
  }
  if (const FeatureDescription* only = OnlyInput(features)) return Source{only, argument};
  return absl::InvalidArgumentError(
      absl::StrCat("--input ", argument,
                   " does not say which input it is for (NAME=FILE): ", DescribeAll(features)));
}

absl::Status CheckComplete(const Features& features, const TensorMap& tensors) {
  for (const FeatureDescription& feature : features) {
    if (feature.optional || tensors.contains(feature.name)) continue;
    return absl::InvalidArgumentError(absl::StrCat("missing input: ", DescribeInput(feature),
                                                   " (--input ", feature.name, "=FILE)"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RunInputs> ReadInputs(const Features& features,
                                     const std::vector<std::string>& arguments) {
  RunInputs inputs;
  for (const std::string& argument : arguments) {
    NBITS_ASSIGN_OR_RETURN(const Source source, ParseSource(features, argument));
    const std::string& name = source.feature->name;
    if (inputs.tensors.contains(name)) {
      return absl::InvalidArgumentError(absl::StrCat("input '", name, "' is given twice"));
    }
    NBITS_ASSIGN_OR_RETURN(Tensor tensor, ReadInput(*source.feature, source.file));
    if (tensor.shape != InputShape(*source.feature)) inputs.shapes[name] = tensor.shape;
    inputs.tensors[name] = std::move(tensor);
  }
  NBITS_RETURN_IF_ERROR(CheckComplete(features, inputs.tensors));
  return inputs;
}

}  // namespace nbits::cli
