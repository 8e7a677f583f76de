// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "nbits/report.h"
#include "tests/report/sample_results.h"

namespace nbits {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(ResultsJson, RoundTripKeepsEveryField) {
  const std::string text = ResultsToJson(SampleResults());
  const auto again = ResultsFromJson(text);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ResultsToJson(*again), text);
  EXPECT_EQ(again->variants[0].times_ms, SampleResults().variants[0].times_ms);
  EXPECT_EQ(again->variants[1].error, "the file is truncated");
  EXPECT_EQ(again->pictures[0].height, 257);
  EXPECT_EQ(again->pictures[0].outputs[0].points->y, (std::vector<double>{0.25, 0.75}));
  EXPECT_FALSE(again->pictures[0].outputs[1].points.has_value());
  EXPECT_EQ(again->variants[0].metrics.class_iou, SampleResults().variants[0].metrics.class_iou);
}

TEST(ResultsJson, IsTheDocumentedDocument) {
  const json document = json::parse(ResultsToJson(SampleResults()));
  EXPECT_EQ(document["format"], "nbits-results");
  EXPECT_EQ(document["version"], 1);
  EXPECT_EQ(document["machine"]["cores"], 4);
  EXPECT_EQ(document["model"]["labels"][0], "background");
  EXPECT_EQ(document["noise_floor"]["time_ratio_spread"], 0.03);
  EXPECT_EQ(document["variants"][0]["metrics"]["miou"], 0.71);
  EXPECT_TRUE(document["variants"][0]["metrics"]["top1"].is_null());
  EXPECT_TRUE(document["variants"][1]["bits"].is_null());
  EXPECT_EQ(document["pictures"][0]["outputs"][0]["top"][0]["label"], "tench");
  EXPECT_TRUE(document["pictures"][0]["outputs"][1]["ids"].is_null());
  EXPECT_EQ(document["skipped"][0]["reason"], "not a JPEG");
}

TEST(ResultsJson, InfiniteValuesAndInvalidUtf8AreWritable) {
  Results results = SampleResults();
  results.variants[0].metrics.snr_db = INFINITY;
  results.variants[0].name = "\xff\xfe";
  const auto again = ResultsFromJson(ResultsToJson(results));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->variants[0].metrics.snr_db.has_value());
}

// Replaces what `pointer` names in the sample document and reads that.
absl::Status ReadChanged(const char* pointer, const json& value) {
  json document = json::parse(ResultsToJson(SampleResults()));
  document[json::json_pointer(pointer)] = value;
  return ResultsFromJson(document.dump()).status();
}

TEST(ResultsJson, WrongDocumentsAreNamedErrors) {
  EXPECT_FALSE(ResultsFromJson("").ok());
  EXPECT_FALSE(ResultsFromJson("[]").ok());
  EXPECT_FALSE(ResultsFromJson("{\"format\":").ok());
  EXPECT_THAT(std::string(ReadChanged("/version", 2).message()), HasSubstr("version 2"));
  EXPECT_THAT(std::string(ReadChanged("/variants", 7).message()), HasSubstr("'variants'"));
  EXPECT_THAT(std::string(ReadChanged("/variants/0/bytes", -1).message()), HasSubstr("'bytes'"));
  EXPECT_THAT(std::string(ReadChanged("/variants/0/bytes", 1e300).message()), HasSubstr("'bytes'"));
  EXPECT_THAT(std::string(ReadChanged("/machine/cores", 1e12).message()), HasSubstr("'cores'"));
  EXPECT_THAT(std::string(ReadChanged("/model/labels", {1}).message()), HasSubstr("'labels'"));
  EXPECT_THAT(
      std::string(ReadChanged("/pictures/0/outputs/0/points/x", json::array({1})).message()),
      HasSubstr("'points'"));
  EXPECT_THAT(std::string(ReadChanged("/pictures/0/outputs", json::array()).message()),
              HasSubstr("'outputs'"));
  EXPECT_THAT(std::string(ReadChanged("/model", nullptr).message()), HasSubstr("'name'"));
}

TEST(ResultsJson, PathsStayInTheFolder) {
  for (const char* path : {"/etc/passwd", "../secret.png", "pictures/../../x.png", "", "a\\b"}) {
    EXPECT_FALSE(ReadChanged("/pictures/0/image", path).ok()) << path;
  }
  EXPECT_TRUE(ReadChanged("/pictures/0/image", "pictures/..0/x.png").ok());
}

}  // namespace
}  // namespace nbits
