// SPDX-License-Identifier: Apache-2.0
// Models that the tests of this folder put together.
#ifndef NBITS_TESTS_PIPELINE_MODELS_H_
#define NBITS_TESTS_PIPELINE_MODELS_H_

#include <string>
#include <utility>
#include <vector>

#include "nbits/model.h"
#include "nbits/predictor.h"
#include "proto/classical_models.pb.h"
#include "proto/model.pb.h"

namespace nbits::testing {

inline void SetArray(const std::string& name, const Shape& shape, schema::FeatureDescription& to) {
  to.set_name(name);
  auto& array = *to.mutable_type()->mutable_multiarraytype();
  array.set_datatype(schema::ArrayFeatureType::FLOAT32);
  for (const int64_t extent : shape) array.add_shape(extent);
}

// A network of one innerProduct without bias: y = weights x.
inline schema::Model ProductNetwork(const std::string& input, const std::string& output,
                                    const std::vector<std::vector<float>>& weights) {
  schema::Model model;
  model.set_specificationversion(4);
  const auto rows = static_cast<int64_t>(weights.size());
  const auto columns = static_cast<int64_t>(weights[0].size());
  SetArray(input, {1, columns}, *model.mutable_description()->add_input());
  SetArray(output, {1, rows}, *model.mutable_description()->add_output());
  auto& network = *model.mutable_neuralnetwork();
  network.set_arrayinputshapemapping(schema::EXACT_ARRAY_MAPPING);
  auto& layer = *network.add_layers();
  layer.set_name("product");
  layer.add_input(input);
  layer.add_output(output);
  auto& product = *layer.mutable_innerproduct();
  product.set_inputchannels(static_cast<uint64_t>(columns));
  product.set_outputchannels(static_cast<uint64_t>(rows));
  for (const auto& row : weights) {
    for (const float value : row) product.mutable_weights()->add_floatvalue(value);
  }
  return model;
}

// Model types that the schema of a whole file leaves out stand in it as bytes under their number.
inline void SetContent(uint32_t number, const std::string& content, schema::Model& model) {
  std::string unknown = model.SerializeAsString();
  const auto varint = [&](uint64_t value) {
    for (; value > 127; value >>= 7) unknown += static_cast<char>(value | 0x80);
    unknown += static_cast<char>(value);
  };
  varint(uint64_t{number} << 3 | 2);
  varint(content.size());
  unknown += content;
  if (!model.ParseFromString(unknown)) model.Clear();
}

// A model of another type between arrays of two values.
inline schema::Model OtherModel(uint32_t number, const std::string& input,
                                const std::string& output) {
  schema::Model model = ProductNetwork(input, output, {{0, 1}, {1, 0}});
  model.clear_neuralnetwork();
  SetContent(number, "", model);
  return model;
}

inline std::string WithLabels(const std::string& content, const std::vector<std::string>& labels) {
  schema::ClassLabels message;
  for (const std::string& label : labels) message.mutable_stringclasslabels()->add_vector(label);
  return content + message.SerializeAsString();
}

// Of classes a and b; inputs "scores" and "boxes", and "least", an optional threshold of
// confidence.
inline schema::Model SuppressionModel(bool per_class = false) {
  schema::Model model;
  model.set_specificationversion(4);
  SetArray("scores", {}, *model.mutable_description()->add_input());
  SetArray("boxes", {}, *model.mutable_description()->add_input());
  auto& least = *model.mutable_description()->add_input();
  least.set_name("least");
  least.mutable_type()->mutable_doubletype();
  least.mutable_type()->set_isoptional(true);
  SetArray("confidence", {}, *model.mutable_description()->add_output());
  SetArray("coordinates", {}, *model.mutable_description()->add_output());
  schema::NonMaximumSuppression params;
  params.mutable_picktop()->set_perclass(per_class);
  params.set_iouthreshold(0.5);
  params.set_confidencethreshold(0.3);
  params.set_confidenceinputfeaturename("scores");
  params.set_coordinatesinputfeaturename("boxes");
  params.set_confidencethresholdinputfeaturename("least");
  params.set_confidenceoutputfeaturename("confidence");
  params.set_coordinatesoutputfeaturename("coordinates");
  SetContent(610, WithLabels(params.SerializeAsString(), {"a", "b"}), model);
  return model;
}

// From the inputs of the first to the outputs of the last member.
inline schema::Model PipelineOf(const std::vector<schema::Model>& members) {
  schema::Model model;
  model.set_specificationversion(4);
  *model.mutable_description()->mutable_input() = members.front().description().input();
  *model.mutable_description()->mutable_output() = members.back().description().output();
  for (size_t i = 0; i < members.size(); ++i) {
    *model.mutable_pipeline()->add_models() = members[i];
    model.mutable_pipeline()->add_names("part " + std::to_string(i));
  }
  return model;
}

inline schema::NeuralNetworkLayer& AddLayer(const std::string& input, const std::string& output,
                                            schema::NeuralNetwork& network) {
  auto& layer = *network.add_layers();
  layer.set_name(output);
  if (!input.empty()) layer.add_input(input);
  layer.add_output(output);
  return layer;
}

// From the RGB picture "image" of 8 x 8 pixels to the outputs of SuppressionModel. The brighter it
// is the more confident: white gives a of 0.9 on the left and b of 0.8 on the right, black nothing.
inline schema::Model DetectorModel() {
  schema::Model model;
  model.set_specificationversion(4);
  auto& image = *model.mutable_description()->add_input();
  image.set_name("image");
  image.mutable_type()->mutable_imagetype()->set_width(8);
  image.mutable_type()->mutable_imagetype()->set_height(8);
  image.mutable_type()->mutable_imagetype()->set_colorspace(schema::ImageFeatureType::RGB);
  SetArray("scores", {3, 2}, *model.mutable_description()->add_output());
  SetArray("boxes", {3, 4}, *model.mutable_description()->add_output());
  auto& network = *model.mutable_neuralnetwork();
  network.set_arrayinputshapemapping(schema::EXACT_ARRAY_MAPPING);
  auto& flat = *AddLayer("image", "flat", network).mutable_reshapestatic();
  for (const int64_t extent : {1, 192}) flat.add_targetshape(extent);
  auto& product = *AddLayer("flat", "sums", network).mutable_innerproduct();
  product.set_inputchannels(192);
  product.set_outputchannels(6);
  for (const float score : {0.9f, 0.1f, 0.2f, 0.8f, 0.0f, 0.5f}) {
    for (int i = 0; i < 192; ++i) product.mutable_weights()->add_floatvalue(score / 192 / 255);
  }
  auto& scores = *AddLayer("sums", "scores", network).mutable_reshapestatic();
  for (const int64_t extent : {3, 2}) scores.add_targetshape(extent);
  auto& boxes = *AddLayer("", "boxes", network).mutable_loadconstantnd();
  for (const uint64_t extent : {3, 4}) boxes.add_shape(extent);
  for (const float x : {0.25f, 0.75f, 0.26f}) {
    for (const float value : {x, 0.5f, 0.2f, 0.4f}) boxes.mutable_data()->add_floatvalue(value);
  }
  schema::Model pipeline = PipelineOf({model, SuppressionModel()});
  *pipeline.mutable_description()->add_input() =
      pipeline.pipeline().models(1).description().input(2);
  return pipeline;
}

inline absl::StatusOr<Model> Open(const schema::Model& model) {
  return Model::FromBytes(model.SerializeAsString(), "made");
}

inline absl::StatusOr<TensorMap> RunModel(const schema::Model& made, const TensorMap& inputs) {
  auto model = Open(made);
  if (!model.ok()) return model.status();
  auto predictor = Predictor::Create(*model, {.threads = 1});
  if (!predictor.ok()) return predictor.status();
  return predictor->Run(inputs);
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_PIPELINE_MODELS_H_
