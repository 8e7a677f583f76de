// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/comparison.h"
#include "cli/progress.h"
#include "nbits/compress.h"
#include "nbits/model.h"

namespace nbits::cli {
namespace {

constexpr char kSweepDescription[] =
    "Quantize a model in several ways and compare them all with it\n"
    "\n"
    "Every number of bits in every mode with every policy (16 bits, Float16, once). The models "
    "are\n"
    "written to OUTPUT/models.";

struct Combination {
  int bits = 8;
  Mode mode = Mode::kLinear;
  std::string policy = "bulk";
  std::string name;  // "float16", "8-linear", "8-linear-coremltools", ...
};

std::vector<Combination> WithPolicies(const Combination& one,
                                      const std::vector<std::string>& policies) {
  std::vector<Combination> combinations;
  for (const std::string& policy : policies) {
    // What coremltools 7.2 has not.
    if (policy != "bulk" && one.mode == Mode::kLinearSymmetric && one.bits != 8) continue;
    Combination& added = combinations.emplace_back(one);
    added.policy = policy;
    if (policy != "bulk") absl::StrAppend(&added.name, "-", policy);
  }
  return combinations;
}

std::vector<Combination> Combinations(const std::vector<int>& bits,
                                      const std::vector<std::string>& modes,
                                      const std::vector<std::string>& policies) {
  std::vector<Combination> combinations;
  std::set<std::string> taken;
  for (int count : bits) {
    for (const std::string& text : modes) {
      Combination one;
      one.bits = count;
      one.mode = count == 16 ? Mode::kFloat16 : *ParseMode(text);
      one.name = count == 16 ? "float16" : absl::StrCat(count, "-", text);
      for (const Combination& each : WithPolicies(one, policies)) {
        if (taken.insert(each.name).second) combinations.push_back(each);
      }
    }
  }
  return combinations;
}

// Writes one variant; what goes wrong is the variant's error.
absl::Status MakeVariant(const std::string& source, const Combination& combination,
                         const std::string& file) {
  NBITS_ASSIGN_OR_RETURN(Model model, Model::Open(source));
  CompressOptions options;
  options.mode = combination.mode;
  options.bits = combination.bits;
  options.policy = combination.policy == "coremltools" ? Policy::kCoremltools : Policy::kBulk;
  NBITS_ASSIGN_OR_RETURN(const CompressReport report, Compress(model, options));
  if (report.changed.empty()) {
    return absl::FailedPreconditionError(
        "no weight can be quantized (when they are already, restore Float32 first: "
        "nbits quantize --mode dequantize)");
  }
  return model.Save(file);
}

absl::Status MakeVariants(const std::vector<Combination>& combinations, CompareOptions& options) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(options.output) / "models";
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return absl::InternalError(absl::StrCat(folder.string(), ": ", error.message()));
  const std::string stem = fs::path(options.original.file).stem().string();
  Progress progress("Quantizing", static_cast<int64_t>(combinations.size()));
  for (const Combination& combination : combinations) {
    CompareModel& variant = options.variants.emplace_back();
    variant.name = combination.name;
    variant.bits = combination.bits;
    variant.mode = std::string(ModeName(combination.mode));
    variant.policy = combination.policy;
    variant.file = (folder / absl::StrCat(stem, "-", combination.name, ".mlmodel")).string();
    const absl::Status made = MakeVariant(options.original.file, combination, variant.file);
    if (!made.ok()) variant.error = std::string(made.message());
    progress.Advance();
  }
  return absl::OkStatus();
}

}  // namespace

void AddSweepCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("sweep", kSweepDescription);
  static ComparisonArguments arguments;
  static std::vector<int> bits = {16, 8, 6, 4};
  static std::vector<std::string> modes = {"linear", "kmeans_lut"}, policies = {"bulk"};
  command.add_option("MODEL", arguments.options.original.file, "A .mlmodel file")->required();
  command.add_option("-b,--bits", bits, "Bits per weight: 16, 8, 7 ... 1, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember({16, 8, 7, 6, 5, 4, 3, 2, 1}))
      ->capture_default_str();
  command.add_option("-m,--modes", modes, "Modes, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"linear", "linear_symmetric", "linear_lut", "kmeans_lut"}))
      ->capture_default_str();
  command
      .add_option("-p,--policy", policies,
                  "Which weights: kernels only (bulk), all that coremltools takes, or both "
                  "(bulk,coremltools)")
      ->delimiter(',')
      ->check(CLI::IsMember({"bulk", "coremltools"}))
      ->capture_default_str();
  AddComparisonOptions(command, arguments);
  SetAction(command, []() -> absl::Status {
    const std::vector<Combination> combinations = Combinations(bits, modes, policies);
    if (combinations.empty()) {
      throw CLI::ValidationError("sweep", "coremltools has linear_symmetric with 8 bits only");
    }
    // Before hours of work: does the model open at all?
    NBITS_RETURN_IF_ERROR(Model::Open(arguments.options.original.file).status());
    NBITS_RETURN_IF_ERROR(MakeVariants(combinations, arguments.options));
    return RunComparison(arguments);
  });
}

}  // namespace nbits::cli
