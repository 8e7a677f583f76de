// SPDX-License-Identifier: Apache-2.0
// One layer of a walk: from what it reads to what is stored of it.
#ifndef NBITS_TUNE_CALIBRATE_LAYER_H_
#define NBITS_TUNE_CALIBRATE_LAYER_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/model.h"
#include "nbits/plan.h"
#include "nbits/tune.h"
#include "tune/layers.h"
#include "tune/twin_walk.h"

namespace nbits {

// Which pictures do what, by their numbers in the walk.
struct PictureRoles {
  std::vector<size_t> calibrating;
  std::vector<size_t> judging;  // Held back, or all where there are too few to hold any back.
  bool holds_back = false;      // `judging` are others than `calibrating`.
};

// Runs the walk's present stretch, which ends before the layer; quantizes the layer in the walk's
// quantized network, and puts into `plan` what it is to be.
absl::StatusOr<CalibratedWeight> CalibrateLayer(const Model& model, const LayerPlace& place,
                                                const PictureRoles& roles, int64_t positions,
                                                TwinWalk& walk, Plan& plan);

}  // namespace nbits

#endif  // NBITS_TUNE_CALIBRATE_LAYER_H_
