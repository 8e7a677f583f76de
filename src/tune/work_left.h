// SPDX-License-Identifier: Apache-2.0
// How long a walk's steps take, beside each other.
#ifndef NBITS_TUNE_WORK_LEFT_H_
#define NBITS_TUNE_WORK_LEFT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "tune/calibrate_layer.h"
#include "tune/stretches.h"

namespace nbits {

// For each layer the estimated share of the whole work: running its stretch and calibrating it.
std::vector<double> WorkOfLayers(const graph::Graph& graph, std::span<const Stretch> stretches,
                                 std::span<const LayerPlace> places, const PictureRoles& roles,
                                 int64_t positions);

}  // namespace nbits

#endif  // NBITS_TUNE_WORK_LEFT_H_
