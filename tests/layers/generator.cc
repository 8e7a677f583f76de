// SPDX-License-Identifier: Apache-2.0
#include "tests/layers/generator.h"

#include <algorithm>
#include <map>
#include <random>
#include <span>

#include "absl/strings/str_cat.h"
#include "formats/neural_network/wire/wire_reader.h"
#include "proto/model.pb.h"
#include "tests/layers/fixtures.h"
#include "tests/layers/odd_message.h"

namespace nbits::testing {
namespace {

using schema::NeuralNetworkLayer;
using Layers = google::protobuf::RepeatedPtrField<NeuralNetworkLayer>;

constexpr int kHighestRank = 6, kMostInputs = 3;
constexpr int kVariants = 2;  // Of plausible parameters, and of odd ones.

// A layer as a converter writes it, and those of its inputs that come from outside.
struct Sample {
  NeuralNetworkLayer layer;
  TensorMap inputs;
};
using Samples = std::multimap<int, Sample>;  // By the number of the layer's type.

void Collect(const Layers& layers, const TensorMap& inputs, Samples& samples) {
  for (const NeuralNetworkLayer& layer : layers) {
    samples.insert({layer.layer_case(), {layer, inputs}});
    if (layer.has_branch()) {
      Collect(layer.branch().ifbranch().layers(), inputs, samples);
      Collect(layer.branch().elsebranch().layers(), inputs, samples);
    }
    if (layer.has_loop()) {
      Collect(layer.loop().conditionnetwork().layers(), inputs, samples);
      Collect(layer.loop().bodynetwork().layers(), inputs, samples);
    }
  }
}

const Samples& AllSamples() {
  static const Samples* all = [] {
    auto* samples = new Samples;
    for (const LayerCase& example : AllLayerCases()) {
      schema::Model model;
      if (model.ParseFromString(example.model)) {
        Collect(model.neuralnetwork().layers(), example.inputs, *samples);
      }
    }
    return samples;
  }();
  return *all;
}

// A layer of the type without parameters.
NeuralNetworkLayer EmptyLayer(uint32_t type) {
  std::string bytes;
  AppendTag(type, WireType::kLengthDelimited, bytes);
  AppendVarint(0, bytes);
  NeuralNetworkLayer layer;
  layer.ParseFromString(bytes);
  return layer;
}

std::vector<Sample> SamplesOf(uint32_t type) {
  std::vector<Sample> samples;
  const auto [begin, end] = AllSamples().equal_range(static_cast<int>(type));
  for (auto sample = begin; sample != end; ++sample) samples.push_back(sample->second);
  if (samples.empty()) samples.push_back({EmptyLayer(type), {}});
  return samples;
}

// The layer with odd parameters in place of its own.
NeuralNetworkLayer WithOddParameters(const NeuralNetworkLayer& layer, const SchemaField& type,
                                     std::minstd_rand& random) {
  const std::string bytes = layer.SerializeAsString();
  WireReader reader(std::as_bytes(std::span(bytes)));
  std::string result;
  WireField field;
  while (!reader.done() && reader.Next(field).ok()) {
    const auto* begin = reinterpret_cast<const char*>(field.bytes.data());
    if (field.number != type.number) {
      result.append(begin, field.bytes.size());
      continue;
    }
    const auto* payload = reinterpret_cast<const char*>(field.payload.data());
    const std::string odd = MakeOdd(type.type, {payload, field.payload.size()}, random);
    AppendTag(type.number, WireType::kLengthDelimited, result);
    AppendVarint(odd.size(), result);
    result += odd;
  }
  NeuralNetworkLayer changed;
  changed.ParseFromString(result);
  return changed;
}

// `shape` without its first axes, or with more of them in front.
Shape WithRank(Shape shape, size_t rank) {
  while (shape.size() > rank) shape.erase(shape.begin());
  while (shape.size() < rank) shape.insert(shape.begin(), shape.size() % 2 == 0 ? 2 : 1);
  return shape;
}

// Values that serve as numbers, indices and extents.
Tensor MakeTensor(const Shape& shape, int input) {
  Tensor tensor{shape, {}};
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t step = input == 0 ? i * 7 % 23 - 9 : i * 3 % 5;
    tensor.values.push_back(static_cast<float>(step) * (input == 0 ? 0.25f : 1));
  }
  return tensor;
}

Tensor InputTensor(const Sample& sample, const std::string& blob, size_t rank, int input) {
  const auto known = sample.inputs.find(blob);
  if (known == sample.inputs.end()) return MakeTensor(WithRank({2, 1, 3, 4, 5}, rank), input);
  if (known->second.shape.size() == rank) return known->second;
  return MakeTensor(WithRank(known->second.shape, rank), input);
}

void AddFeature(google::protobuf::RepeatedPtrField<schema::FeatureDescription>& features,
                const std::string& name, const Shape& shape) {
  schema::FeatureDescription& feature = *features.Add();
  feature.set_name(name);
  auto& array = *feature.mutable_type()->mutable_multiarraytype();
  array.set_datatype(schema::ArrayFeatureType::FLOAT32);
  for (int64_t extent : shape) array.add_shape(extent);
}

// The sample's layer with as many inputs as asked for, of one rank.
GeneratedModel MakeModel(std::string name, const Sample& sample, int rank, int inputs) {
  GeneratedModel generated{std::move(name), {}, {}};
  schema::Model model;
  model.set_specificationversion(5);
  model.mutable_neuralnetwork()->set_arrayinputshapemapping(schema::EXACT_ARRAY_MAPPING);
  NeuralNetworkLayer& layer = *model.mutable_neuralnetwork()->add_layers();
  layer = sample.layer;
  layer.set_name(kGeneratedLayer);
  while (layer.input_size() > inputs) layer.mutable_input()->RemoveLast();
  while (layer.input_size() < inputs) layer.add_input(absl::StrCat("more", layer.input_size()));
  if (layer.output().empty()) layer.add_output("result");
  for (int i = 0; i < inputs; ++i) {
    const std::string& blob = layer.input(i);
    if (!generated.inputs.emplace(blob, InputTensor(sample, blob, rank, i)).second) continue;
    AddFeature(*model.mutable_description()->mutable_input(), blob,
               generated.inputs.at(blob).shape);
  }
  for (const std::string& blob : layer.output()) {
    AddFeature(*model.mutable_description()->mutable_output(), blob, {});
  }
  generated.model = model.SerializeAsString();
  return generated;
}

bool Fits(const Sample& sample, int rank, int inputs) {
  if (sample.layer.input_size() != inputs) return false;
  const auto first = sample.inputs.find(sample.layer.input(0));
  return first == sample.inputs.end() || std::ssize(first->second.shape) == rank;
}

// One of the samples; if there are some of this rank and number of inputs and `fitting`, of these.
const Sample& Choose(const std::vector<Sample>& samples, int rank, int inputs, bool fitting,
                     std::minstd_rand& random) {
  std::vector<const Sample*> candidates;
  for (const Sample& sample : samples) {
    if (fitting && Fits(sample, rank, inputs)) candidates.push_back(&sample);
  }
  if (candidates.empty()) return samples[random() % samples.size()];
  return *candidates[random() % candidates.size()];
}

}  // namespace

std::vector<GeneratedModel> GenerateModels(const SchemaField& layer) {
  const std::vector<Sample> samples = SamplesOf(layer.number);
  std::minstd_rand random(layer.number);
  std::vector<GeneratedModel> models;
  for (int rank = 1; rank <= kHighestRank; ++rank) {
    for (int inputs = 1; inputs <= kMostInputs; ++inputs) {
      const std::string place = absl::StrCat("rank ", rank, ", ", inputs, " inputs, ");
      const auto add = [&](const std::string& parameters, const Sample& sample) {
        models.push_back(MakeModel(absl::StrCat(place, parameters), sample, rank, inputs));
      };
      add("no parameters", {EmptyLayer(layer.number), {}});
      for (int variant = 0; variant < kVariants; ++variant) {
        const Sample& sample = Choose(samples, rank, inputs, variant == 0, random);
        add(absl::StrCat("plausible parameters ", variant), sample);
        add(absl::StrCat("odd parameters ", variant),
            {WithOddParameters(sample.layer, layer, random), sample.inputs});
      }
    }
  }
  return models;
}

}  // namespace nbits::testing
