// SPDX-License-Identifier: Apache-2.0
// A guard against regressions: sizes and errors of every corpus model, and of one that lies here, x
// policy x mode x bits against sizes_and_errors.csv, which an earlier build wrote.
// NBITS_WRITE_SIZES=1 writes it anew (scripts/measure-errors).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/threads/parallel.h"
#include "nbits/compress.h"
#include "tests/compress/made_model.h"
#include "tests/support/left_out.h"

namespace nbits {
namespace {

constexpr char kCsv[] = NBITS_SOURCE_DIR "/tests/compress/sizes_and_errors.csv";
constexpr char kHeader[] = "model,policy,mode,bits,bytes,weights,squared_error";
constexpr char kCoremltools[] = "coremltools", kBulk[] = "bulk";
// Of the nine digits in the file. Neither the number of cores nor the build changes any of them.
constexpr double kErrorTolerance = 1e-8;

struct Row {
  std::string model, policy, mode;
  int bits = 0;
  int64_t bytes = 0, weights = 0;
  double squared_error = 0;

  std::string Text() const {
    return absl::StrFormat("%s,%s,%s,%d,%d,%d,%.9g", model, policy, mode, bits, bytes, weights,
                           squared_error);
  }
};

// Quantizes `row`'s model as it says and sets what came out.
absl::Status Measure(Row& row) {
  auto model = Model::Open(ModelFile(row.model));
  if (!model.ok()) return model.status();
  CompressOptions options;
  options.policy = row.policy == kCoremltools ? Policy::kCoremltools : Policy::kBulk;
  options.mode = *ParseMode(row.mode);
  options.bits = row.bits;
  const auto report = Compress(*model, options);
  if (!report.ok()) return report.status();
  row.bytes = model->SerializedSize();
  row.weights = static_cast<int64_t>(report->changed.size());
  row.squared_error = 0;
  for (const WeightReport& weight : report->changed) row.squared_error += weight.squared_error;
  return absl::OkStatus();
}

std::vector<std::string> Models() {
  std::vector<std::string> models = {kMade};
  for (const auto& entry : std::filesystem::directory_iterator(CorpusModels())) {
    if (entry.path().extension() == ".mlmodel") models.push_back(entry.path().stem().string());
  }
  std::sort(models.begin(), models.end());
  return models;
}

std::vector<Row> AllRows(const char* policy) {
  std::vector<Row> rows;
  for (const std::string& model : Models()) {
    rows.push_back({model, policy, "float16", 16});
    for (const char* mode : {"linear_symmetric", "linear", "linear_lut", "kmeans_lut"}) {
      // coremltools knows symmetric ranges in 8 bits only.
      const bool only_8 = policy == kCoremltools && mode == std::string("linear_symmetric");
      for (int bits = 8; bits >= (only_8 ? 8 : 1); --bits) {
        rows.push_back({model, policy, mode, bits});
      }
    }
  }
  return rows;
}

// Side by side: the tensors are so small that threads within one would mostly wait.
std::vector<absl::Status> MeasureAll(std::vector<Row>& rows) {
  std::vector<absl::Status> statuses(rows.size());
  ParallelFor(static_cast<int64_t>(rows.size()),
              [&](int64_t i) { statuses[i] = Measure(rows[i]); });
  return statuses;
}

void WriteCsv() {
  std::ofstream file(kCsv);
  file << kHeader << "\n";
  for (const char* policy : {kCoremltools, kBulk}) {
    std::vector<Row> rows = AllRows(policy);
    for (const absl::Status& status : MeasureAll(rows)) ASSERT_TRUE(status.ok()) << status;
    for (const Row& row : rows) {
      if (row.weights > 0) file << row.Text() << "\n";  // Others hold nothing that is quantized.
    }
  }
}

Row ParseRow(const std::string& line) {
  const std::vector<std::string> cells = absl::StrSplit(line, ',');
  if (cells.size() != 7) return {};
  return {cells[0],
          cells[1],
          cells[2],
          std::stoi(cells[3]),
          std::stoll(cells[4]),
          std::stoll(cells[5]),
          std::stod(cells[6])};
}

// The rows of `policy` in the file for the model that lies here, or for those of the corpus.
std::vector<Row> StoredRows(const std::string& policy, bool made) {
  std::ifstream file(kCsv);
  std::string line;
  std::vector<Row> rows;
  if (!std::getline(file, line) || line != kHeader) return rows;
  while (std::getline(file, line)) {
    Row row = ParseRow(line);
    if (row.policy == policy && (row.model == kMade) == made) rows.push_back(std::move(row));
  }
  return rows;
}

void CompareRows(const std::vector<Row>& expected, size_t least) {
  EXPECT_GE(expected.size(), least);
  std::vector<Row> rows = expected;
  const std::vector<absl::Status> statuses = MeasureAll(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(expected[i].Text());
    ASSERT_TRUE(statuses[i].ok()) << statuses[i];
    EXPECT_EQ(rows[i].bytes, expected[i].bytes);
    EXPECT_EQ(rows[i].weights, expected[i].weights);
    EXPECT_NEAR(rows[i].squared_error, expected[i].squared_error,
                kErrorTolerance * expected[i].squared_error);
  }
}

TEST(SizesAndErrors, OfCoremltoolsAreWhatTheyWere) {
  if (std::getenv("NBITS_WRITE_SIZES") != nullptr) return WriteCsv();
  NBITS_NEEDS_CORPUS();
  CompareRows(StoredRows(kCoremltools, /*made=*/false), 100);
}

TEST(SizesAndErrors, OfTheDefaultAreWhatTheyWere) {
  if (std::getenv("NBITS_WRITE_SIZES") != nullptr) return;  // The test above writes all rows.
  NBITS_NEEDS_CORPUS();
  CompareRows(StoredRows(kBulk, /*made=*/false), 100);
}

TEST(SizesAndErrors, OfTheModelThatLiesHereAreWhatTheyWere) {
  if (std::getenv("NBITS_WRITE_SIZES") != nullptr) return;
  CompareRows(StoredRows(kCoremltools, /*made=*/true), 26);
  CompareRows(StoredRows(kBulk, /*made=*/true), 33);
}

}  // namespace
}  // namespace nbits
