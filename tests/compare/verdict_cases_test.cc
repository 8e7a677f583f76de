// SPDX-License-Identifier: Apache-2.0
// The cases that the page's tests read too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files/file.h"
#include "nbits/results.h"
#include "results/change.h"
#include "results/results_to_json.h"
#include "results/verdict.h"
#include "results/words.h"

namespace nbits {
namespace {

Json Cases() {
  const auto text = ReadFile(NBITS_SOURCE_DIR "/tests/compare/verdict_cases.json");
  EXPECT_TRUE(text.ok()) << text.status();
  return Json::parse(text.value_or("[]"));
}

// A whole document of what a case says.
Results ResultsOf(const Json& example) {
  Results results;
  results.task = example["task"];
  Json document = Json::parse(ResultsToJson(results));
  for (const Json& row : example["variants"]) {
    Results one;
    one.variants.resize(1);
    Json whole = Json::parse(ResultsToJson(one))["variants"][0];
    whole.merge_patch(row);
    // merge_patch takes what is null for what is to go.
    if (row.contains("intervals")) whole["intervals"] = row["intervals"];
    whole["is_original"] = document["variants"].empty();
    document["variants"].push_back(whole);
  }
  for (int i = 0; i < example["pictures"]; ++i) {
    Results one;
    one.variants.resize(document["variants"].size());
    one.pictures.resize(1);
    one.pictures[0].outputs.resize(one.variants.size());
    document["pictures"].push_back(Json::parse(ResultsToJson(one))["pictures"][0]);
  }
  if (example.contains("truth_pictures")) {
    document["model"]["truth"] = "masks";
    document["model"]["truth_pictures"] = example["truth_pictures"];
  }
  const auto read = ResultsFromJson(document.dump());
  EXPECT_TRUE(read.ok()) << read.status();
  return read.value_or(Results{});
}

Json CaseNameOf(const Results& results, const std::optional<int>& index) {
  if (!index) return nullptr;
  return results.variants[static_cast<size_t>(*index)].name;
}

void ExpectVerdict(const Json& expected, const Results& results, const Verdict& verdict) {
  EXPECT_EQ(CaseNameOf(results, verdict.recommended), expected["recommended"]);
  EXPECT_EQ(CaseNameOf(results, verdict.smallest), expected["smallest"]);
  EXPECT_EQ(CaseNameOf(results, verdict.closest), expected["closest"]);
  Json standings = Json::array();
  for (Standing each : verdict.standings) standings.push_back(StandingName(each));
  EXPECT_EQ(standings, expected["standings"]);
  if (expected.contains("pictures_needed")) {
    EXPECT_EQ(verdict.pictures_needed, expected["pictures_needed"].get<int64_t>());
  }
}

TEST(VerdictCases, AreDecidedAndSaidAsWritten) {
  const Json cases = Cases();
  ASSERT_GT(cases.size(), 10u);
  for (const Json& example : cases) {
    SCOPED_TRACE(example["name"].get<std::string>());
    const Results results = ResultsOf(example);
    std::optional<double> allowed;
    if (example.contains("allowed_loss")) allowed = example["allowed_loss"].get<double>();
    const auto verdict = MakeVerdict(results, allowed);
    const Json& expected = example["expected"];
    ASSERT_EQ(verdict.has_value(), expected.contains("standings"));
    if (verdict) ExpectVerdict(expected, results, *verdict);
    const auto words = VerdictSentences(results, verdict);
    for (size_t i = 0; expected.contains("words") && i < expected["words"].size(); ++i) {
      ASSERT_LT(i, words.size());
      EXPECT_EQ(words[i], expected["words"][i].get<std::string>());
    }
  }
}

// What the page offers to choose from is decided by the same rule.
TEST(VerdictCases, TheDocumentHoldsTheVerdictOfEachAllowedLoss) {
  Results results = ResultsOf(Cases()[0]);
  results.verdict = MakeVerdict(results, std::nullopt);
  const Json document = Json::parse(ResultsToJson(results));
  const Json& choices = document["verdict"]["choices"];
  ASSERT_EQ(choices.size(), 6u);
  for (const Json& choice : choices) {
    const auto verdict = MakeVerdict(results, choice["allowed_loss"].get<double>());
    EXPECT_EQ(choice["words"].get<std::vector<std::string>>(), VerdictSentences(results, verdict));
  }
  EXPECT_EQ(document["verdict"]["words"], choices[2]["words"]);
  EXPECT_EQ(choices[2]["limit"], "mIoU at most 0.5 points below the original");
}

}  // namespace
}  // namespace nbits
