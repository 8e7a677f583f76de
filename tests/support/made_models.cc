// SPDX-License-Identifier: Apache-2.0
#include "tests/support/made_models.h"

#include <cmath>
#include <cstdint>

#include "tensor/half.h"

namespace nbits::testing {
namespace {

constexpr int kChannels = 64;

// Evenly between -1 and 1; not of <random>, whose distributions differ between libraries.
class Numbers {
 public:
  float operator()() {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<float>(state_ >> 8) / 8388608.0f - 1;
  }

 private:
  uint32_t state_ = 1;
};

schema::NeuralNetworkLayer& AddLayer(schema::Model& model, const std::string& name,
                                     const std::string& input, const std::string& output) {
  schema::NeuralNetworkLayer& layer = *model.mutable_neuralnetwork()->add_layers();
  layer.set_name(name);
  layer.add_input(input);
  layer.add_output(output);
  return layer;
}

void AddRectifier(schema::Model& model, const std::string& name) {
  AddLayer(model, name + "_relu", name, name + "_positive").mutable_activation()->mutable_relu();
}

// 3 x 3, of the same size, with a bias; its values are for the caller to add.
schema::ConvolutionLayerParams& AddConvolution(schema::Model& model, const std::string& name,
                                               const std::string& input, int from, int to) {
  auto& layer = *AddLayer(model, name, input, name).mutable_convolution();
  layer.set_outputchannels(static_cast<uint64_t>(to));
  layer.set_kernelchannels(static_cast<uint64_t>(from));
  layer.set_ngroups(1);
  for (int i = 0; i < 2; ++i) {
    layer.add_kernelsize(3);
    layer.add_stride(1);
  }
  layer.mutable_same();
  layer.set_hasbias(true);
  return layer;
}

// Channel c: how much brighter than its own threshold a pixel and its neighbours are.
void AddLevels(schema::Model& model, Numbers& numbers) {
  auto& layer = AddConvolution(model, "levels", "image", 3, kChannels);
  for (int c = 0; c < kChannels; ++c) {
    for (int i = 0; i < 3 * 9; ++i) {
      layer.mutable_weights()->add_floatvalue((1 + 0.5f * numbers()) / 27);
    }
    layer.mutable_bias()->add_floatvalue(-static_cast<float>(c) / kChannels);
  }
  AddRectifier(model, "levels");
}

// Each channel again, with a little of all others.
void AddMixture(schema::Model& model, Numbers& numbers) {
  auto& layer = AddConvolution(model, "mixture", "levels_positive", kChannels, kChannels);
  for (int to = 0; to < kChannels; ++to) {
    for (int from = 0; from < kChannels; ++from) {
      for (int i = 0; i < 9; ++i) {
        const float own = to == from && i == 4 ? 0.5f : 0;
        layer.mutable_weights()->add_floatvalue(own + 0.02f * numbers());
      }
    }
    layer.mutable_bias()->add_floatvalue(0.01f * numbers());
  }
  AddRectifier(model, "mixture");
}

// The sum of the levels, steep where the brightness is half.
void AddMatte(schema::Model& model, Numbers& numbers) {
  auto& layer = AddConvolution(model, "matte", "mixture_positive", kChannels, 1);
  for (int from = 0; from < kChannels; ++from) {
    for (int i = 0; i < 9; ++i) layer.mutable_weights()->add_floatvalue(0.3f + 0.2f * numbers());
  }
  layer.mutable_bias()->add_floatvalue(-11.0f);
  AddLayer(model, "share", "matte", "share").mutable_activation()->mutable_sigmoid();
  auto& scale = *AddLayer(model, "grey", "share", "output").mutable_activation()->mutable_linear();
  scale.set_alpha(255);
}

void AddPicture(schema::FeatureDescription& feature, const std::string& name, int size,
                schema::ImageFeatureType::ColorSpace color) {
  feature.set_name(name);
  auto& image = *feature.mutable_type()->mutable_imagetype();
  image.set_width(size);
  image.set_height(size);
  image.set_colorspace(color);
}

void AddArray(schema::FeatureDescription& feature, const std::string& name, int length) {
  feature.set_name(name);
  auto& array = *feature.mutable_type()->mutable_multiarraytype();
  array.add_shape(length);
  array.set_datatype(schema::ArrayFeatureType::FLOAT32);
}

void AddProduct(schema::Model& model, const std::string& name, const std::string& input, int from,
                int to, Numbers& numbers) {
  auto& layer = *AddLayer(model, name, input, name).mutable_innerproduct();
  layer.set_inputchannels(static_cast<uint64_t>(from));
  layer.set_outputchannels(static_cast<uint64_t>(to));
  for (int i = 0; i < from * to; ++i) layer.mutable_weights()->add_floatvalue(0.3f * numbers());
}

bool InDisc(int size, int number, int y, int x) {
  const double dy = y - 0.5 * size, dx = x - (0.35 + 0.1 * number) * size;
  return std::hypot(dy, dx) < 0.27 * size;
}

void StoreAsHalf(schema::WeightParams& weights) {
  std::string bytes;
  for (const float value : weights.floatvalue()) {
    const uint16_t half = HalfFromFloat(value);
    bytes += static_cast<char>(half & 0xFF);
    bytes += static_cast<char>(half >> 8);
  }
  weights.clear_floatvalue();
  weights.set_float16value(bytes);
}

}  // namespace

schema::Model MatteModel(int size) {
  schema::Model model;
  model.set_specificationversion(1);
  AddPicture(*model.mutable_description()->add_input(), "image", size,
             schema::ImageFeatureType::RGB);
  AddPicture(*model.mutable_description()->add_output(), "output", size,
             schema::ImageFeatureType::GRAYSCALE);
  model.mutable_neuralnetwork()->add_preprocessing()->mutable_scaler()->set_channelscale(1 / 255.f);
  Numbers numbers;
  AddLevels(model, numbers);
  AddMixture(model, numbers);
  AddMatte(model, numbers);
  return model;
}

schema::Model HalfMatteModel(int size) {
  schema::Model model = MatteModel(size);
  model.set_specificationversion(2);
  for (auto& layer : *model.mutable_neuralnetwork()->mutable_layers()) {
    if (!layer.has_convolution()) continue;
    StoreAsHalf(*layer.mutable_convolution()->mutable_weights());
    StoreAsHalf(*layer.mutable_convolution()->mutable_bias());
  }
  return model;
}

schema::Model ArrayModel() {
  schema::Model model;
  model.set_specificationversion(1);
  AddArray(*model.mutable_description()->add_input(), "x", 48);
  AddArray(*model.mutable_description()->add_output(), "y", 16);
  Numbers numbers;
  AddProduct(model, "first", "x", 48, 64, numbers);
  AddRectifier(model, "first");
  AddProduct(model, "y", "first_positive", 64, 16, numbers);
  return model;
}

Image DiscPicture(int size, int number) {
  Image picture{size, size, 3, {}};
  for (int i = 0; i < size * size; ++i) {
    const int y = i / size, x = i % size;
    const int slope = (x + y) * 100 / (2 * size);  // 0..99
    const int grey = InDisc(size, number, y, x) ? 150 + slope / 2 : 20 + slope * 6 / 5;
    for (const int value : {grey + slope / 4, grey, grey + 20 - slope / 5}) {
      picture.pixels.push_back(static_cast<uint8_t>(value));
    }
  }
  return picture;
}

ClassMap DiscMask(int size, int number) {
  ClassMap mask{size, size, {}};
  for (int i = 0; i < size * size; ++i) {
    mask.ids.push_back(InDisc(size, number, i / size, i % size) ? 1 : 0);
  }
  return mask;
}

}  // namespace nbits::testing
