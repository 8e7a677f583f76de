// SPDX-License-Identifier: Apache-2.0
// How much there is to do in a node, roughly.
#ifndef NBITS_ENGINE_WORK_H_
#define NBITS_ENGINE_WORK_H_

#include "graph/graph.h"

namespace nbits {

// How many of `threads` threads a node is worth: one more for every 20 microseconds, about, that it
// takes a single one. Less than that is done before a helper has begun; beside busy programs, a
// helper that has begun may keep the others waiting for milliseconds.
int ThreadsFor(const graph::Graph& graph, const graph::Node& node, int threads);

}  // namespace nbits

#endif  // NBITS_ENGINE_WORK_H_
