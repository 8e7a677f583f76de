// SPDX-License-Identifier: Apache-2.0
#include "nbits/input.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "data/pictures/foreign_format.h"
#include "data/pictures/picture_frame.h"
#include "data/shape.h"
#include "nbits/image.h"
#include "nbits/npy.h"

namespace nbits {
namespace {

constexpr absl::string_view kNpyMark("\x93NUMPY", 6);
constexpr const char* kExtensions[] = {".npy", ".png", ".jpg", ".jpeg"};

absl::string_view ColorText(ImageColor color) {
  switch (color) {
    case ImageColor::kRgb:
      return "RGB";
    case ImageColor::kBgr:
      return "BGR";
    default:
      return "grey";
  }
}

// Whether the file lists `shape` or gives a range that holds it.
bool AllowsShape(const FeatureDescription& feature, const Shape& shape) {
  if (feature.kind != FeatureKind::kMultiArray) return false;
  if (feature.shape.empty()) return true;
  const auto& listed = feature.enumerated_shapes;
  if (std::find(listed.begin(), listed.end(), shape) != listed.end()) return true;
  if (feature.shape_range.size() != shape.size() || shape.empty()) return false;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const auto& [least, most] = feature.shape_range[axis];
    if (shape[axis] < least || (most >= 0 && shape[axis] > most)) return false;
  }
  return true;
}

bool IsFlexible(const FeatureDescription& feature) {
  return !feature.enumerated_shapes.empty() || !feature.shape_range.empty();
}

// A declared [channels] or [channels, height, width] may have a sequence and a batch axis before
// it.
bool IsSequenceOf(const Shape& declared, const Shape& shape) {
  return !declared.empty() && shape.size() > declared.size() && shape.size() <= 5 &&
         std::equal(declared.rbegin(), declared.rend(), shape.rbegin());
}

// How a sequence of what the feature declares is given: in older networks a vector is [channels],
// and [steps, batch, channels] a sequence of them.
std::string SequenceShape(const FeatureDescription& feature) {
  return absl::StrCat("steps x 1 x ", ShapeText(feature.shape));
}

// Whether the values could be a sequence of the feature's, given in another shape.
bool MayBeSequence(const FeatureDescription& feature, const Tensor& tensor) {
  if (feature.kind != FeatureKind::kMultiArray || feature.shape.size() != 1) return false;
  const int64_t each = feature.shape[0];
  const auto count = static_cast<int64_t>(tensor.values.size());
  return each > 0 && count > each && count % each == 0;
}

std::string TakesText(const FeatureDescription& feature, const Tensor& tensor) {
  std::string text =
      absl::StrCat("input '", feature.name, "' takes ", ShapeText(InputShape(feature)));
  if (MayBeSequence(feature, tensor)) {
    absl::StrAppend(&text, "; a sequence is ", SequenceShape(feature));
  }
  return text;
}

absl::StatusOr<Tensor> ReadArray(const FeatureDescription& feature, const std::string& file,
                                 absl::string_view bytes) {
  NBITS_ASSIGN_OR_RETURN(Tensor tensor, DecodeNpy(bytes, file));
  const Shape expected = InputShape(feature);
  if (tensor.shape == expected || AllowsShape(feature, tensor.shape)) return tensor;
  if (WithoutOnes(tensor.shape) == WithoutOnes(expected)) {
    tensor.shape = expected;
    return tensor;
  }
  if (feature.kind == FeatureKind::kMultiArray && IsSequenceOf(expected, tensor.shape)) {
    return tensor;
  }
  // The engine knows which sizes of a flexible input fit, and says so.
  if (IsFlexible(feature)) return tensor;
  return absl::InvalidArgumentError(
      absl::StrCat(file, " has shape ", ShapeText(tensor.shape), ", ", TakesText(feature, tensor)));
}

// ---- Pictures -----------------------------------------------------------------------------------

std::string SizeText(ImageSize size) { return absl::StrCat(size.width, " x ", size.height); }

absl::StatusOr<PictureFrame> FrameFor(const FeatureDescription& feature, const std::string& file,
                                      const PictureOptions& options) {
  const bool image = feature.kind == FeatureKind::kImage;
  const auto frame = PictureFrame::Of(
      feature, image ? PictureLayout::kAuto : options.layout.value_or(PictureLayout::kAuto));
  if (frame && (image || options.ForArrays())) return *frame;
  std::string text = absl::StrCat(file, " is a picture, the model takes ", DescribeInput(feature));
  if (frame) {
    absl::StrAppend(&text,
                    ", or a picture with --scale 1/255 (values 0 to 1) or --scale 1 (0 to "
                    "255), and --bias where the network wants one");
  } else if (options.ForArrays()) {
    absl::StrAppend(&text, ": that is no picture in the layout that is asked for");
  }
  return absl::InvalidArgumentError(text);
}

ImageSize ChooseSize(const PictureFrame& frame, const PictureOptions& options, ImageSize own) {
  switch (options.size) {
    case PictureOptions::Size::kGiven:
      return {options.width, options.height};
    case PictureOptions::Size::kDefault:
      return frame.DefaultSize();
    default:
      return frame.Nearest(own);
  }
}

// The values of options.scale or options.bias for each channel.
absl::StatusOr<std::vector<double>> PerChannel(const std::vector<double>& given, double usual,
                                               size_t channels) {
  if (given.empty()) return std::vector<double>(channels, usual);
  if (given.size() == 1) return std::vector<double>(channels, given[0]);
  if (given.size() == channels) return given;
  return absl::InvalidArgumentError(
      absl::StrCat(given.size(), " numbers for scale or bias, and ", channels, " channels"));
}

// `planes`: [channels, height, width] of 0..255, as an array in the frame's layout.
absl::StatusOr<Tensor> ToArray(const PictureFrame& frame, ImageSize size,
                               const PictureOptions& options, const Tensor& planes) {
  const auto channels = static_cast<size_t>(frame.channels());
  NBITS_ASSIGN_OR_RETURN(const auto scale, PerChannel(options.scale, 1, channels));
  NBITS_ASSIGN_OR_RETURN(const auto bias, PerChannel(options.bias, 0, channels));
  const PictureFrame::Strides strides = frame.StridesAt(size);
  NBITS_RETURN_IF_ERROR(CheckPictureMemory(
      static_cast<int64_t>(planes.values.size() * sizeof(float)), "an input", size));
  Tensor array{frame.ShapeAt(size), std::vector<float>(planes.values.size())};
  const float* from = planes.values.data();
  for (size_t c = 0; c < channels; ++c) {
    for (size_t y = 0; y < static_cast<size_t>(size.height); ++y) {
      float* to = &array.values[c * strides.channel + y * strides.row];
      for (int x = 0; x < size.width; ++x, to += strides.column) {
        *to = static_cast<float>(*from++ * scale[c] + bias[c]);
      }
    }
  }
  return array;
}

absl::StatusOr<Tensor> OfFile(const std::string& file, absl::StatusOr<Tensor> tensor) {
  if (tensor.ok()) return tensor;
  return absl::Status(tensor.status().code(), absl::StrCat(file, ": ", tensor.status().message()));
}

std::string SizeNote(const FeatureDescription& feature, const PictureFrame& frame,
                     const PictureOptions& options, const std::string& file,
                     const DecodedImage& decoded) {
  const ImageSize size{decoded.image.width, decoded.image.height};
  if (options.size != PictureOptions::Size::kOwn || size == decoded.own || !frame.IsFlexible()) {
    return "";
  }
  return absl::StrCat(file, " (", SizeText(decoded.own), ") is scaled to ", SizeText(size),
                      ", the nearest size that input '", feature.name, "' takes");
}

absl::StatusOr<InputValue> ReadPicture(const FeatureDescription& feature, const std::string& file,
                                       absl::string_view bytes, const PictureOptions& options) {
  NBITS_ASSIGN_OR_RETURN(const PictureFrame frame, FrameFor(feature, file, options));
  NBITS_ASSIGN_OR_RETURN(DecodedImage decoded, DecodeImageAt(bytes, file, [&](ImageSize own) {
                           return ChooseSize(frame, options, own);
                         }));
  const ImageSize size{decoded.image.width, decoded.image.height};
  const bool image = feature.kind == FeatureKind::kImage;
  const ImageColor color = image                   ? feature.color
                           : frame.channels() == 1 ? ImageColor::kGrayscale
                                                   : ImageColor::kRgb;
  InputValue value;
  NBITS_ASSIGN_OR_RETURN(
      value.tensor, OfFile(file, ImageToTensor(decoded.image, color, size.height, size.width)));
  if (!image) {
    NBITS_ASSIGN_OR_RETURN(value.tensor, OfFile(file, ToArray(frame, size, options, value.tensor)));
  }
  value.note = SizeNote(feature, frame, options, file, decoded);
  value.own_width = decoded.own.width;
  value.own_height = decoded.own.height;
  value.picture = std::move(decoded.image);
  return value;
}

}  // namespace

