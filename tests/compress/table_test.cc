// SPDX-License-Identifier: Apache-2.0
// Lookup tables of the caller's: from text, by layer, from a function.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "nbits/compress.h"
#include "tests/compress/network_builder.h"

namespace nbits {
namespace {

using absl::StatusCode::kInvalidArgument;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<NamedTable> Parsed(const std::string& text) {
  auto tables = ParseTables(text);
  EXPECT_TRUE(tables.ok()) << text << tables.status();
  return tables.ok() ? *std::move(tables) : std::vector<NamedTable>();
}

TEST(ParseTables, OneForAll) {
  for (const char* text :
       {"[-1, 0, 2.5]", " [ -1,0 , 2.5e0 ]\n", "-1,0,2.5", "-1\n0\r\n2.5\n", "-1, 0,\n\n2.5,,\n"}) {
    const auto tables = Parsed(text);
    ASSERT_EQ(tables.size(), 1u) << text;
    EXPECT_EQ(tables[0].pattern, "*");
    EXPECT_THAT(tables[0].table, ElementsAre(-1, 0, 2.5f)) << text;
  }
}

TEST(ParseTables, OneForEachLayer) {
  for (const char* text : {R"({"a": [1], "b,\"c\"": [2, 3]})", "a,1\n\"b,\"\"c\"\"\",2,3\n"}) {
    const auto tables = Parsed(text);
    ASSERT_EQ(tables.size(), 2u) << text;
    EXPECT_EQ(tables[0].pattern, "a");
    EXPECT_THAT(tables[0].table, ElementsAre(1));
    EXPECT_EQ(tables[1].pattern, "b,\"c\"");
    EXPECT_THAT(tables[1].table, ElementsAre(2, 3));
  }
}

TEST(ParseTables, RefusesWhatIsNone) {
  std::string most = "0";
  for (int i = 1; i < 256; ++i) most.append(",").append(std::to_string(i));
  EXPECT_EQ(Parsed(most)[0].table.size(), 256u);
  for (const std::string& text :
       {std::string(), std::string("\n \n"), std::string("{}"), std::string("[]"),
        std::string("[1, \"2\"]"), std::string("[1, [2]]"), std::string("{\"a\": 1}"),
        std::string("{\"a\": []}"), std::string("[1e60]"), std::string("[1"), std::string("a"),
        std::string("a,b"), std::string("1,two"), std::string("1,nan"), std::string("a,1\n2,3"),
        most + ",256"}) {
    EXPECT_EQ(ParseTables(text).status().code(), kInvalidArgument) << text;
  }
  EXPECT_THAT(std::string(ParseTables("a,1\nb,x").status().message()), HasSubstr("line 2"));
}

Model TwoConvolutions() {
  schema::Model file = EmptyModel({"y"});
  AddConvolution(*file.mutable_neuralnetwork(), "x", "a", 1, 4, {0, 1, 2, 10});
  AddConvolution(*file.mutable_neuralnetwork(), "a", "y", 1, 4, {0, 1, 2, 10});
  return Opened(file);
}

TEST(CustomTables, ByLayerInAsFewBitsAsTheyNeed) {
  Model model = TwoConvolutions();
  const auto report = Compress(
      model,
      {.mode = Mode::kCustomLut, .bits = 0, .tables = {{"*", {0, 9}}, {"y_conv", {9, 0, 2}}}});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->changed[0].bits, 1);
  EXPECT_EQ(report->changed[1].bits, 2);
  EXPECT_THAT(WeightValues(model, "a_conv", "weights"), ElementsAre(0, 0, 0, 9));
  const Values values = WeightValues(model, "y_conv", "weights");
  EXPECT_EQ(values[0], 0);
  EXPECT_THAT(values[1], ::testing::AnyOf(0, 2));  // As far from both.
  EXPECT_THAT(Values(values.begin() + 2, values.end()), ElementsAre(2, 9));
  EXPECT_THAT(report->findings, ::testing::IsEmpty());  // What was left over does not count.
}

TEST(CustomTables, TooManyEntriesForTheBits) {
  Model model = TwoConvolutions();
  const auto report =
      Compress(model, {.mode = Mode::kCustomLut, .bits = 1, .tables = {{"*", {1, 2, 3}}}});
  EXPECT_EQ(report.status().code(), kInvalidArgument);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("a_conv/weights"));
}

TEST(CustomTables, LayersWithoutATableStay) {
  Model model = TwoConvolutions();
  const auto report =
      Compress(model, {.mode = Mode::kCustomLut, .bits = 0, .tables = {{"a_conv", {0, 9}}}});
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->kept.size(), 1u);
  EXPECT_EQ(report->kept[0].reason, "no table for it");
}

TEST(CustomTables, FromAFunction) {
  Model model = TwoConvolutions();
  const TableFunction function = [](const WeightRef& weight, std::span<const float> values,
                                    int bits) -> absl::StatusOr<CustomTable> {
    EXPECT_EQ(values.size(), 4u);
    EXPECT_EQ(bits, 2);
    if (weight.layer == "a_conv") return CustomTable{{5, 6}, {}};
    return CustomTable{{1, 2, 3}, {2, 0, 1, 0}};
  };
  const auto report =
      Compress(model, {.mode = Mode::kCustomLut, .bits = 2, .table_function = function});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(WeightValues(model, "a_conv", "weights"), ElementsAre(5, 5, 5, 6));
  EXPECT_THAT(WeightValues(model, "y_conv", "weights"), ElementsAre(3, 1, 2, 1));
}

TEST(CustomTables, WhatAFunctionMayNotReturn) {
  for (const CustomTable& table :
       {CustomTable{{}, {}}, CustomTable{{1, 2, 3}, {}}, CustomTable{{1, 2}, {0, 1}},
        CustomTable{{1, 2}, {0, 1, 2, 0}}}) {
    Model model = TwoConvolutions();
    const auto report = Compress(model, {.mode = Mode::kCustomLut,
                                         .bits = 1,
                                         .table_function = [&table](auto&&...) { return table; }});
    EXPECT_EQ(report.status().code(), kInvalidArgument);
  }
  Model model = TwoConvolutions();
  const TableFunction fails = [](auto&&...) { return absl::AbortedError("no idea"); };
  const auto report =
      Compress(model, {.mode = Mode::kCustomLut, .bits = 1, .table_function = fails});
  EXPECT_EQ(report.status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("_conv/weights: no idea"));
}

}  // namespace
}  // namespace nbits
