// SPDX-License-Identifier: Apache-2.0
// The options by which pictures become inputs, from text.
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "data/pictures/picture_frame.h"
#include "nbits/input.h"

namespace nbits {
namespace {

// "0.5" or "1/255".
absl::StatusOr<double> ParseNumber(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  double above = 0, below = 1;
  const bool read = parts.size() <= 2 && absl::SimpleAtod(parts[0], &above) &&
                    (parts.size() == 1 || absl::SimpleAtod(parts[1], &below));
  if (read && std::isfinite(above / below)) return above / below;
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is no number (0.5 and 1/255 are such)"));
}

absl::StatusOr<std::vector<double>> ParseNumbers(absl::string_view text) {
  std::vector<double> numbers;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    NBITS_ASSIGN_OR_RETURN(numbers.emplace_back(), ParseNumber(part));
  }
  if (numbers.size() == 1 || numbers.size() == 3) return numbers;
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "': one number was expected, or one for each of three channels"));
}

absl::StatusOr<PictureLayout> ParseLayout(absl::string_view text) {
  if (text == "chw") return PictureLayout::kChannelsFirst;
  if (text == "hwc") return PictureLayout::kChannelsLast;
  if (text == "auto") return PictureLayout::kAuto;
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is none of chw, hwc and auto"));
}

absl::Status ParseSize(absl::string_view text, PictureOptions& options) {
  using Size = PictureOptions::Size;
  if (text == "own" || text == "default") {
    options.size = text == "own" ? Size::kOwn : Size::kDefault;
    return absl::OkStatus();
  }
  const std::vector<absl::string_view> sides = absl::StrSplit(text, absl::ByAnyChar("xX"));
  int width = 0, height = 0;
  if (sides.size() == 2 && absl::SimpleAtoi(sides[0], &width) &&
      absl::SimpleAtoi(sides[1], &height) && width > 0 && height > 0 &&
      width <= kMaxImagePixels / height) {
    options.size = Size::kGiven;
    options.width = width;
    options.height = height;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is none of own, default and WIDTHxHEIGHT (640x480)"));
}

bool TakesPicturesAsArray(const FeatureDescription& feature, const PictureOptions& options) {
  return feature.kind == FeatureKind::kMultiArray &&
         PictureFrame::Of(feature, options.layout.value_or(PictureLayout::kAuto)).has_value();
}

}  // namespace

absl::Status SetPictureOption(absl::string_view name, absl::string_view text,
                              PictureOptions& options) {
  if (name == "size") return ParseSize(text, options);
  if (name == "layout") {
    NBITS_ASSIGN_OR_RETURN(options.layout, ParseLayout(text));
    return absl::OkStatus();
  }
  if (name != "scale" && name != "bias") {
    return absl::InvalidArgumentError(absl::StrCat("pictures have no option '", name, "'"));
  }
  NBITS_ASSIGN_OR_RETURN((name == "scale" ? options.scale : options.bias), ParseNumbers(text));
  return absl::OkStatus();
}

bool TakesPictures(const FeatureDescription& feature, const PictureOptions& options) {
  if (feature.kind == FeatureKind::kImage) return feature.shape.size() == 2;
  return options.ForArrays() && TakesPicturesAsArray(feature, options);
}

absl::Status CheckPictureOptions(const std::vector<FeatureDescription>& inputs,
                                 const PictureOptions& options) {
  if (!options.ForArrays()) return absl::OkStatus();
  for (const FeatureDescription& input : inputs) {
    if (TakesPicturesAsArray(input, options)) return absl::OkStatus();
  }
  for (const FeatureDescription& input : inputs) {
    if (input.kind != FeatureKind::kImage) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("input '", input.name,
                     "' is an image, whose pixels the model scales itself: scale, bias and layout "
                     "are for arrays"));
  }
  return absl::InvalidArgumentError(
      "no input is an array of picture shape: 1 or 3 channels with rows and columns in the layout "
      "that is asked for");
}

Shape InputShape(const FeatureDescription& feature, const PictureOptions& options) {
  const auto frame = PictureFrame::Of(feature, options.layout.value_or(PictureLayout::kAuto));
  if (!frame || options.size != PictureOptions::Size::kGiven) return InputShape(feature);
  return frame->ShapeAt({options.width, options.height});
}

}  // namespace nbits
