// SPDX-License-Identifier: Apache-2.0
// Every case of fixtures/*.json: one operation, its arguments, and what NumPy computed
// (make_fixtures.py).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nbits/engine.h"
#include "tests/mlprogram/program_builder.h"

namespace nbits {
namespace {

using Json = nlohmann::json;

Shape ShapeFrom(const Json& json) { return json.at("shape").get<Shape>(); }

Tensor TensorFrom(const Json& json) {
  return {ShapeFrom(json), json.at("values").get<std::vector<float>>()};
}

mil::Value ValueFrom(const Json& json) {
  const std::string kind = json.at("kind");
  const Shape shape = ShapeFrom(json);
  const auto numbers = json.at("values").get<std::vector<double>>();
  if (kind == "ints") return IntegersValue({numbers.begin(), numbers.end()}, shape);
  if (kind == "bools") return FlagsValue({numbers.begin(), numbers.end()}, shape);
  return FloatsValue({numbers.begin(), numbers.end()}, shape);
}

// Floats of one axis or more are constants of the program, as writers have them; the rest is
// written where it is used.
void AddArgument(const std::string& name, const Json& json, ProgramBuilder& program,
                 mil::Operation& operation) {
  OperationBuilder builder(operation);
  if (json.contains("input")) {
    builder.In(name, json.at("input").get<std::string>());
  } else if (json.contains("text")) {
    builder.In(name, TextValueOf(json.at("text").get<std::string>()));
  } else if (json.contains("many")) {
    for (const Json& each : json.at("many")) AddArgument(name, each, program, operation);
  } else if (json.at("kind") == "floats" && !ShapeFrom(json).empty()) {
    program.Constant(name + "_constant", ValueFrom(json), ShapeFrom(json));
    builder.In(name, name + "_constant");
  } else {
    builder.In(name, ValueFrom(json));
  }
}

absl::StatusOr<TensorMap> RunCase(const Json& test) {
  ProgramBuilder program(test.at("opset").get<int>());
  TensorMap inputs;
  for (const auto& [name, value] : test.at("inputs").items()) {
    inputs[name] = TensorFrom(value);
    program.Input(name, inputs[name].shape);
  }
  mil::Operation operation;
  operation.set_type(test.at("op").get<std::string>());
  for (const auto& [name, value] : test.at("arguments").items()) {
    AddArgument(name, value, program, operation);
  }
  *program.block().add_operations() = operation;
  OperationBuilder builder(*program.block().mutable_operations()->rbegin());
  const bool integers = test.at("integers").get<bool>();
  int count = 0;
  for (const Json& output : test.at("outputs")) {
    const std::string name = absl::StrCat("out", count++);
    builder.Out(name, ShapeFrom(output), integers ? mil::INT32 : mil::FLOAT32);
    program.Output(name);
  }
  auto model = program.Build();
  if (!model.ok()) return model.status();
  auto engine = Engine::Create(*model);
  if (!engine.ok()) return engine.status();
  return engine->Run(inputs);
}

void ExpectNear(const Tensor& actual, const Tensor& expected, double tolerance) {
  ASSERT_EQ(actual.shape, expected.shape);
  double largest = 1;
  for (const float value : expected.values) largest = std::max(largest, std::abs(double{value}));
  for (size_t i = 0; i < expected.values.size(); ++i) {
    ASSERT_NEAR(actual.values[i], expected.values[i], tolerance * largest) << "value " << i;
  }
}

class OperationCases : public ::testing::TestWithParam<std::string> {};

TEST_P(OperationCases, AreAsNumPyComputesThem) {
  std::ifstream file(std::string(NBITS_SOURCE_DIR "/tests/mlprogram/fixtures/") + GetParam() +
                     ".json");
  const Json cases = Json::parse(file, nullptr, false);
  ASSERT_TRUE(cases.is_array());
  for (const Json& test : cases) {
    SCOPED_TRACE(test.at("name").get<std::string>());
    const auto outputs = RunCase(test);
    if (!outputs.ok()) {
      ADD_FAILURE() << outputs.status();
      continue;
    }
    int count = 0;
    for (const Json& expected : test.at("outputs")) {
      const auto found = outputs->find(absl::StrCat("out", count++));
      ASSERT_NE(found, outputs->end());
      ExpectNear(found->second, TensorFrom(expected), test.at("tolerance").get<double>());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, OperationCases,
                         ::testing::Values("elementwise", "window", "tensor", "model"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace nbits
