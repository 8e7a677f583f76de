// SPDX-License-Identifier: Apache-2.0
#include "cli/run/run_inputs.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/function_argument.h"
#include "cli/run/run_values.h"
#include "formats/find_feature.h"
#include "nbits/input.h"

namespace nbits::cli {
namespace {

using Features = std::vector<FeatureDescription>;

std::string DescribeAll(const Features& features) {
  return absl::StrJoin(features, "; ", [](std::string* out, const FeatureDescription& feature) {
    absl::StrAppend(out, DescribeValue(feature));
  });
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

bool IsFolder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

bool IsGiven(const InputSources& sources, const FeatureDescription* feature) {
  return std::any_of(sources.begin(), sources.end(),
                     [=](const InputSource& source) { return source.feature == feature; });
}

// The folder's files for the inputs.
absl::StatusOr<InputSources> SourcesIn(const Features& features, const std::string& folder) {
  InputSources sources;
  std::vector<std::string> missing;
  for (const FeatureDescription& feature : features) {
    if (const auto file = InputFileIn(folder, feature)) {
      sources.push_back({&feature, *file});
    } else if (!feature.optional) {
      missing.push_back(
          absl::StrCat("'", feature.name, "' (", feature.name,
                       feature.kind == FeatureKind::kImage ? ".png, .jpg or .npy)" : ".npy)"));
    }
  }
  if (!sources.empty()) return sources;
  return absl::InvalidArgumentError(
      absl::StrCat(folder, " is a folder that has no file for ", absl::StrJoin(missing, ", ")));
}

// What one argument gives: a file, or all files of a folder.
absl::StatusOr<InputSources> Expand(const Features& features, const std::string& argument) {
  if (IsFolder(argument)) return SourcesIn(features, argument);
  NBITS_ASSIGN_OR_RETURN(InputSource source, ParseSource(features, argument, "--input"));
  return InputSources{std::move(source)};
}

absl::Status Add(const InputSources& added, InputSources& sources) {
  for (const InputSource& source : added) {
    if (IsGiven(sources, source.feature)) {
      return absl::InvalidArgumentError(
          absl::StrCat("input '", source.feature->name, "' is given twice"));
    }
    sources.push_back(source);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Model> OpenToRun(const std::string& file, const std::string& function) {
  NBITS_ASSIGN_OR_RETURN(Model model, OpenFunction(file, function));
  NBITS_RETURN_IF_ERROR(InFile(file, Predictor::CheckSupported(model)));
  return model;
}

// Names may hold '=' themselves: the longest known name wins.
absl::StatusOr<InputSource> ParseSource(const Features& features, const std::string& argument,
                                        const std::string& option) {
  for (size_t at = argument.rfind('='); at != std::string::npos && at > 0;
       at = argument.rfind('=', at - 1)) {
    const auto* feature = FindFeature(features, absl::string_view(argument).substr(0, at));
    if (feature != nullptr) return InputSource{feature, argument.substr(at + 1)};
  }
  if (features.empty()) return absl::InvalidArgumentError("the model has no inputs");
  const size_t at = argument.find('=');
  std::error_code error;
  if (at != std::string::npos && !std::filesystem::exists(argument, error)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the model has no input '", argument.substr(0, at), "'; it has ", DescribeAll(features)));
  }
  if (const FeatureDescription* only = OnlyInput(features)) return InputSource{only, argument};
  return absl::InvalidArgumentError(
      absl::StrCat(option, " ", argument,
                   " does not say which input it is for (NAME=...): ", DescribeAll(features)));
}

absl::StatusOr<InputSources> ParseSources(const Features& features,
                                          const std::vector<std::string>& arguments) {
  InputSources sources;
  for (const std::string& argument : arguments) {
    NBITS_ASSIGN_OR_RETURN(const InputSources added, Expand(features, argument));
    NBITS_RETURN_IF_ERROR(Add(added, sources));
  }
  return sources;
}

absl::StatusOr<std::vector<InputSources>> ParseRuns(const Features& features,
                                                    const std::vector<std::string>& common,
                                                    const std::vector<std::string>& arguments) {
  NBITS_ASSIGN_OR_RETURN(const InputSources shared, ParseSources(features, common));
  std::vector<InputSources> runs = {shared};
  for (const std::string& argument : arguments) {
    NBITS_ASSIGN_OR_RETURN(const InputSources added, Expand(features, argument));
    const bool again = std::any_of(added.begin(), added.end(), [&](const InputSource& source) {
      return IsGiven(runs.back(), source.feature) && !IsGiven(shared, source.feature);
    });
    if (again) runs.push_back(shared);
    NBITS_RETURN_IF_ERROR(Add(added, runs.back()));
  }
  return runs;
}

namespace {

bool IsFile(const FeatureDescription& feature) {
  return feature.kind == FeatureKind::kImage || feature.kind == FeatureKind::kMultiArray;
}

}  // namespace

absl::Status CheckComplete(const Features& features, const InputSources& sources) {
  for (const FeatureDescription& feature : features) {
    if (feature.optional || IsGiven(sources, &feature)) continue;
    return absl::InvalidArgumentError(absl::StrCat("missing input: ", DescribeValue(feature),
                                                   " (--input ", feature.name,
                                                   IsFile(feature) ? "=FILE)" : "=VALUE)"));
  }
  return absl::OkStatus();
}

namespace {

void AddValue(const std::string& name, FeatureValue value, RunInputs& inputs) {
  if (auto* tensor = std::get_if<Tensor>(&value)) {
    inputs.tensors[name] = std::move(*tensor);
  } else {
    inputs.values[name] = std::move(value);
  }
}

}  // namespace

absl::StatusOr<RunInputs> ReadInputs(const Features& features, const InputSources& sources,
                                     const PictureOptions& options) {
  NBITS_RETURN_IF_ERROR(CheckPictureOptions(features, options));
  RunInputs inputs;
  for (const InputSource& source : sources) {
    const std::string& name = source.feature->name;
    inputs.files[name] = source.file;
    NBITS_ASSIGN_OR_RETURN(std::optional<FeatureValue> given,
                           ParseValue(*source.feature, source.file));
    if (given) {
      AddValue(name, *std::move(given), inputs);
      continue;
    }
    NBITS_ASSIGN_OR_RETURN(InputValue value, ReadInputFile(*source.feature, source.file, options));
    if (value.picture) inputs.pictures[name] = {value.picture->height, value.picture->width};
    if (!value.note.empty()) inputs.notes.push_back(std::move(value.note));
    inputs.tensors[name] = std::move(value.tensor);
  }
  inputs.shapes = OtherShapes(features, inputs.tensors);
  return inputs;
}

void PrintNotes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) {
    std::fprintf(stderr, "nbits: note: %s\n", Printable(note).c_str());
  }
}

}  // namespace nbits::cli
