// SPDX-License-Identifier: Apache-2.0
#include "fuzz/small_model.h"

#include "proto/model.pb.h"

namespace nbits::fuzz {
namespace {

void Fill(schema::WeightParams& weight, int count) {
  for (int i = 0; i < count; ++i) weight.add_floatvalue(static_cast<float>(i % 7) - 2.5f);
}

schema::NeuralNetworkLayer& AddLayer(schema::Model& model, const char* name, const char* input,
                                     const char* output) {
  schema::NeuralNetworkLayer& layer = *model.mutable_neuralnetwork()->add_layers();
  layer.set_name(name);
  layer.add_input(input);
  layer.add_output(output);
  return layer;
}

void AddConvolution(schema::Model& model) {
  auto& params = *AddLayer(model, "conv", "x", "a").mutable_convolution();
  params.set_outputchannels(4);
  params.set_kernelchannels(3);
  params.set_ngroups(1);
  params.set_hasbias(true);
  for (int i = 0; i < 2; ++i) params.add_kernelsize(3);
  params.mutable_valid();
  Fill(*params.mutable_weights(), 4 * 3 * 3 * 3);
  Fill(*params.mutable_bias(), 4);
}

void AddNormalization(schema::Model& model) {
  auto& params = *AddLayer(model, "norm", "a", "b").mutable_batchnorm();
  params.set_channels(4);
  params.set_epsilon(1e-5f);
  for (auto* weight : {params.mutable_gamma(), params.mutable_beta(), params.mutable_mean()}) {
    Fill(*weight, 4);
  }
  for (int i = 0; i < 4; ++i) params.mutable_variance()->add_floatvalue(1);
}

void AddProduct(schema::Model& model) {
  auto& params = *AddLayer(model, "fc", "b", "y").mutable_innerproduct();
  params.set_inputchannels(4);
  params.set_outputchannels(5);
  Fill(*params.mutable_weights(), 20);
}

std::string MakeFile() {
  schema::Model model;
  model.set_specificationversion(1);
  model.mutable_description()->add_input()->set_name("x");
  model.mutable_description()->add_output()->set_name("y");
  AddConvolution(model);
  AddNormalization(model);
  AddProduct(model);
  return model.SerializeAsString();
}

}  // namespace

const std::string& SmallModelFile() {
  static const std::string* file = new std::string(MakeFile());
  return *file;
}

}  // namespace nbits::fuzz
