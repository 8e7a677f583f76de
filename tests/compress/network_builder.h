// SPDX-License-Identifier: Apache-2.0
// Small networks for tests, written layer by layer.
#ifndef NBITS_TESTS_COMPRESS_NETWORK_BUILDER_H_
#define NBITS_TESTS_COMPRESS_NETWORK_BUILDER_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nbits/model.h"
#include "proto/model.pb.h"

namespace nbits {

using Values = std::vector<float>;

inline void Fill(schema::WeightParams* weight, const Values& values) {
  weight->mutable_floatvalue()->Assign(values.begin(), values.end());
}

inline schema::NeuralNetworkLayer* AddLayer(schema::NeuralNetwork& network, const std::string& name,
                                            const std::string& input, const std::string& output) {
  schema::NeuralNetworkLayer* layer = network.add_layers();
  layer->set_name(name);
  layer->add_input(input);
  layer->add_output(output);
  return layer;
}

// A 1 x 1 convolution; weights [outputs, inputs], or [inputs, outputs] when it is transposed.
inline schema::ConvolutionLayerParams* AddConvolution(schema::NeuralNetwork& network,
                                                      const std::string& input,
                                                      const std::string& output, int inputs,
                                                      int outputs, const Values& weights) {
  schema::ConvolutionLayerParams* layer =
      AddLayer(network, output + "_conv", input, output)->mutable_convolution();
  layer->set_outputchannels(static_cast<uint64_t>(outputs));
  layer->set_kernelchannels(static_cast<uint64_t>(inputs));
  layer->set_ngroups(1);
  layer->add_kernelsize(1);
  layer->add_kernelsize(1);
  layer->mutable_valid();
  Fill(layer->mutable_weights(), weights);
  return layer;
}

inline void AddScale(schema::NeuralNetwork& network, const std::string& input,
                     const std::string& output, const Values& scale, const Values& bias = {}) {
  schema::ScaleLayerParams* layer =
      AddLayer(network, output + "_scale", input, output)->mutable_scale();
  layer->add_shapescale(scale.size());
  Fill(layer->mutable_scale(), scale);
  if (bias.empty()) return;
  layer->set_hasbias(true);
  layer->add_shapebias(bias.size());
  Fill(layer->mutable_bias(), bias);
}

inline schema::BatchnormLayerParams* AddBatchnorm(schema::NeuralNetwork& network,
                                                  const std::string& input,
                                                  const std::string& output, const Values& gamma,
                                                  const Values& beta, const Values& mean,
                                                  const Values& variance) {
  schema::BatchnormLayerParams* layer =
      AddLayer(network, output + "_batchnorm", input, output)->mutable_batchnorm();
  layer->set_channels(gamma.size());
  layer->set_epsilon(1e-30f);  // 0 would stand for the format's default.
  Fill(layer->mutable_gamma(), gamma);
  Fill(layer->mutable_beta(), beta);
  Fill(layer->mutable_mean(), mean);
  Fill(layer->mutable_variance(), variance);
  return layer;
}

// A model from feature "x" to `outputs` with an empty network.
inline schema::Model EmptyModel(const std::vector<std::string>& outputs) {
  schema::Model model;
  model.set_specificationversion(1);
  const auto add = [](schema::FeatureDescription* feature, const std::string& name) {
    feature->set_name(name);
    auto* array = feature->mutable_type()->mutable_multiarraytype();
    for (const int extent : {2, 4, 4}) array->add_shape(extent);
    array->set_datatype(schema::ArrayFeatureType::FLOAT32);
  };
  add(model.mutable_description()->add_input(), "x");
  for (const std::string& name : outputs) add(model.mutable_description()->add_output(), name);
  model.mutable_neuralnetwork();
  return model;
}

inline Model Opened(const schema::Model& model) {
  auto opened = Model::FromBytes(model.SerializeAsString(), "test.mlmodel");
  EXPECT_TRUE(opened.ok()) << opened.status();
  return *std::move(opened);
}

// Values of the weight with this field name in this layer; empty when there is none.
Values WeightValues(const Model& model, const std::string& layer, const std::string& field);

}  // namespace nbits

#endif  // NBITS_TESTS_COMPRESS_NETWORK_BUILDER_H_
