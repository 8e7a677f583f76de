// SPDX-License-Identifier: Apache-2.0
// Which weights a layer has, what they are for, and the shape that the layer's numbers give them.
//
// Source: NeuralNetwork.proto of the Core ML specification; channel axes as coremltools uses them.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_FIELDS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_FIELDS_H_

#include <optional>
#include <string>
#include <vector>

#include "formats/neural_network/kept_layers.h"
#include "nbits/model.h"
#include "proto/neural_network.pb.h"

namespace nbits {

inline constexpr size_t kNoWeight = ~size_t{0};

struct WeightField {
  std::string name;  // "weights", "bias", "forward.inputGateWeightMatrix", ...
  size_t index = 0;  // Of the weight: nbits_weight_index - 1; kNoWeight when it holds no values.
  WeightRole role = WeightRole::kOther;
  // Row-major. Absent where the format leaves the size to the values (activations, custom layers).
  std::optional<Shape> shape;
  int channel_axis = 0;
  // How many scales the format knows for it besides one for all: the layer's output channels for
  // kernels, 1 for vectors; 0 where it does not say (activations, custom layers).
  int64_t scales = 1;
  // False for what the layer's flags leave out, such as a bias without hasBias.
  bool used = true;
};

// Weights of `layer` that hold values (nbits_weight_index is set); those of networks nested in it
// are not its own. Numbers that give no sensible shape (a negative extent, channels that do not
// divide by groups) become an extent of -1, which ElementCount refuses.
//
//   convolution        weights [out, kernelChannels, height, width]; deconvolution:
//                      [kernelChannels, out / groups, height, width], channel axis 1
//   convolution3d      weights [out, in / groups, depth, height, width]; deconvolution:
//                      [in, out / groups, depth, height, width], channel axis 1
//   innerProduct       weights [out, in]; embedding [out, in]; embeddingND [size, vocabulary]
//   batchedMatmul      weights [second dimension, first dimension]
//   recurrent layers   matrices [out, in] and [out, out], vectors [out]
//   all others         vectors: the product of the layer's shape
std::vector<WeightField> WeightFieldsOf(const schema::NeuralNetworkLayer& layer);
// Those without values too, of which the format knows a shape.
std::vector<WeightField> AllWeightFieldsOf(const schema::NeuralNetworkLayer& layer);

// Whether the layer multiplies 8-bit weights with activations quantized at run time
// (int8DynamicQuantize).
bool IsDynamicInt8(const schema::NeuralNetworkLayer& layer);

// The layer's name and its weights.
LayerWeights NamesOf(const schema::NeuralNetworkLayer& layer);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_FIELDS_H_
