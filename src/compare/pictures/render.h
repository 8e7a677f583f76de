// SPDX-License-Identifier: Apache-2.0
// Pictures that make a results folder useful without its page.
#ifndef NBITS_COMPARE_PICTURES_RENDER_H_
#define NBITS_COMPARE_PICTURES_RENDER_H_

#include <cstdint>

#include "nbits/class_map.h"
#include "nbits/image.h"

namespace nbits {

// `image` (RGB) with the pixels of class `background_id` blurred by three box filters of `radius`
// pixels each, near to a Gaussian of standard deviation `radius`. Only background pixels flow into
// the blur, so that the foreground leaves no halo. The map has the image's size.
Image BlurBackground(const Image& image, const ClassMap& map, int background_id, int radius);

// The grey, darkened `image` with pixels in red where the maps differ. All of one size.
Image DifferencePicture(const Image& image, const ClassMap& original, const ClassMap& variant);

// |original - variant| times `gain`, clamped to 255. Pictures of one size and channel count.
Image DifferencePicture(const Image& original, const Image& variant, int gain);

// RGB of a grey or RGB picture.
Image ToRgb(const Image& image);

}  // namespace nbits

#endif  // NBITS_COMPARE_PICTURES_RENDER_H_
