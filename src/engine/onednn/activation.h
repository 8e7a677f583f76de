// SPDX-License-Identifier: Apache-2.0
// Activations that oneDNN applies to what it computes.
#ifndef NBITS_ENGINE_ONEDNN_ACTIVATION_H_
#define NBITS_ENGINE_ONEDNN_ACTIVATION_H_

#include <optional>

#include "graph/graph.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace nbits::onednn {

// Whether oneDNN has it; others are computed by the plain kernel.
bool HasActivation(const graph::Unary& op);

// Of a primitive with this activation, if oneDNN has it, and with scratch memory of the caller's.
dnnl::primitive_attr AttributesFor(const std::optional<graph::Unary>& activation);

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_ACTIVATION_H_
