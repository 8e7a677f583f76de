// SPDX-License-Identifier: Apache-2.0
// Small models made to order, sound or broken in one chosen way.
#ifndef NBITS_TESTS_CLI_CRAFTED_MODEL_H_
#define NBITS_TESTS_CLI_CRAFTED_MODEL_H_

#include <string>

#include "proto/model.pb.h"

namespace nbits::cli {

// A network of one inner product "dense": array "x" of 16 values -> array "y" of 8, with 8 x 16
// Float32 weights and no bias.
schema::Model DenseModel();

// The weights of DenseModel's only layer.
schema::WeightParams& DenseWeights(schema::Model& model);

// Stores DenseModel's weights as 4-bit indices (64 bytes) into a table of 16 entries.
void MakeLookupTable(schema::Model& model);

// Stores them as 4-bit linear with one scale and bias for each of the 8 output channels.
void MakeLinear(schema::Model& model);

// A network whose only layer "sorcery" is a custom layer of class "Wand".
schema::Model CustomLayerModel();

// A network of one 1 x 1 convolution "mix" on a 3 x 32 x 32 RGB image "picture" -> array "y".
schema::Model ImageModel();

// A segmentation network on the same picture: class scores [4, 32, 32] "y" of a 1 x 1 convolution,
// by which red pixels are class 1 "person", green 2 "dog", blue 3 "car" and black 0 "background".
schema::Model ColorClassModel();

}  // namespace nbits::cli

#endif  // NBITS_TESTS_CLI_CRAFTED_MODEL_H_
