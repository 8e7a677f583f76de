// SPDX-License-Identifier: Apache-2.0
// Small models built by hand, for what no real file shows.
#ifndef NBITS_TESTS_COREML_HANDMADE_H_
#define NBITS_TESTS_COREML_HANDMADE_H_

#include <string>

#include "formats/neural_network/wire/wire_reader.h"
#include "proto/model.pb.h"

namespace nbits::testing {

inline void SetFloats(schema::WeightParams& weight, int count, float value = 1.0f) {
  for (int i = 0; i < count; ++i) weight.add_floatvalue(value + static_cast<float>(i));
}

inline schema::NeuralNetworkLayer& AddLayer(schema::Model& model, const std::string& name,
                                            const std::string& input, const std::string& output) {
  auto& layer = *model.mutable_neuralnetwork()->add_layers();
  layer.set_name(name);
  layer.add_input(input);
  layer.add_output(output);
  return layer;
}

// [out, in] with values 1, 2, 3 ... and a bias of `out` values.
inline schema::InnerProductLayerParams& AddInnerProduct(schema::Model& model,
                                                        const std::string& name,
                                                        const std::string& input,
                                                        const std::string& output, int out,
                                                        int in) {
  auto& params = *AddLayer(model, name, input, output).mutable_innerproduct();
  params.set_outputchannels(out);
  params.set_inputchannels(in);
  params.set_hasbias(true);
  SetFloats(*params.mutable_weights(), out * in);
  SetFloats(*params.mutable_bias(), out);
  return params;
}

// A model of one output "y" and no layers yet.
inline schema::Model EmptyNetwork() {
  schema::Model model;
  model.set_specificationversion(1);
  model.mutable_description()->add_output()->set_name("y");
  model.mutable_neuralnetwork();
  return model;
}

// A field that the schema does not know, as bytes to append to a message.
inline std::string UnknownField(uint32_t number, const std::string& content) {
  std::string field;
  AppendTag(number, WireType::kLengthDelimited, field);
  AppendVarint(content.size(), field);
  return field + content;
}

// `message` with `field` added behind its own fields, as a writer of a later format would.
template <typename Message>
void AddUnknown(Message& message, const std::string& field) {
  const std::string bytes = message.SerializeAsString() + field;
  message.ParseFromString(bytes);
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_COREML_HANDMADE_H_
