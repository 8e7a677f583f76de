// SPDX-License-Identifier: Apache-2.0
// The layers that folding merges: what they hold, and whether it fits together.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_OPERANDS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_OPERANDS_H_

#include <cstdint>
#include <vector>

#include "formats/neural_network/fold/fold_arithmetic.h"
#include "formats/neural_network/layer_edit.h"
#include "nbits/model.h"

namespace nbits {

// Number of values of a Float32 weight, the model's or its own (floatValue); -1 when it has none or
// stores them otherwise.
int64_t FloatCount(const Model& model, const schema::WeightParams& weight);
// The values of a weight for which FloatCount is not -1.
std::vector<float> Values(const Model& model, const schema::WeightParams& weight);
void SetValues(schema::WeightParams& weight, const std::vector<float>& values);

// The parts that convolutions and inner products have in common.
struct Linear {
  int64_t output_channels = 0;
  bool has_bias = false;
  const schema::WeightParams* weights = nullptr;
  const schema::WeightParams* bias = nullptr;
  KernelLayout layout;
};
Linear LinearOf(const schema::NeuralNetworkLayer& layer);

// Whether weights and bias are Float32 values in the numbers that the layer states.
bool CanReceive(const Model& model, const Linear& linear);
// Whether the layer's parameters are Float32, one for each channel or one for all ([channels],
// [channels, 1, 1], [1]).
bool ScaleFits(const Model& model, const schema::ScaleLayerParams& scale, int64_t channels);
bool BiasFits(const Model& model, const schema::BiasLayerParams& bias, int64_t channels);
// Whether it normalises with the statistics of the file, all Float32.
bool BatchnormIsWhole(const Model& model, const schema::BatchnormLayerParams& batchnorm,
                      int64_t channels);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_OPERANDS_H_
