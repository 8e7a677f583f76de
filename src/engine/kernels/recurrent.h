// SPDX-License-Identifier: Apache-2.0
// Working memory of recurrent layers.
#ifndef NBITS_ENGINE_KERNELS_RECURRENT_H_
#define NBITS_ENGINE_KERNELS_RECURRENT_H_

#include "graph/ops.h"

namespace nbits {

// Bytes of workspace, without the weights, for an input of this shape.
int64_t RecurrentWorkspaceBytes(const graph::Recurrent& op, const Shape& input);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_RECURRENT_H_