std::string DescribeInput(const FeatureDescription& feature) {
  if (feature.kind == FeatureKind::kImage) {
    const std::string size = feature.shape.size() == 2
                                 ? absl::StrCat(", ", feature.shape[1], " x ", feature.shape[0])
                                 : std::string();
    return absl::StrCat("image '", feature.name, "' (", ColorText(feature.color), size,
                        "): a JPEG, PNG or .npy file");
  }
  const std::string shape = feature.shape.empty() ? "" : " of shape " + ShapeText(feature.shape);
  return absl::StrCat("array '", feature.name, "'", shape, ": a .npy file");
}

Shape InputShape(const FeatureDescription& feature) {
  if (feature.kind != FeatureKind::kImage) return feature.shape;
  Shape shape = feature.shape;
  shape.insert(shape.begin(), IsGrey(feature.color) ? 1 : 3);
  return shape;
}

absl::StatusOr<InputValue> ReadInputFile(const FeatureDescription& feature, const std::string& file,
                                         const PictureOptions& options) {
  if (file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("no file for ", DescribeInput(feature)));
  }
  NBITS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file));
  if (absl::StartsWith(bytes, kNpyMark)) {
    InputValue value;
    NBITS_ASSIGN_OR_RETURN(value.tensor, ReadArray(feature, file, bytes));
    return value;
  }
  if (FormatOf(bytes) == ImageFormat::kUnknown) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": ", WhyNoPicture(bytes, /*or_array=*/true)));
  }
  return ReadPicture(feature, file, bytes, options);
}

