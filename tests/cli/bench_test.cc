// SPDX-License-Identifier: Apache-2.0
// nbits bench: what it prints, and wrong usage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/crafted_model.h"
#include "tests/cli/program.h"

namespace nbits::cli {
namespace {

using ::testing::HasSubstr;

class BenchCommand : public ::testing::Test {
 protected:
  BenchCommand() { WriteFile(model_, ImageModel().SerializeAsString()); }

  TestFolder folder_;
  const std::string model_ = folder_ / "image.mlmodel";
};

TEST_F(BenchCommand, PrintsTimesAndMemory) {
  const ProgramResult result = RunProgram({"bench", model_, "--runs", "3", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  const auto json = nlohmann::json::parse(result.standard_output);
  EXPECT_EQ(json["runs"], 3);
  EXPECT_GT(json["load_ms"].get<double>(), 0);
  EXPECT_GT(json["first_ms"].get<double>(), 0);
  EXPECT_GT(json["min_ms"].get<double>(), 0);
  EXPECT_GE(json["median_ms"].get<double>(), json["min_ms"].get<double>());
  EXPECT_GE(json["spread_ms"].get<double>(), 0);  // The interquartile range, as in results.json.
  EXPECT_LE(json["spread_ms"].get<double>(),
            json["times_ms"].back().get<double>() - json["times_ms"].front().get<double>());
  EXPECT_GE(json["threads"], 1);  // Those in use, though none were asked for.
  // A process takes a few MB; this one has next to nothing to hold.
  EXPECT_GT(json["peak_memory_bytes"].get<int64_t>(), 1 << 20);
  EXPECT_LT(json["peak_memory_bytes"].get<int64_t>(), 1 << 28);
}

TEST_F(BenchCommand, TakesEveryWayToCompute) {
  const ProgramResult result =
      RunProgram({"bench", model_, "--runs", "1", "--threads", "1", "--compute", "int8", "--memory",
                  "lean", "--activations", "float16", "--memory-budget", "1000000"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  for (const char* row : {"load", "first", "median", "min", "spread   ", "memory", "threads"}) {
    EXPECT_THAT(result.standard_output, HasSubstr(row));
  }
  EXPECT_THAT(result.standard_output, HasSubstr("unknown (one run only)"));
}

TEST_F(BenchCommand, UnknownChoicesAreWrongUsage) {
  EXPECT_EQ(RunProgram({"bench", model_, "--compute", "int9"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"bench", model_, "--memory", "fat"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"bench", model_, "--runs", "0"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"bench", model_, "--memory-budget", "-1"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"bench", model_, "--activations", "float8"}).exit_code, 2);
}

TEST_F(BenchCommand, NamesAFileThatIsNoModel) {
  WriteFile(model_, "not a model");
  const ProgramResult result = RunProgram({"bench", model_});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.standard_error, HasSubstr(model_));
}

}  // namespace
}  // namespace nbits::cli
