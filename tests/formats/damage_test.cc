// SPDX-License-Identifier: Apache-2.0
// Damaged files: an error or a model, never a crash (the sanitizer build is what gives this teeth).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/files/file.h"
#include "nbits/model.h"
#include "tests/formats/handmade.h"
#include "tests/support/corpus.h"

namespace nbits {
namespace {

// Touches all that a damaged model offers when it opens.
void Exercise(std::string bytes) {
  const int64_t size = static_cast<int64_t>(bytes.size());
  const auto model = Model::FromBytes(std::move(bytes), "damaged");
  if (!model.ok()) {
    EXPECT_FALSE(model.status().message().empty());
    return;
  }
  EXPECT_EQ(model->SerializedSize(), size);
  for (const WeightRef& weight : model->weights()) EXPECT_TRUE(Validate(weight.tensor).ok());
}

// Small enough to be cut at every byte; of several types.
std::vector<std::string> SmallModels() {
  std::vector<std::string> models;
  schema::Model network = testing::EmptyNetwork();
  testing::AddInnerProduct(network, "fc", "x", "y", 2, 3);
  schema::Model pipeline;
  pipeline.set_specificationversion(1);
  *pipeline.mutable_pipelineclassifier()->mutable_pipeline()->add_models() = network;
  models.push_back(pipeline.SerializeAsString());
  const std::string corpus[] = {"Scaler.mlmodel", "TemeraturePredict.mlmodel",
                                "starry_night_640x480_small_a03_q8.mlmodel"};
  for (const std::string& name : corpus) {
    const auto bytes = ReadFile((CorpusModels() / name).string());
    if (bytes.ok()) models.push_back(*bytes);
  }
  return models;
}

TEST(Damage, CutAnywhere) {
  for (const std::string& bytes : SmallModels()) {
    const size_t step = bytes.size() / 1000 + 1;
    for (size_t size = 0; size < bytes.size(); size += step) Exercise(bytes.substr(0, size));
  }
}

TEST(Damage, FlippedBytes) {
  std::mt19937 random(1);
  for (const std::string& bytes : SmallModels()) {
    for (int round = 0; round < 2000; ++round) {
      std::string damaged = bytes;
      for (int i = 0; i < 1 + round % 4; ++i) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      Exercise(std::move(damaged));
    }
  }
}

TEST(Damage, RandomBytes) {
  std::mt19937 random(2);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    Exercise("\x08\x01" + bytes);
  }
}

TEST(Damage, DeepNestingIsAnError) {
  std::string nested;
  for (int i = 0; i < 5000; ++i) {
    nested = testing::UnknownField(202, testing::UnknownField(1, nested));
  }
  EXPECT_FALSE(Model::FromBytes("\x08\x01" + nested, "deep").ok());
}

// So deep that a reader that goes down with it has no stack left.
TEST(Damage, DeepestNestingIsAnErrorAtOnce) {
  std::vector<std::string> headers;
  uint64_t size = 0;
  while (size < (uint64_t{4} << 20)) {
    for (uint32_t field : {1u, 202u}) {
      std::string& header = headers.emplace_back();
      AppendTag(field, WireType::kLengthDelimited, header);
      AppendVarint(size, header);
      size += header.size();
    }
  }
  std::string nested = "\x08\x01";
  for (size_t i = headers.size(); i-- > 0;) nested += headers[i];
  const auto model = Model::FromBytes(nested, "deep");
  EXPECT_THAT(std::string(model.status().message()), ::testing::HasSubstr("nested too deeply"));
}

TEST(Damage, GroupsEndAsTheyBegan) {
  std::string group;
  AppendTag(15, WireType::kGroupBegin, group);
  AppendTag(16, WireType::kGroupEnd, group);
  const auto model = Model::FromBytes(testing::EmptyNetwork().SerializeAsString() + group, "m");
  EXPECT_THAT(std::string(model.status().message()), ::testing::HasSubstr("groups that overlap"));
}

TEST(Damage, GroupsArePreserved) {
  std::string group;
  AppendTag(15, WireType::kGroupBegin, group);
  group += testing::UnknownField(3, "inside");
  AppendTag(15, WireType::kGroupEnd, group);
  Exercise(testing::EmptyNetwork().SerializeAsString() + group);
  std::string open;
  AppendTag(15, WireType::kGroupBegin, open);
  EXPECT_FALSE(Model::FromBytes(testing::EmptyNetwork().SerializeAsString() + open, "m").ok());
}

}  // namespace
}  // namespace nbits
