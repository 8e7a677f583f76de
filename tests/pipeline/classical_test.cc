// SPDX-License-Identifier: Apache-2.0
// Classical models by themselves and in pipelines, against what scikit-learn gave for the same
// inputs, or the format's comments say (fixtures/make_fixtures.py).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "nbits/predictor.h"

namespace nbits {
namespace {

using nlohmann::json;

constexpr char kFolder[] = NBITS_SOURCE_DIR "/tests/pipeline/fixtures/";

json Cases() {
  std::ifstream file(std::string(kFolder) + "cases.json");
  return json::parse(file);
}

FeatureValue InputFrom(const json& value) {
  if (value.is_array()) {
    const auto values = value.get<std::vector<double>>();
    return DoubleArray{{static_cast<int64_t>(values.size())}, values};
  }
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number()) return value.get<double>();
  Dictionary dictionary;
  for (const auto& [key, number] : value.items()) {
    dictionary.entries.emplace_back(key, number.get<double>());
  }
  return dictionary;
}

void ExpectValue(const FeatureValue& found, const json& expected) {
  if (const auto* dictionary = std::get_if<Dictionary>(&found)) {
    ASSERT_EQ(dictionary->entries.size(), expected.size());
    for (const auto& [key, number] : dictionary->entries) {
      EXPECT_NEAR(number, expected.at(key).get<double>(), 1e-12) << key;
    }
  } else if (const auto* tensor = std::get_if<Tensor>(&found)) {  // Rounded to Float32.
    ASSERT_EQ(tensor->values.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_FLOAT_EQ(tensor->values[i], static_cast<float>(expected[i].get<double>()));
    }
  } else if (const auto* number = std::get_if<double>(&found)) {
    EXPECT_NEAR(*number, expected.get<double>(), 1e-12);
  } else if (const auto* integer = std::get_if<int64_t>(&found)) {
    EXPECT_EQ(*integer, expected.get<int64_t>());
  } else {
    EXPECT_EQ(std::get<std::string>(found), expected.get<std::string>());
  }
}

class ClassicalModel : public ::testing::TestWithParam<int> {};

TEST_P(ClassicalModel, GivesWhatScikitLearnDoes) {
  const json test = Cases()[static_cast<size_t>(GetParam())];
  const std::string file = kFolder + test["model"].get<std::string>();
  SCOPED_TRACE(file);
  const auto model = Model::Open(file);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto predictor = Predictor::Create(*model);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  for (size_t i = 0; i < test["inputs"].size(); ++i) {
    FeatureMap inputs;
    for (const auto& [name, value] : test["inputs"][i].items()) inputs[name] = InputFrom(value);
    const auto outputs = predictor->Predict(inputs);
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    ASSERT_EQ(outputs->size(), test["outputs"][i].size());
    for (const auto& [name, value] : test["outputs"][i].items()) {
      SCOPED_TRACE(name);
      ASSERT_TRUE(outputs->contains(name));
      ExpectValue(outputs->at(name), value);
    }
  }
}

// Without a value for what is not in the map: "an error is raised".
TEST(CategoricalMapping, AnUnknownValueIsNamed) {
  auto bytes = [] {
    std::ifstream file(std::string(kFolder) + "mapping_to_number.mlmodel", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  // Field 102, the value for others, a varint: 42 becomes an unknown field of the same length.
  const size_t other = bytes.find(std::string("\xb0\x06\x2a", 3));
  ASSERT_NE(other, std::string::npos);
  bytes.replace(other, 2, std::string("\xb8\x06", 2));
  const auto model = Model::FromBytes(bytes, "mapping");
  ASSERT_TRUE(model.ok()) << model.status();
  const auto predictor = Predictor::Create(*model);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  EXPECT_TRUE(predictor->Predict({{"x", std::string("red")}}).ok());
  const absl::Status unknown = predictor->Predict({{"x", std::string("blue")}}).status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(unknown.message().find("blue"), std::string::npos) << unknown;
}

INSTANTIATE_TEST_SUITE_P(Fixtures, ClassicalModel,
                         ::testing::Range(0, static_cast<int>(Cases().size())),
                         [](const auto& test) {
                           const std::string file =
                               Cases()[static_cast<size_t>(test.param)]["model"];
                           return file.substr(0, file.find('.'));
                         });

}  // namespace
}  // namespace nbits
