// SPDX-License-Identifier: Apache-2.0
// Small networks made by hand, run through the whole engine.
#ifndef NBITS_TESTS_ENGINE_NETWORK_H_
#define NBITS_TESTS_ENGINE_NETWORK_H_

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "nbits/engine.h"
#include "nbits/model.h"
#include "proto/model.pb.h"

namespace nbits::testing {

// A neuralNetwork whose array shapes are taken as they are (specification version 5). Every layer
// added reads the blobs named and writes "out" unless it is told otherwise.
class TestNetwork {
 public:
  TestNetwork() {
    model_.set_specificationversion(5);
    network().set_arrayinputshapemapping(schema::EXACT_ARRAY_MAPPING);
    network().set_imageinputshapemapping(schema::RANK4_IMAGE_MAPPING);
  }

  schema::Model& model() { return model_; }
  schema::NeuralNetwork& network() { return *model_.mutable_neuralnetwork(); }

  // As networks up to version 3 have it: every tensor has five axes.
  TestNetwork& UseRank5() {
    model_.set_specificationversion(3);
    network().set_arrayinputshapemapping(schema::RANK5_ARRAY_MAPPING);
    network().set_imageinputshapemapping(schema::RANK5_IMAGE_MAPPING);
    return *this;
  }

  TestNetwork& Input(const std::string& name, const Shape& shape) {
    auto* feature = model_.mutable_description()->add_input();
    feature->set_name(name);
    auto* array = feature->mutable_type()->mutable_multiarraytype();
    for (int64_t extent : shape) array->add_shape(extent);
    array->set_datatype(schema::ArrayFeatureType::FLOAT32);
    return *this;
  }

  TestNetwork& Output(const std::string& name) {
    auto* feature = model_.mutable_description()->add_output();
    feature->set_name(name);
    feature->mutable_type()->mutable_multiarraytype()->set_datatype(
        schema::ArrayFeatureType::FLOAT32);
    return *this;
  }

  schema::NeuralNetworkLayer& Layer(std::initializer_list<const char*> inputs = {"in"},
                                    std::initializer_list<const char*> outputs = {"out"}) {
    auto* layer = network().add_layers();
    layer->set_name("layer" + std::to_string(network().layers_size()));
    for (const char* input : inputs) layer->add_input(input);
    for (const char* output : outputs) layer->add_output(output);
    return *layer;
  }

  absl::StatusOr<Model> Build() const {
    return Model::FromBytes(model_.SerializeAsString(), "test.mlmodel");
  }

  absl::StatusOr<TensorMap> Run(const TensorMap& inputs, const EngineOptions& options = {}) const {
    absl::StatusOr<Model> built = Build();
    if (!built.ok()) return built.status();
    std::map<std::string, Shape> shapes;
    for (const auto& [name, tensor] : inputs) shapes[name] = tensor.shape;
    absl::StatusOr<Engine> engine = Engine::Create(*built, options, shapes);
    if (!engine.ok()) return engine.status();
    return engine->Run(inputs);
  }

 private:
  schema::Model model_;
};

// 1, 2, 3, ... in the given shape.
inline Tensor Counting(const Shape& shape) {
  Tensor tensor{shape, {}};
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  for (int64_t i = 0; i < count; ++i) tensor.values.push_back(static_cast<float>(i + 1));
  return tensor;
}

inline void Fill(schema::WeightParams* params, const std::vector<float>& values) {
  params->mutable_floatvalue()->Assign(values.begin(), values.end());
}

template <typename Repeated>
void Set(Repeated* field, std::initializer_list<int64_t> values) {
  field->Clear();
  for (int64_t value : values) field->Add(value);
}

// Runs the network on these inputs, whose shapes it takes; fails the test when it cannot.
inline TensorMap EvaluateAll(TestNetwork& network, const TensorMap& inputs,
                             std::initializer_list<const char*> outputs = {"out"}) {
  for (const auto& [name, tensor] : inputs) network.Input(name, tensor.shape);
  for (const char* output : outputs) network.Output(output);
  const auto result = network.Run(inputs);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : TensorMap{};
}

inline Tensor Evaluate(TestNetwork& network, const Tensor& input) {
  return EvaluateAll(network, {{"in", input}})["out"];
}
inline Tensor Evaluate(TestNetwork& network, const Tensor& a, const Tensor& b) {
  return EvaluateAll(network, {{"a", a}, {"b", b}})["out"];
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_ENGINE_NETWORK_H_
