// SPDX-License-Identifier: Apache-2.0
// Layers within branches and loops.
#ifndef NBITS_TESTS_ENGINE_NESTED_LAYERS_H_
#define NBITS_TESTS_ENGINE_NESTED_LAYERS_H_

#include <initializer_list>
#include <string>

#include "tests/engine/network.h"

namespace nbits::testing {

inline schema::NeuralNetworkLayer& AddLayer(schema::NeuralNetwork& network,
                                            std::initializer_list<const char*> inputs,
                                            std::initializer_list<const char*> outputs) {
  schema::NeuralNetworkLayer& layer = *network.add_layers();
  layer.set_name("nested" + std::to_string(network.layers_size()));
  for (const char* input : inputs) layer.add_input(input);
  for (const char* output : outputs) layer.add_output(output);
  return layer;
}

// while (x < 10) x = 2 x
inline schema::NeuralNetworkLayer& AddDoubling(TestNetwork& network) {
  network.Layer({"in"}, {"out"}).mutable_copy();
  schema::NeuralNetworkLayer& layer = network.Layer({}, {});
  auto& loop = *layer.mutable_loop();
  loop.set_conditionvar("go");
  AddLayer(*loop.mutable_conditionnetwork(), {"out"}, {"go"}).mutable_lessthan()->set_alpha(10);
  AddLayer(*loop.mutable_bodynetwork(), {"out"}, {"twice"}).mutable_multiply()->set_alpha(2);
  AddLayer(*loop.mutable_bodynetwork(), {"twice"}, {"out"}).mutable_copy();
  return layer;
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_ENGINE_NESTED_LAYERS_H_
