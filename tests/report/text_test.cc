// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "nbits/report.h"
#include "results/verdict.h"
#include "tests/report/sample_results.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(ResultsCsv, QuotesAndLeavesMissingValuesEmpty) {
  const auto lines = Lines(ResultsToCsv(SampleResults()));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], StartsWith("name,file,is_original,bits,mode,bytes,load_ms,median_ms,"));
  EXPECT_THAT(lines[1], StartsWith("original,\"a,b.mlmodel\",true,32,float32,8600000,12.5,150.25,"
                                   "148,3,120000000,1,,0.71,"));
  EXPECT_THAT(lines[2], StartsWith("broken?[2J,broken.mlmodel,false,,,2150000,,,,,,"));
  EXPECT_THAT(lines[2], ::testing::EndsWith(",the file is truncated"));
}

TEST(ResultsCsv, DoublesQuotationMarks) {
  Results results = SampleResults();
  results.variants[1].name = "a \"b\"\nc";
  EXPECT_THAT(ResultsToCsv(results), HasSubstr("\"a \"\"b\"\"?c\",broken.mlmodel"));
}

TEST(ResultsTable, ShowsFiguresAndLeavesEmptyColumnsOut) {
  const std::string table = ResultsTable(SampleResults(), {});
  EXPECT_THAT(table, HasSubstr("8.60 MB"));
  EXPECT_THAT(table, HasSubstr("150.2 ms"));
  EXPECT_THAT(table, HasSubstr("120 MB"));
  EXPECT_THAT(table, HasSubstr("71.00 %"));
  EXPECT_THAT(table, HasSubstr("failed: the file is truncated"));
  EXPECT_THAT(table, Not(HasSubstr("PSNR")));
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
}

// C0, C1, and what turns the direction of writing around, in every form.
TEST(ResultsForms, NothingSteersATerminal) {
  Results results = SampleResults();
  results.variants[1].error.reset();
  results.variants[1].name =
      "a\x1b[31m\xc2\x9b"
      "2J\xe2\x80\xae\xe2\x81\xa6z";
  results.variants[1].metrics.agreement = 1;
  results.variants[0].metrics.miou = results.variants[1].metrics.miou = 0.05;
  results.truth = "masks";
  results.proposed_mask_map = "0=1\x1b[2J";
  results.verdict = MakeVerdict(results, std::nullopt);
  EXPECT_THAT(VerdictText(results), HasSubstr("0=1?[2J"));
  for (const std::string& text :
       {ResultsTable(results, {}), ResultsToCsv(results), ResultsToMarkdown(results),
        VerdictText(results), ResultsToJson(results)}) {
    for (const char* steering : {"\x1b", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6"}) {
      EXPECT_THAT(text, Not(HasSubstr(steering)));
    }
  }
  const auto again = ResultsFromJson(ResultsToJson(results));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->variants[1].name, results.variants[1].name);
}

TEST(ResultsTable, TheMeasureOfTheVerdictHasItsInterval) {
  Results results = SampleResults();
  results.variants[1] = results.variants[0];
  VariantResult& variant = results.variants[1];
  variant.is_original = false;
  variant.bytes = 1000;
  variant.intervals = {{"miou", {-0.012, 0.004}}, {"agreement", {-0.3, -0.2}}};
  results.verdict = MakeVerdict(results, std::nullopt);
  const std::string table = ResultsTable(results, {});
  EXPECT_THAT(table, HasSubstr("at 95 %"));
  EXPECT_THAT(table, HasSubstr("(-1.20 to +0.40)"));
  EXPECT_THAT(table, Not(HasSubstr("-30")));
}

TEST(ResultsTable, NamesBlankMasksAndValuesThatAreNoNumbers) {
  Results results = SampleResults();
  results.variants[0].blank_masks = 6;
  results.variants[0].nonfinite_values = 1;
  const std::string table = ResultsTable(results, {});
  EXPECT_THAT(table, HasSubstr("    blank masks on 6 pictures\n"));
  EXPECT_THAT(table, HasSubstr("    NaN or infinite: 1 value of its outputs\n"));
}

TEST(ResultsTable, BarsAreProportionalToBytes) {
  const auto lines = Lines(ResultsTable(SampleResults(), {}));
  const auto blocks = [](const std::string& line) {
    size_t count = 0;
    for (size_t at = 0; (at = line.find("\u2588", at)) != std::string::npos; at += 3) ++count;
    return count;
  };
  EXPECT_EQ(blocks(lines[1]), 12u);
  EXPECT_EQ(blocks(lines[2]), 3u);  // A quarter of the bytes.
}

TEST(ResultsTable, NumbersAreRightAligned) {
  Results results = SampleResults();
  results.variants[1].median_ms = 7;
  const auto lines = Lines(ResultsTable(results, {}));
  // The bars have the same number of characters' width, not of bytes.
  const auto column = [](const std::string& line, const std::string& text) {
    const size_t end = line.find(text) + text.size();
    return std::count_if(line.begin(), line.begin() + static_cast<long>(end),
                         [](char c) { return (c & 0xc0) != 0x80; });
  };
  EXPECT_EQ(column(lines[1], "150.2 ms"), column(lines[2], "7.0 ms"));
}

TEST(ResultsTable, ColoursOnlyWhenAsked) {
  const std::string table = ResultsTable(SampleResults(), {.color = true});
  EXPECT_THAT(table, HasSubstr("\x1b[31m"));
  EXPECT_THAT(table, Not(HasSubstr("\x1b[2J")));
}

}  // namespace
}  // namespace nbits
