// SPDX-License-Identifier: Apache-2.0
// How well a layer does with weights of several forms.
#ifndef NBITS_TUNE_JUDGE_LAYER_H_
#define NBITS_TUNE_JUDGE_LAYER_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/packed_tensor.h"
#include "tune/layers.h"
#include "tune/twin_walk.h"

namespace nbits {

// A layer's weight in the model's shape, and its bias (empty: none).
struct LayerForm {
  const PackedTensor* weight = nullptr;
  std::vector<float> bias;
};

// For each form: the layer's outputs on what the quantized network gives it, against the original's
// outputs on what the original network gives it: sum of squared differences over sum of squares, of
// all these pictures. Between stretches of the walk, when it stands before the layer. An error that
// is not finite counts as infinite.
absl::StatusOr<std::vector<double>> OutputErrors(TwinWalk& walk, const LayerPlace& place,
                                                 std::span<const size_t> pictures,
                                                 std::span<const LayerForm> forms);

}  // namespace nbits

#endif  // NBITS_TUNE_JUDGE_LAYER_H_
