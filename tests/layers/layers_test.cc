// SPDX-License-Identifier: Apache-2.0
// Every case of tests/layers/fixtures: a model made by coremltools, run by the plain kernels and by
// those that the engine chooses, against what a slow reference expects (make_fixtures.py).
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "nbits/engine.h"
#include "tests/layers/fixtures.h"

namespace nbits {
namespace {

using testing::LayerCase;

class LayersTest : public ::testing::TestWithParam<LayerCase> {};

void ExpectClose(const Tensor& actual, const Tensor& expected, double tolerance) {
  ASSERT_EQ(actual.shape, expected.shape);
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_NEAR(actual.values[i], expected.values[i],
                tolerance * (1 + std::abs(expected.values[i])))
        << "value " << i;
  }
}

TEST_P(LayersTest, GivesWhatTheReferenceExpects) {
  const LayerCase& example = GetParam();
  const auto model = Model::FromBytes(example.model, example.name + ".mlmodel");
  ASSERT_TRUE(model.ok()) << model.status();
  std::map<std::string, Shape> shapes;
  for (const auto& [name, tensor] : example.inputs) shapes[name] = tensor.shape;
  for (bool plain : {true, false}) {
    SCOPED_TRACE(plain ? "plain kernels" : "fast kernels");
    const auto engine = Engine::Create(*model, {.threads = 1, .plain = plain}, shapes);
    ASSERT_TRUE(engine.ok()) << engine.status();
    const auto outputs = engine->Run(example.inputs);
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    ASSERT_EQ(outputs->size(), example.outputs.size());
    for (const auto& [name, expected] : example.outputs) {
      SCOPED_TRACE(name);
      ExpectClose(outputs->at(name), expected, example.tolerance);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, LayersTest, ::testing::ValuesIn(testing::AllLayerCases()),
                         [](const auto& example) { return testing::TestName(example.param); });

}  // namespace
}  // namespace nbits
