// SPDX-License-Identifier: Apache-2.0
// From the command line of nbits quantize to options of the library.
#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/option_values.h"
#include "cli/quantize/quantize_arguments.h"
#include "formats/neural_network/package.h"

namespace nbits::cli {
namespace {

namespace fs = std::filesystem;

bool HasRules(const QuantizeArguments& arguments) {
  return !arguments.layers.empty() || !arguments.types.empty();
}

// Bits and mode of what no rule names.
void SetFormat(const QuantizeArguments& arguments, CompressOptions& options) {
  const auto& bits = arguments.bits;
  if (arguments.mode == "dequantize") {
    if (bits) WrongUsage("--bits has no meaning for --mode dequantize");
    options.mode = Mode::kFloat32;
    return;
  }
  const bool is_half = arguments.mode == "float16";
  if (is_half || bits == 16) {
    if (is_half && bits.value_or(16) != 16) WrongUsage("--mode float16 has 16 bits");
    if (!is_half && arguments.mode != "linear")
      WrongUsage("16 bits are Float16 and take no --mode");
    options.mode = Mode::kFloat16;
    options.bits = 16;
    return;
  }
  options.mode = *ParseMode(arguments.mode);
  options.bits = bits.value_or(options.mode == Mode::kCustomLut ? 0 : 8);
  if (bits || options.mode == Mode::kCustomLut) return;
  if (!HasRules(arguments)) WrongUsage("--bits is required (1 to 8, or 16)");
  options.only_rules = true;
}

// The mode of BITS:MODE may be in capitals or cut short, as that of --mode.
std::string WithWholeMode(const std::string& rule, std::string text) {
  absl::AsciiStrToLower(&text);
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return text;
  std::string mode = text.substr(colon + 1);
  const std::string wrong =
      WordOf({"linear", "linear_symmetric", "linear_lut", "kmeans_lut", "custom_lut"})(mode);
  if (!wrong.empty()) WrongUsage(absl::StrCat(rule, ": ", wrong));
  return absl::StrCat(text.substr(0, colon + 1), mode);
}

WeightFormat FormatOf(const std::string& rule, const std::string& text, Mode mode) {
  const bool is_float = mode == Mode::kFloat32 || mode == Mode::kFloat16;
  const auto format = ParseWeightFormat(WithWholeMode(rule, text), is_float ? Mode::kLinear : mode);
  if (!format.ok()) WrongUsage(absl::StrCat(rule, ": ", std::string(format.status().message())));
  return *format;
}

// "conv1=8:linear" into both parts; names may hold "=", formats do not.
std::pair<std::string, WeightFormat> Rule(const char* option, const std::string& text, Mode mode) {
  const size_t equals = text.rfind('=');
  const std::string rule = absl::StrCat(option, " ", text);
  if (equals == std::string::npos || equals == 0) {
    WrongUsage(absl::StrCat(rule, ": NAME=FORMAT was expected, like conv1=8:linear"));
  }
  return {text.substr(0, equals), FormatOf(rule, text.substr(equals + 1), mode)};
}

void SetRules(const QuantizeArguments& arguments, CompressOptions& options) {
  for (const std::string& text : arguments.layers) {
    auto [pattern, format] = Rule("--layer", text, options.mode);
    options.layers.push_back({std::move(pattern), format});
  }
  for (const std::string& text : arguments.types) {
    options.types.push_back(Rule("--type", text, options.mode));
  }
}

bool UsesTables(const CompressOptions& options) {
  bool uses = options.mode == Mode::kCustomLut;
  for (const auto& rule : options.types) uses |= rule.second.mode == Mode::kCustomLut;
  for (const NamedFormat& rule : options.layers) uses |= rule.format.mode == Mode::kCustomLut;
  return uses;
}

absl::Status SetTables(const QuantizeArguments& arguments, CompressOptions& options) {
  const bool uses = UsesTables(options);
  if (uses && arguments.table.empty()) WrongUsage("custom_lut needs --table FILE");
  if (!uses && !arguments.table.empty()) WrongUsage("--table is for --mode custom_lut");
  if (arguments.table.empty()) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(const std::string text, ReadFile(arguments.table));
  auto tables = ParseTables(text);
  if (!tables.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(arguments.table, ": ", tables.status().message()));
  }
  options.tables = *std::move(tables);
  return absl::OkStatus();
}

// The path as one would compare it; the file need not be there.
fs::path Canonical(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? fs::path(path) : canonical;
}

// A device, a FIFO or what standard output leads to: no file that has a name to be chosen.
bool IsStream(const std::string& path) {
  std::error_code error;
  return fs::is_other(path, error) || path.rfind("/dev/std", 0) == 0 ||
         path.rfind("/dev/fd/", 0) == 0;
}

// Whether `name` has an ending of letters, which says what is meant; "DeepLab-v1.2" has none.
bool HasEnding(const fs::path& name) {
  const std::string ending = name.extension().string();
  return ending.size() > 1 && absl::ascii_isalpha(static_cast<unsigned char>(ending[1]));
}

void CheckFiles(const QuantizeArguments& arguments) {
  const std::string output = OutputPath(arguments);
  if (!absl::EndsWithIgnoreCase(output, ".mlmodel") && !NamesPackage(output) && !IsStream(output)) {
    WrongUsage(
        absl::StrCat("-o ", output, ": a name that ends in .mlmodel or .mlpackage was expected"));
  }
  // Of these, no two may be the same; only the model may be overwritten, by the output.
  std::vector<std::pair<const char*, std::string>> files = {{"--save-plan", arguments.save_plan},
                                                            {"--report", arguments.report}};
  const std::array<std::pair<const char*, std::string>, 4> others = {
      {{"the model", arguments.model},
       {"the output", output},
       {"--plan", arguments.plan},
       {"--table", arguments.table}}};
  files.insert(files.end(), others.begin(), others.end());
  for (size_t i = 0; i < 2; ++i) {
    for (size_t j = i + 1; j < files.size(); ++j) {
      const bool is_there = !files[i].second.empty() && !files[j].second.empty();
      if (!is_there || Canonical(files[i].second) != Canonical(files[j].second)) continue;
      if (IsStream(files[i].second)) continue;  // One after the other.
      WrongUsage(absl::StrCat(files[i].first, " and ", files[j].first, " are the same file, ",
                              files[i].second));
    }
  }
}

std::string Suffix(const QuantizeArguments& arguments) {
  if (!arguments.plan.empty()) return fs::path(arguments.plan).stem().string();
  if (HasRules(arguments)) return "mixed";
  if (arguments.mode == "dequantize") return "float32";
  if (arguments.mode == "float16" || arguments.bits == 16) return "float16";
  if (!arguments.bits) return arguments.mode;
  return absl::StrCat(*arguments.bits, "-", arguments.mode);
}

}  // namespace

