// SPDX-License-Identifier: Apache-2.0
// Plans as text: what was planned comes back, and gives the same bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "nbits/compress.h"
#include "tests/compress/network_builder.h"
#include "tests/support/left_out.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using absl::StatusCode::kInvalidArgument;
using ::testing::HasSubstr;

std::string Saved(const Model& model) {
  const TestFolder folder;
  const std::string path = folder / "saved.mlmodel";
  EXPECT_TRUE(model.Save(path).ok());
  return *ReadFile(path);
}

// Convolution, batch normalisation, inner product: something to fold, and three types of weights.
schema::Model Network() {
  schema::Model file = EmptyModel({"y"});
  schema::NeuralNetwork& network = *file.mutable_neuralnetwork();
  AddConvolution(network, "x", "c", 2, 3, {1, -2, 3, 4, 5.5f, 6});
  AddBatchnorm(network, "c", "b", {1, 2, 3}, {1, 2, 3}, {0, 0.5f, 0}, {1, 4, 9});
  AddConvolution(network, "b", "y", 3, 2, {0.1f, 0.2f, -0.3f, 0.4f, 0.5f, 0.6f});
  return file;
}

// Prepares, saves and reads the plan, and applies it to the model opened anew.
void ExpectSameBytes(const CompressOptions& options, const std::function<Model()>& open) {
  Model first = open();
  const auto plan = Prepare(first, options);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_TRUE(ApplyPlan(first, *plan).ok());
  const std::string text = PlanToJson(*plan);
  const auto read = PlanFromJson(text);
  ASSERT_TRUE(read.ok()) << read.status() << text;
  EXPECT_EQ(PlanToJson(*read), text);
  Model second = open();
  ASSERT_TRUE(PrepareFor(*read, second).ok());
  ASSERT_TRUE(ApplyPlan(second, *read).ok());
  EXPECT_TRUE(Saved(first) == Saved(second));
}

std::vector<CompressOptions> Variants() {
  return {{.bits = 4},
          {.bits = 3, .range = Range::kMeanSquaredError},
          {.mode = Mode::kLinearSymmetric, .bits = 2, .fold = Folding::kNever},
          {.mode = Mode::kKMeansLut, .bits = 2},
          {.mode = Mode::kFloat16, .bits = 16},
          {.bits = 8, .policy = Policy::kCoremltools, .on_overflow = Overflow::kClamp},
          {.mode = Mode::kLinearLut, .bits = 1, .on_overflow = Overflow::kKeepFloat},
          {.mode = Mode::kFloat32}};
}

TEST(PlanJson, GivesTheSameBytes) {
  for (const CompressOptions& options : Variants()) {
    ExpectSameBytes(options, [] { return Opened(Network()); });
  }
}

// Tables are Float32: none of their digits may be lost.
TEST(PlanJson, TablesComeBackToTheBit) {
  const CompressOptions options{
      .mode = Mode::kCustomLut, .bits = 0, .tables = {{"*", {0.1f, 1.0f / 3, -1e-38f, 3e38f}}}};
  ExpectSameBytes(options, [] { return Opened(Network()); });
  Model model = Opened(Network());
  const auto plan = Prepare(model, options);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(PlanFromJson(PlanToJson(*plan))->entries[0].table, plan->entries[0].table);
}

TEST(PlanJson, GivesTheSameBytesOfRealModels) {
  NBITS_NEEDS_CORPUS();
  for (const char* name : {"SINet", "Es2EnCharEncoder"}) {
    const std::string file = CorpusModel(name).string();
    for (const CompressOptions& options : Variants()) {
      ExpectSameBytes(options, [&file] { return *Model::Open(file); });
    }
  }
}

TEST(PlanJson, HoldsNamesOfAnyBytes) {
  Plan plan;
  plan.fold.skip = {"a\"b\n", "\xc3\xa4"};
  plan.entries.push_back({.path = "\xe5\xb1\x82 \"1\"/weights", .keep = false});
  const auto read = PlanFromJson(PlanToJson(plan));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->fold.skip, plan.fold.skip);
  EXPECT_EQ(read->entries[0].path, plan.entries[0].path);
}

std::string WithWeight(const std::string& weight) {
  return absl::StrCat(R"({"nbits_plan": 1, "fold": "none", "weights": [)", weight, "]}");
}

TEST(PlanFromJson, RefusesWhatIsNoPlan) {
  EXPECT_TRUE(PlanFromJson(WithWeight(R"({"path": "a", "mode": "linear", "bits": 4})")).ok());
  const std::vector<std::string> wrong = {
      "",
      "null",
      "[]",
      "{}",
      "{\"nbits_plan\": 1",
      R"({"nbits_plan": "1", "fold": "none", "weights": []})",
      R"({"nbits_plan": 2, "fold": "none", "weights": []})",
      R"({"nbits_plan": 1, "weights": []})",
      R"({"nbits_plan": 1, "fold": 3, "weights": []})",
      R"({"nbits_plan": 1, "fold": "none"})",
      R"({"nbits_plan": 1, "fold": "none", "weights": {}})",
      R"({"nbits_plan": 1, "fold": "none", "unfolded": "a", "weights": []})",
      R"({"nbits_plan": 1, "fold": "none", "unfolded": [1], "weights": []})",
      R"({"nbits_plan": 1, "fold": "none", "on_overflow": "wrap", "weights": []})",
      WithWeight("1"),
      WithWeight("{}"),
      WithWeight(R"({"path": 1, "keep": ""})"),
      WithWeight(R"({"path": "a"})"),
      WithWeight(R"({"path": "a", "mode": "best", "bits": 4})"),
      WithWeight(R"({"path": "a", "mode": "linear", "bits": 9})"),
      WithWeight(R"({"path": "a", "mode": "linear", "bits": 4.5})"),
      WithWeight(R"({"path": "a", "mode": "linear", "bits": 99999999999999999999})"),
      WithWeight(R"({"path": "a", "mode": "linear", "bits": 4, "range": "best"})"),
      WithWeight(R"({"path": "a", "mode": "custom_lut", "bits": 1, "table": []})"),
      WithWeight(R"({"path": "a", "mode": "custom_lut", "bits": 1, "table": [1, 2, 3]})"),
      WithWeight(R"({"path": "a", "mode": "custom_lut", "bits": 1, "table": [1, 1e99]})"),
      WithWeight(R"({"path": "a", "mode": "custom_lut", "bits": 1, "table": ["1"]})")};
  for (const std::string& text : wrong) {
    const auto plan = PlanFromJson(text);
    EXPECT_EQ(plan.status().code(), kInvalidArgument) << text;
  }
  EXPECT_THAT(std::string(PlanFromJson(wrong.back()).status().message()), HasSubstr("table of a"));
}

// A table function stays with its caller.
TEST(PlanFromJson, APlanWithoutItsTableFunctionIsAnError) {
  const std::string text =
      WithWeight(R"({"path": "y_conv/weights", "mode": "custom_lut", "bits": 1})");
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "y", 1, 2, {1, 2});
  Model model = Opened(file);
  const auto report = ApplyPlan(model, *PlanFromJson(text));
  EXPECT_EQ(report.status().code(), kInvalidArgument);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("no table"));
}

}  // namespace
}  // namespace nbits
