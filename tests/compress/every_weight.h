// SPDX-License-Identifier: Apache-2.0
// A model that has every kind of weight that the format knows, to be quantized rather than run.
#ifndef NBITS_TESTS_COMPRESS_EVERY_WEIGHT_H_
#define NBITS_TESTS_COMPRESS_EVERY_WEIGHT_H_

#include "proto/model.pb.h"

namespace nbits {

// Layers named after their type ("convolution", "deconvolution" with groups, "gru", ...), all with
// biases and whatever else they may have, in Float32; some of them within a branch as well.
schema::Model EveryWeightModel();

// An inner product "base" before an updatable one "fc", in an updatable model.
schema::Model UpdatableModel();

// "product" and "matmul", which hold 8-bit weights for products with activations quantized at run
// time, each with a bias.
schema::Model DynamicInt8Model();

}  // namespace nbits

#endif  // NBITS_TESTS_COMPRESS_EVERY_WEIGHT_H_
