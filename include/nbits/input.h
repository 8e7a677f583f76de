// SPDX-License-Identifier: Apache-2.0
// Files as inputs of a model: pictures and arrays.
#ifndef NBITS_INPUT_H_
#define NBITS_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "nbits/export.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

// "image 'photo' (RGB, 513 x 513): a JPEG, PNG or .npy file" for a feature; what an error names.
std::string DescribeInput(const FeatureDescription& feature);

// The shape of the tensor that a feature takes by default: [channels, height, width] of a picture.
Shape InputShape(const FeatureDescription& feature);

// Reads a JPEG or PNG picture (scaled to the feature, EXIF orientation respected; pixels as
// ImageToTensor lays them out) or a .npy array, which may lack or have additional axes of extent 1,
// or be a sequence of what the feature declares. InvalidArgument, naming the file: unreadable, a
// picture for an array, a shape that does not fit. Sizes of flexible inputs are the engine's to
// judge.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   const nbits::FeatureDescription& input = model->description().inputs[0];
//   auto tensor = nbits::ReadInput(input, "photo.jpg");
//   if (!tensor.ok()) return tensor.status();
//   assert(tensor->shape == nbits::InputShape(input));
absl::StatusOr<Tensor> ReadInput(const FeatureDescription& feature, const std::string& file);

}  // namespace nbits

#endif  // NBITS_INPUT_H_
