// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/crafted_model.h"

namespace nbits::cli {
namespace {

constexpr int kInputs = 16, kOutputs = 8;

void AddArray(schema::FeatureDescription& feature, const std::string& name, int length) {
  feature.set_name(name);
  auto& array = *feature.mutable_type()->mutable_multiarraytype();
  array.add_shape(length);
  array.set_datatype(schema::ArrayFeatureType::FLOAT32);
}

schema::NeuralNetworkLayer& AddLayer(schema::Model& model, const std::string& name,
                                     const std::string& input) {
  schema::NeuralNetworkLayer& layer = *model.mutable_neuralnetwork()->add_layers();
  layer.set_name(name);
  layer.add_input(input);
  layer.add_output("y");
  return layer;
}

schema::Model ArrayModel() {
  schema::Model model;
  model.set_specificationversion(4);
  AddArray(*model.mutable_description()->add_input(), "x", kInputs);
  AddArray(*model.mutable_description()->add_output(), "y", kOutputs);
  return model;
}

}  // namespace

schema::Model DenseModel() {
  schema::Model model = ArrayModel();
  auto& dense = *AddLayer(model, "dense", "x").mutable_innerproduct();
  dense.set_inputchannels(kInputs);
  dense.set_outputchannels(kOutputs);
  for (int i = 0; i < kInputs * kOutputs; ++i) {
    dense.mutable_weights()->add_floatvalue(0.01f * static_cast<float>(i % 23) - 0.1f);
  }
  return model;
}

schema::WeightParams& DenseWeights(schema::Model& model) {
  return *model.mutable_neuralnetwork()
              ->mutable_layers(0)
              ->mutable_innerproduct()
              ->mutable_weights();
}

void MakeLookupTable(schema::Model& model) {
  schema::WeightParams& weights = DenseWeights(model);
  weights.clear_floatvalue();
  weights.set_rawvalue(std::string(kInputs * kOutputs / 2, '\x5a'));
  weights.mutable_quantization()->set_numberofbits(4);
  auto& table = *weights.mutable_quantization()->mutable_lookuptablequantization();
  for (int i = 0; i < 16; ++i) table.add_floatvalue(static_cast<float>(i));
}

void MakeLinear(schema::Model& model) {
  MakeLookupTable(model);
  auto& grid = *DenseWeights(model).mutable_quantization()->mutable_linearquantization();
  for (int i = 0; i < kOutputs; ++i) {
    grid.add_scale(0.1f);
    grid.add_bias(-0.5f);
  }
}

schema::Model CustomLayerModel() {
  schema::Model model = ArrayModel();
  AddLayer(model, "sorcery", "x").mutable_custom()->set_classname("Wand");
  return model;
}

schema::Model ImageModel() {
  schema::Model model;
  model.set_specificationversion(4);
  schema::FeatureDescription& picture = *model.mutable_description()->add_input();
  picture.set_name("picture");
  auto& image = *picture.mutable_type()->mutable_imagetype();
  image.set_width(32);
  image.set_height(32);
  image.set_colorspace(schema::ImageFeatureType::RGB);
  AddArray(*model.mutable_description()->add_output(), "y", 3 * 32 * 32);
  auto& mix = *AddLayer(model, "mix", "picture").mutable_convolution();
  mix.set_outputchannels(3);
  mix.set_kernelchannels(3);
  mix.set_ngroups(1);
  mix.add_kernelsize(1);
  mix.add_kernelsize(1);
  mix.add_stride(1);
  mix.add_stride(1);
  mix.mutable_valid();
  for (int i = 0; i < 9; ++i) mix.mutable_weights()->add_floatvalue(i % 4 == 0 ? 1.0f : 0.0f);
  return model;
}

schema::Model ColorClassModel() {
  schema::Model model = ImageModel();
  schema::ModelDescription& description = *model.mutable_description();
  (*description.mutable_metadata()
        ->mutable_userdefined())["com.apple.coreml.model.preview.params"] =
      R"({"labels": ["background", "person", "dog", "car"]})";
  auto& scores = *description.mutable_output(0)->mutable_type()->mutable_multiarraytype();
  scores.clear_shape();
  for (int64_t extent : {4, 32, 32}) scores.add_shape(extent);
  auto& mix = *model.mutable_neuralnetwork()->mutable_layers(0)->mutable_convolution();
  mix.set_outputchannels(4);
  mix.clear_weights();
  for (int i = 0; i < 12; ++i) {
    mix.mutable_weights()->add_floatvalue(i >= 3 && i % 4 == 3 ? 1.0f : 0.0f);
  }
  mix.set_hasbias(true);
  for (int i = 0; i < 4; ++i) mix.mutable_bias()->add_floatvalue(i == 0 ? 64.0f : 0.0f);
  return model;
}

}  // namespace nbits::cli
