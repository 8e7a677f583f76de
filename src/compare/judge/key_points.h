// SPDX-License-Identifier: Apache-2.0
// Key points of a pose, a hand or a face among a model's outputs.
#ifndef NBITS_COMPARE_JUDGE_KEY_POINTS_H_
#define NBITS_COMPARE_JUDGE_KEY_POINTS_H_

#include <optional>

#include "nbits/results.h"
#include "nbits/tensor.h"

namespace nbits {

// Where in the picture (`width` x `height` pixels, as the model sees it) the points lie that the
// first of these outputs gives; nothing when there is none:
//   1. a list named like landmarks, key points or joints: N points of 2 to 5 values each, x and y
//      first, in pixels or in parts of the picture, nearly all of them inside it. With 5 values the
//      fourth is the visibility before a sigmoid, as MediaPipe has it. A flat list's values per
//      point are the fewest for which the points lie in the picture.
//   2. maps named like heat maps, key points or joints: a small map of the picture's shape for each
//      point, channels first or last, whose largest value marks it. An output named like offsets
//      with two such maps per point, rows first, moves the points by pixels, as PoseNet has it.
// Names and values decide, since nothing in the format does.
std::optional<KeyPoints> FindKeyPoints(const TensorMap& outputs, int width, int height);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_KEY_POINTS_H_
