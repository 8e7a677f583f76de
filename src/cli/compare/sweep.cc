// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/files/file_target.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/compare/comparison.h"
#include "cli/compare/made_models.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "nbits/compress.h"
#include "nbits/model.h"

namespace nbits::cli {
namespace {

constexpr char kSweepDescription[] =
    "Quantize a model in several ways and compare them all with it\n"
    "\n"
    "Every number of bits in every mode with every policy (16 bits, Float16, once). The models "
    "are written to OUTPUT/models.\n"
    "\n"
    "Example:\n"
    "  nbits sweep M.mlmodel --bits 8,6,4 --images pictures -o out";

constexpr char kVariants[] = "Variants";

constexpr char kNothingToDo[] =
    "no weight would change (where they are stored so already, Float32 can be restored first: "
    "nbits quantize --mode dequantize)";

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

// The words of an option that takes several in one value, and may be given again to add some.
using WordLists = std::vector<std::string>;

std::vector<std::string> Words(const WordLists& lists) {
  return absl::StrSplit(absl::StrJoin(lists, ","), ',', absl::SkipEmpty());
}

struct SweepArguments {
  ComparisonArguments comparison;
  WordLists bits = {"16,8,6,4"}, modes = {"linear,kmeans_lut"}, policies = {"bulk"};
};

std::vector<Combination> Combinations(const SweepArguments& arguments) {
  std::vector<Combination> combinations;
  std::set<std::string> taken;
  const std::vector<std::string> modes = Words(arguments.modes);
  const std::vector<std::string> policies = Words(arguments.policies);
  for (const std::string& number : Words(arguments.bits)) {
    const int count = std::stoi(number);
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
  if (report.changed.empty()) return absl::FailedPreconditionError(kNothingToDo);
  return model.Save(file);
}

absl::Status MakeVariants(const std::vector<Combination>& combinations, CompareOptions& options) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(options.output) / "models";
  NBITS_RETURN_IF_ERROR(MakeFolder(folder.string()));
  NBITS_ASSIGN_OR_RETURN(MadeModels made,
                         MadeModels::Read(folder.string(), options.original.file, options.resume));
  const std::string stem = fs::path(options.original.file).stem().string();
  Progress progress("Quantizing", static_cast<int64_t>(combinations.size()));
  for (const Combination& combination : combinations) {
    CompareModel& variant = options.variants.emplace_back();
    variant.name = combination.name;
    variant.bits = combination.bits;
    variant.mode = std::string(ModeName(combination.mode));
    variant.policy = combination.policy;
    variant.file = (folder / absl::StrCat(stem, "-", combination.name, ".mlmodel")).string();
    progress.Advance();
    if (made.Has(combination.name, variant.file)) continue;
    const absl::Status status = MakeVariant(options.original.file, combination, variant.file);
    if (!status.ok()) {
      variant.error = std::string(status.message());
    } else {
      NBITS_RETURN_IF_ERROR(made.Add(combination.name, variant.file));
    }
  }
  return absl::OkStatus();
}

// Variants that would be copies are no failures, and are left out; one line says so for all.
absl::Status LeaveOutCopies(CompareOptions& options) {
  std::vector<std::string> names;
  for (const CompareModel& variant : options.variants) {
    if (variant.error == kNothingToDo) names.push_back(variant.name);
  }
  std::erase_if(options.variants,
                [](const CompareModel& variant) { return variant.error == kNothingToDo; });
  if (names.empty()) return absl::OkStatus();
  if (options.variants.empty()) {
    return InFile(options.original.file, absl::FailedPreconditionError(kNothingToDo));
  }
  std::fprintf(stderr, "nbits: note: left out %s: %s\n", absl::StrJoin(names, ", ").c_str(),
               kNothingToDo);
  return absl::OkStatus();
}

void AddWordLists(CLI::App& command, const char* name, WordLists& target, const char* description,
                  const std::vector<std::string>& words) {
  command.add_option(name, target, description)
      ->type_name("LIST")
      ->allow_extra_args(false)
      ->group(kVariants)
      ->transform(WordsOf(words))
      ->default_str(absl::StrJoin(target, ","));
}

// Given twice, both count.
void SayUnited(const char* option, const WordLists& lists) {
  if (lists.size() < 2) return;
  std::fprintf(stderr, "nbits: note: %s is given %d times; all are taken: %s\n", option,
               static_cast<int>(lists.size()), absl::StrJoin(lists, ",").c_str());
}

}  // namespace

void AddSweepCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("sweep", kSweepDescription);
  static SweepArguments arguments;
  ComparisonArguments& comparison = arguments.comparison;
  command.add_option("MODEL", comparison.options.original.file, "A .mlmodel or .mlpackage")
      ->required();
  AddWordLists(command, "-b,--bits", arguments.bits,
               "Bits per weight, separated by commas: 16, 8, 7, 6, 5, 4, 3, 2 or 1",
               {"16", "8", "7", "6", "5", "4", "3", "2", "1"});
  AddWordLists(command, "-m,--modes", arguments.modes,
               "Modes, separated by commas: linear, linear_symmetric, linear_lut, kmeans_lut",
               {"linear", "linear_symmetric", "linear_lut", "kmeans_lut"});
  AddWordLists(command, "-p,--policy", arguments.policies,
               "Which weights: kernels only (bulk), all that coremltools takes (coremltools), or "
               "both (bulk,coremltools)",
               {"bulk", "coremltools"});
  AddComparisonOptions(command, comparison);
  SetAction(command, [&comparison]() -> absl::Status {
    CheckComparison(comparison);
    const std::vector<Combination> combinations = Combinations(arguments);
    if (combinations.empty()) WrongUsage("coremltools has linear_symmetric with 8 bits only");
    SayUnited("--bits", arguments.bits);
    SayUnited("--modes", arguments.modes);
    NBITS_RETURN_IF_ERROR(BeginComparison(comparison));  // Before hours of work.
    NBITS_RETURN_IF_ERROR(MakeVariants(combinations, comparison.options));
    NBITS_RETURN_IF_ERROR(LeaveOutCopies(comparison.options));
    return RunComparison(comparison);
  });
}

}  // namespace nbits::cli
