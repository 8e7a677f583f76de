// SPDX-License-Identifier: Apache-2.0
// Files as inputs of a model: pictures and arrays.
#ifndef NBITS_INPUT_H_
#define NBITS_INPUT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"
#include "nbits/image.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

// "image 'photo' (RGB, 513 x 513): a JPEG, PNG or .npy file" for a feature; what an error names.
std::string DescribeInput(const FeatureDescription& feature);

// The shape of the tensor that a feature takes by default: [channels, height, width] of a picture.
Shape InputShape(const FeatureDescription& feature);

// Where the channels of a picture stand in an array.
enum class PictureLayout : uint8_t {
  kAuto,           // As the array's shape says: the axis of 1 or 3 channels.
  kChannelsFirst,  // [..., channels, height, width].
  kChannelsLast,   // [..., height, width, channels].
};

// How pictures become inputs. Only inputs that are images of flexible size, or arrays, leave a
// choice: an image's pixels are 0..255, and what the network makes of them stands in the model.
struct PictureOptions {
  enum class Size : uint8_t {
    kOwn,      // The picture's own size where the model allows it, else the nearest allowed one.
    kDefault,  // The size that the model names first.
    kGiven,    // `width` x `height`, which the model has to allow.
  };
  Size size = Size::kOwn;
  int width = 0, height = 0;
  // For arrays of picture shape: value = pixel (0..255) * scale + bias. One number, or one for each
  // channel; empty: 1 and 0. Pictures are taken for arrays only if one of these three is given.
  std::vector<double> scale = {}, bias = {};
  std::optional<PictureLayout> layout = {};

  bool operator==(const PictureOptions&) const = default;
  // Whether pictures may be made into arrays.
  bool ForArrays() const { return !scale.empty() || !bias.empty() || layout.has_value(); }
};

// Sets one of them from text: "size" ("own", "default", "640x480"), "scale" and "bias" ("1/255",
// or "0.017,0.018,0.017"), "layout" ("auto", "chw", "hwc"). InvalidArgument, with what may be
// given.
//
// Example:
//   nbits::PictureOptions pictures;
//   if (auto set = nbits::SetPictureOption("scale", "1/255", pictures); !set.ok()) return set;
//   if (auto set = nbits::SetPictureOption("size", "64x48", pictures); !set.ok()) return set;
//   assert(pictures.scale[0] == 1.0 / 255 && pictures.width == 64 && pictures.height == 48);
absl::Status SetPictureOption(absl::string_view name, absl::string_view text,
                              PictureOptions& options);

// Whether pictures can be given for the feature: an image, or, with options.ForArrays(), an array
// of 1 or 3 channels with rows and columns (further axes are of extent 1).
bool TakesPictures(const FeatureDescription& feature, const PictureOptions& options = {});

// InvalidArgument when scale, bias or layout are given and no input is an array of picture shape.
absl::Status CheckPictureOptions(const std::vector<FeatureDescription>& inputs,
                                 const PictureOptions& options);

// The shape that an input without a file has with these options: with a given size, where the
// feature is an image or an array of picture shape, that one; else the default.
Shape InputShape(const FeatureDescription& feature, const PictureOptions& options);

struct InputValue {
  Tensor tensor;
  // Where a picture was read: as the model sees it, and its own size as it is to be seen.
  std::optional<Image> picture = {};
  int own_width = 0, own_height = 0;
  // What the user should know: another size than the picture's own had to be taken. One line.
  std::string note = {};
};

// Reads a JPEG or PNG picture (in the size that `options` ask for, EXIF orientation respected) or a
// .npy array, which may lack or have additional axes of extent 1, or be a sequence of what the
// feature declares. The tensor's shape is what Engine::Create has to be told where it is not
// InputShape(feature). InvalidArgument, naming the file: unreadable, a picture for an array, a
// shape that does not fit. ResourceExhausted: a picture that there is no memory for. Arrays of
// flexible inputs are the engine's to judge.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   const nbits::FeatureDescription& input = model->description().inputs[0];
//   auto value = nbits::ReadInputFile(input, "photo.jpg");
//   if (!value.ok()) return value.status();
//   auto engine = nbits::Engine::Create(*model, {}, {{input.name, value->tensor.shape}});
//   if (!engine.ok()) return engine.status();
absl::StatusOr<InputValue> ReadInputFile(const FeatureDescription& feature, const std::string& file,
                                         const PictureOptions& options = {});

// The same with pictures in the feature's default size.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   const nbits::FeatureDescription& input = model->description().inputs[0];
//   auto tensor = nbits::ReadInput(input, "photo.jpg");
//   if (!tensor.ok()) return tensor.status();
//   assert(tensor->shape == nbits::InputShape(input));
absl::StatusOr<Tensor> ReadInput(const FeatureDescription& feature, const std::string& file);

// The file in `folder` that is named after the feature: NAME.npy, .png, .jpg or .jpeg.
std::optional<std::string> InputFileIn(const std::string& folder,
                                       const FeatureDescription& feature);

// The shapes of `tensors` that are not the inputs' default ones, as Engine::Create takes them.
std::map<std::string, Shape> OtherShapes(const std::vector<FeatureDescription>& inputs,
                                         const TensorMap& tensors);

// What to add to an engine's refusal of `shapes`: which sizes pictures had, and how to ask for
// others. Empty, or begins with "; ".
std::string ShapeHint(const std::vector<FeatureDescription>& inputs,
                      const std::map<std::string, Shape>& shapes);

}  // namespace nbits

#endif  // NBITS_INPUT_H_
