// A guard against regressions: sizes and errors of every corpus model x mode x bits against
// sizes_and_errors.csv, which an earlier build wrote. NBITS_WRITE_SIZES=1 writes it anew
// (scripts/measure-errors).
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
#include "nbits/compress.h"

namespace nbits {
namespace {

constexpr char kCsv[] = NBITS_SOURCE_DIR "/tests/compress/sizes_and_errors.csv";
constexpr char kHeader[] = "model,policy,mode,bits,bytes,weights,squared_error";
// Sums run in another order on another number of cores.
constexpr double kTolerance = 1e-6;

std::filesystem::path Corpus() {
  const char* shared = std::getenv("NBITS_SHARED");
  const std::filesystem::path folder = shared != nullptr ? shared : NBITS_SOURCE_DIR "/../shared";
  return folder / "corpus" / "models";
}

struct Row {
  std::string model, mode;
  int bits = 0;
  int64_t bytes = 0, weights = 0;
  double squared_error = 0;

  std::string Text() const {
    return absl::StrFormat("%s,coremltools,%s,%d,%d,%d,%.9g", model, mode, bits, bytes, weights,
                           squared_error);
  }
};

// Quantizes `row`'s model as it says and sets what came out.
absl::Status Measure(Row& row) {
  auto model = Model::Open((Corpus() / (row.model + ".mlmodel")).string());
  if (!model.ok()) return model.status();
  CompressOptions options;
  options.policy = Policy::kCoremltools;
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

std::vector<Row> AllRows() {
  std::vector<std::string> models;
  for (const auto& entry : std::filesystem::directory_iterator(Corpus())) {
    if (entry.path().extension() == ".mlmodel") models.push_back(entry.path().stem().string());
  }
  std::sort(models.begin(), models.end());
  std::vector<Row> rows;
  for (const std::string& model : models) {
    rows.push_back({model, "float16", 16});
    rows.push_back({model, "linear_symmetric", 8});
    for (const char* mode : {"linear", "linear_lut", "kmeans_lut"}) {
      for (int bits = 8; bits >= 1; --bits) rows.push_back({model, mode, bits});
    }
  }
  return rows;
}

void WriteCsv() {
  std::ofstream file(kCsv);
  file << kHeader << "\n";
  for (Row row : AllRows()) {
    const absl::Status status = Measure(row);
    ASSERT_TRUE(status.ok()) << status;
    if (row.weights > 0) file << row.Text() << "\n";  // Others hold nothing that is quantized.
  }
}

Row ParseRow(const std::string& line) {
  const std::vector<std::string> cells = absl::StrSplit(line, ',');
  if (cells.size() != 7) return {};
  return {
      cells[0],           cells[2], std::stoi(cells[3]), std::stoll(cells[4]), std::stoll(cells[5]),
      std::stod(cells[6])};
}

TEST(SizesAndErrors, AreWhatTheyWere) {
  if (!std::filesystem::exists(Corpus())) GTEST_SKIP() << Corpus() << " is not there";
  if (std::getenv("NBITS_WRITE_SIZES") != nullptr) return WriteCsv();
  std::ifstream file(kCsv);
  std::string line;
  ASSERT_TRUE(std::getline(file, line) && line == kHeader);
  int rows = 0;
  for (; std::getline(file, line); ++rows) {
    SCOPED_TRACE(line);
    const Row expected = ParseRow(line);
    Row row = expected;
    const absl::Status status = Measure(row);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(row.bytes, expected.bytes);
    EXPECT_EQ(row.weights, expected.weights);
    EXPECT_NEAR(row.squared_error, expected.squared_error, kTolerance * expected.squared_error);
  }
  EXPECT_GT(rows, 100);
}

}  // namespace
}  // namespace nbits