void CheckArguments(const QuantizeArguments& arguments) {
  if (!arguments.plan.empty()) {
    for (const CLI::Option* option : arguments.replaced_by_plan) {
      if (option->count() == 0) continue;
      WrongUsage(absl::StrCat("--plan decides everything: ", option->get_name(),
                              " has no place beside it"));
    }
  }
  CheckFiles(arguments);
}

absl::StatusOr<CompressOptions> OptionsOf(const QuantizeArguments& arguments) {
  CompressOptions options;
  options.policy = arguments.policy == "coremltools" ? Policy::kCoremltools : Policy::kBulk;
  options.fold = arguments.no_fold ? Folding::kNever : Folding::kAuto;
  if (arguments.range == "mse") options.range = Range::kMeanSquaredError;
  if (arguments.range == "minmax") options.range = Range::kMinMax;
  if (arguments.rounding == "nearest") options.rounding = Rounding::kNearest;
  if (arguments.rounding == "balanced") options.rounding = Rounding::kBalanced;
  options.on_overflow = arguments.on_overflow == "keep"    ? Overflow::kKeepFloat
                        : arguments.on_overflow == "clamp" ? Overflow::kClamp
                                                           : Overflow::kError;
  options.conditions = arguments.conditions;
  options.keep = arguments.keep;
  SetFormat(arguments, options);
  SetRules(arguments, options);
  NBITS_RETURN_IF_ERROR(SetTables(arguments, options));
  const absl::Status status = CheckOptions(options);
  if (!status.ok()) WrongUsage(std::string(status.message()));
  return options;
}

std::string OutputPath(const QuantizeArguments& arguments) {
  fs::path model = fs::path(arguments.model).lexically_normal();
  if (model.filename().empty()) model = model.parent_path();  // A package, named "x.mlpackage/".
  const char* ending = NamesPackage(arguments.model) ? ".mlpackage" : ".mlmodel";
  const std::string name = absl::StrCat(model.stem().string(), "-", Suffix(arguments), ending);
  if (arguments.output.empty()) return (model.parent_path() / name).string();
  if (NamesPackage(arguments.output)) return arguments.output;
  const fs::path output(arguments.output);
  std::error_code error;
  if (!output.has_filename() || fs::is_directory(output, error)) return (output / name).string();
  const bool is_whole = HasEnding(output) || IsStream(arguments.output);
  return is_whole ? arguments.output : absl::StrCat(arguments.output, ending);
}

}  // namespace nbits::cli
