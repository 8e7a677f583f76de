// SPDX-License-Identifier: Apache-2.0
// Windows of convolutions and pools over one, two or three axes.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_WINDOW_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_WINDOW_H_

#include <string>
#include <vector>

#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {

enum class Padding : uint8_t { kValid, kSame, kSameLower, kCustom };

// The axes behind [batch, channels] of the argument x, 1 to 3 of them, and what slides over them.
struct Windows {
  Shape input;  // Of those axes.
  std::vector<AxisWindow> axes;
  std::vector<int64_t> output;
  Padding padding = Padding::kValid;
};

// Kernels are the caller's; strides, dilations (where `dilated`) and the padding's kind and amounts
// come from the operation. Paddings that follow from the input, and outputs, are not set yet.
// `fallback` is the kind of padding when the file says none; null: it has to.
absl::StatusOr<Windows> ReadWindows(const Operation& op, const std::vector<int64_t>& kernel,
                                    bool dilated, const char* fallback);

// Sets paddings and outputs of a convolution or pool. "same": output = ceil(input / stride), the
// smaller half of the padding in front, with same_lower behind. `round_up`: a window that reaches
// beyond the end counts too, unless it would begin there.
absl::Status Place(Windows& windows, bool round_up);

// Sets croppings and outputs of a transposed convolution. `stated`: the output's extents along
// these axes; empty: they follow from the padding.
absl::Status PlaceTransposed(const std::vector<int64_t>& stated, Windows& windows);

// One axis as a plane of height 1, two axes as they are.
Window PlaneOf(const Windows& windows);
Pair PlaneOutputOf(const Windows& windows);
VolumeWindow VolumeOf(const Windows& windows);
Volume VolumeOutputOf(const Windows& windows);

// [batch, channels, length] as [batch, channels, 1, length]; others as they are.
Shape WithPlane(Shape shape);

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATIONS_WINDOW_H_