absl::StatusOr<Tensor> ReadInput(const FeatureDescription& feature, const std::string& file) {
  PictureOptions options;
  options.size = PictureOptions::Size::kDefault;
  NBITS_ASSIGN_OR_RETURN(InputValue value, ReadInputFile(feature, file, options));
  return std::move(value.tensor);
}

std::optional<std::string> InputFileIn(const std::string& folder,
                                       const FeatureDescription& feature) {
  if (feature.name.find('/') != std::string::npos) return std::nullopt;
  for (const char* extension : kExtensions) {
    for (const std::string& spelled : {std::string(extension), absl::AsciiStrToUpper(extension)}) {
      const auto file = std::filesystem::path(folder) / absl::StrCat(feature.name, spelled);
      std::error_code error;
      if (std::filesystem::exists(file, error)) return file.string();
    }
  }
  return std::nullopt;
}

std::map<std::string, Shape> OtherShapes(const std::vector<FeatureDescription>& inputs,
                                         const TensorMap& tensors) {
  std::map<std::string, Shape> shapes;
  for (const FeatureDescription& input : inputs) {
    const auto found = tensors.find(input.name);
    if (found == tensors.end() || found->second.shape == InputShape(input)) continue;
    shapes[input.name] = found->second.shape;
  }
  return shapes;
}

std::string ShapeHint(const std::vector<FeatureDescription>& inputs,
                      const std::map<std::string, Shape>& shapes) {
  std::string hint;
  for (const FeatureDescription& input : inputs) {
    const auto found = shapes.find(input.name);
    if (found == shapes.end()) continue;
    const Shape& shape = found->second;
    if (input.kind == FeatureKind::kImage && shape.size() == 3) {
      absl::StrAppend(&hint, "; picture '", input.name, "' is ", shape[2], " x ", shape[1],
                      ", the model's own size (", input.shape.size() == 2 ? input.shape[1] : 0,
                      " x ", input.shape.empty() ? 0 : input.shape[0], ") is --size default");
    }
  }
  return hint;
}

}  // namespace nbits
