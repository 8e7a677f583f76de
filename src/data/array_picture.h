// SPDX-License-Identifier: Apache-2.0
// Arrays that are pictures, as pictures: what networks take whose preprocessing is done outside.
#ifndef NBITS_DATA_ARRAY_PICTURE_H_
#define NBITS_DATA_ARRAY_PICTURE_H_

#include <optional>

#include "nbits/image.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits {

// Whether arrays for this input are pictures by their shape: three channels, first or last, and
// rows and columns, as many as a picture has at least.
bool IsPictureArray(const FeatureDescription& feature);

// The picture that `array`, a value of such an input, shows. Values of 0 to 1 and of 0 to 255 are
// taken as such; of others, normalised ones, the least becomes black and the largest white. Nothing
// when it holds no finite values or is of another shape.
std::optional<Image> ArrayPicture(const FeatureDescription& feature, const Tensor& array);

}  // namespace nbits

#endif  // NBITS_DATA_ARRAY_PICTURE_H_
