// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/files/file.h"
#include "nbits/report.h"
#include "report/report_template.h"
#include "tests/report/sample_results.h"
#include "tests/support/left_out.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPage[] =
    "<html><script id=\"nbits-results\" type=\"application/json\">{\"nbits\":\"results\"}</script>"
    "</html>";

class FillReportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ + "/pictures/0");
    for (const char* name : {"image.jpg", "truth.png", "0.png"}) {
      ASSERT_TRUE(WriteFileAtomically(folder_ + "/pictures/0/" + name, "abc").ok());
    }
  }
  const TestFolder temporary_;
  const std::string folder_ = temporary_.path().string();
};

TEST_F(FillReportTest, HoldsTheDocumentWithItsPictures) {
  const auto page = FillReport(kPage, SampleResults(), folder_);
  ASSERT_TRUE(page.ok()) << page.status();
  const size_t begin = page->find("json\">") + 6;
  const auto document =
      nlohmann::json::parse(page->substr(begin, page->rfind("</script>") - begin));
  EXPECT_EQ(document["model"]["name"], SampleResults().model_name);
  EXPECT_EQ(document["pictures"][0]["image"], "data:image/jpeg;base64,YWJj");
  EXPECT_EQ(document["pictures"][0]["ground_truth"], "data:image/png;base64,YWJj");
  EXPECT_EQ(document["pictures"][0]["outputs"][0]["ids"], "data:image/png;base64,YWJj");
  EXPECT_TRUE(document["pictures"][0]["outputs"][1]["ids"].is_null());
}

TEST_F(FillReportTest, NoNameEndsTheScript) {
  const auto page = FillReport(kPage, SampleResults(), folder_);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->find("</script"), page->rfind("</script"));
  EXPECT_THAT(*page, Not(HasSubstr("<!--")));
  EXPECT_THAT(*page, Not(HasSubstr("<script>alert")));
}

TEST_F(FillReportTest, MissingPictureIsAnErrorThatNamesIt) {
  std::filesystem::remove(folder_ + "/pictures/0/truth.png");
  const auto page = FillReport(kPage, SampleResults(), folder_);
  EXPECT_THAT(std::string(page.status().message()), HasSubstr("truth.png"));
}

TEST_F(FillReportTest, ThePageHasExactlyOnePlace) {
  EXPECT_FALSE(FillReport("<html></html>", SampleResults(), folder_).ok());
  EXPECT_FALSE(FillReport(std::string(kPage) + kPage, SampleResults(), folder_).ok());
}

TEST_F(FillReportTest, WritesAllThreeFormsWithTheProgramsOwnPage) {
  if (ReportTemplate().empty()) NBITS_LEAVE_OUT("the program was built without npm");
  const absl::Status status = WriteReports(SampleResults(), folder_);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(ResultsFromJson(*ReadFile(folder_ + "/results.json")).ok());
  EXPECT_THAT(*ReadFile(folder_ + "/results.csv"), HasSubstr("original"));
  const std::string page = *ReadFile(folder_ + "/report.html");
  EXPECT_GT(page.size(), ReportTemplate().size());
  EXPECT_THAT(page, HasSubstr("data:image/jpeg;base64,YWJj"));
}

}  // namespace
}  // namespace nbits
