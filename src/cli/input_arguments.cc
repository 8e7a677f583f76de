// SPDX-License-Identifier: Apache-2.0
#include "cli/input_arguments.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "cli/run/run_inputs.h"

namespace nbits::cli {
namespace {

constexpr char kInputs[] = "Inputs";

void AddPictureOption(CLI::App& command, const std::string& name, const char* type,
                      const char* description, PictureOptions& pictures) {
  command
      .add_option_function<std::string>(
          "--" + name,
          [name, &pictures](const std::string& text) {
            const absl::Status status = SetPictureOption(name, text, pictures);
            if (!status.ok())
              throw CLI::ValidationError("--" + name, std::string(status.message()));
          },
          description)
      ->type_name(type)
      ->group(kInputs);
}

// "5x1x10".
absl::StatusOr<Shape> ParseShape(absl::string_view text) {
  Shape shape;
  for (absl::string_view part : absl::StrSplit(text, absl::ByAnyChar("xX,"))) {
    if (!absl::SimpleAtoi(part, &shape.emplace_back()) || shape.back() < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("--shape ", text, ": extents were expected, like 5x1x10"));
    }
  }
  return shape;
}

absl::Status ReadShape(const std::vector<FeatureDescription>& features, const std::string& argument,
                       std::map<std::string, Shape>& shapes) {
  NBITS_ASSIGN_OR_RETURN(const InputSource source, ParseSource(features, argument, "--shape"));
  NBITS_ASSIGN_OR_RETURN(Shape shape, ParseShape(source.file));
  if (source.feature->kind == FeatureKind::kImage && shape.size() == 2) {
    shape = {InputShape(*source.feature)[0], shape[0], shape[1]};
  }
  shapes[source.feature->name] = std::move(shape);
  return absl::OkStatus();
}

bool TakesSize(const std::vector<FeatureDescription>& features, const PictureOptions& pictures) {
  for (const FeatureDescription& feature : features) {
    if (InputShape(feature, pictures) != InputShape(feature)) return true;
    PictureOptions any = pictures;
    any.layout = any.layout.value_or(PictureLayout::kAuto);
    if (TakesPictures(feature, any)) return true;
  }
  return false;
}

}  // namespace

void AddPictureArguments(CLI::App& command, PictureOptions& pictures) {
  AddPictureOption(command, "size", "WxH|own|default",
                   "Size of pictures for a model of flexible size: own (where the model allows it, "
                   "else the nearest allowed one), the model's default, or WIDTHxHEIGHT",
                   pictures);
  AddPictureOption(
      command, "scale", "N",
      "Pictures for array inputs: value = pixel (0 to 255) * scale + bias. One number, "
      "or one for each channel (1/255)",
      pictures);
  AddPictureOption(command, "bias", "N", "The bias of --scale: one number, or one for each channel",
                   pictures);
  AddPictureOption(command, "layout", "chw|hwc",
                   "Where the channels of a picture stand in an array input (default: as its shape "
                   "says)",
                   pictures);
}

void AddInputArguments(CLI::App& command, InputArguments& arguments, bool with_shapes) {
  command
      .add_option(
          "-i,--input", arguments.files,
          "NAME=FILE, or FILE if the model has one input: a JPEG or PNG picture, or a .npy "
          "array; or a folder with a file NAME.npy, .png or .jpg for each input; for inputs that "
          "are numbers, text or dictionaries NAME=VALUE (3.5, word, {\"key\": 1}). Once per "
          "input")
      ->type_name("INPUT")
      ->group(kInputs)
      ->allow_extra_args(false);
  AddPictureArguments(command, arguments.pictures);
  if (!with_shapes) return;
  command
      .add_option(
          "--shape", arguments.shapes,
          "NAME=5x1x10, or 5x1x10 if the model has one input: the shape of an input without "
          "a file. Once per input")
      ->type_name("SHAPE")
      ->group(kInputs)
      ->allow_extra_args(false);
}

absl::Status WithShapeHint(const absl::Status& status,
                           const std::vector<FeatureDescription>& features,
                           const std::map<std::string, Shape>& shapes) {
  return absl::Status(status.code(), absl::StrCat(status.message(), ShapeHint(features, shapes)));
}

absl::Status WithMemoryHint(const absl::Status& status,
                            const std::vector<FeatureDescription>& features,
                            const std::map<std::string, Shape>& shapes) {
  return absl::IsResourceExhausted(status) ? WithShapeHint(status, features, shapes) : status;
}

absl::StatusOr<GivenInputs> ReadGivenInputs(const std::vector<FeatureDescription>& features,
                                            const InputArguments& arguments) {
  const PictureOptions& pictures = arguments.pictures;
  GivenInputs given;
  NBITS_ASSIGN_OR_RETURN(const auto sources, ParseSources(features, arguments.files));
  NBITS_ASSIGN_OR_RETURN(RunInputs inputs, ReadInputs(features, sources, pictures));
  if (pictures.size == PictureOptions::Size::kGiven && !TakesSize(features, pictures)) {
    return absl::InvalidArgumentError("--size: no input of the model takes a picture");
  }
  for (const FeatureDescription& feature : features) {
    if (inputs.tensors.contains(feature.name)) continue;
    const Shape shape = InputShape(feature, pictures);
    if (shape != InputShape(feature)) given.shapes[feature.name] = shape;
  }
  for (const std::string& argument : arguments.shapes) {
    NBITS_RETURN_IF_ERROR(ReadShape(features, argument, given.shapes));
  }
  for (const auto& [name, shape] : inputs.shapes) given.shapes[name] = shape;
  given.tensors = std::move(inputs.tensors);
  given.values = std::move(inputs.values);
  PrintNotes(inputs.notes);
  return given;
}

}  // namespace nbits::cli
