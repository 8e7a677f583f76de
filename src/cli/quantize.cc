#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "nbits/compress.h"

namespace nbits::cli {
namespace {

struct Arguments {
  std::string model, output, mode = "linear", policy = "bulk";
  std::optional<int> bits;
  bool json = false, dry_run = false, no_fold = false;
};

constexpr char kDescription[] =
    "Store a model's weights in fewer bits\n"
    "\n"
    "Modes: linear (a scale and offset per channel, from its smallest and largest weight),\n"
    "linear_symmetric (the same around 0; 8 bits only), linear_lut (a table of equal steps per\n"
    "tensor), kmeans_lut (the table with the least squared error), dequantize (Float32 again).\n"
    "16 bits are Float16. Batch normalisation, scale and bias layers are folded into the layer\n"
    "before them first (below 16 bits), as coremltools does.\n"
    "\n"
    "Without -o the result stands beside the model: NAME-8-linear.mlmodel, NAME-float16.mlmodel\n"
    "or NAME-float32.mlmodel; an older result of that name is replaced. The model itself is only\n"
    "overwritten when -o names it.";

[[noreturn]] void WrongUsage(const std::string& message) {
  throw CLI::ValidationError("quantize", message);
}

// The mode and bits asked for, or wrong usage.
CompressOptions OptionsOf(const Arguments& arguments) {
  CompressOptions options;
  if (arguments.no_fold) options.fold = Folding::kNever;
  options.policy = arguments.policy == "coremltools" ? Policy::kCoremltools : Policy::kBulk;
  if (arguments.mode == "dequantize") {
    if (arguments.bits) WrongUsage("--bits has no meaning for --mode dequantize");
    options.mode = Mode::kFloat32;
    return options;
  }
  if (!arguments.bits) WrongUsage("--bits is required (1 to 8, or 16)");
  options.bits = *arguments.bits;
  options.mode = *ParseMode(arguments.mode);
  if (options.bits == 16) {
    if (arguments.mode != "linear") WrongUsage("16 bits are Float16 and take no --mode");
    options.mode = Mode::kFloat16;
  } else if (options.bits < 1 || options.bits > 8) {
    WrongUsage(absl::StrCat("--bits is 1 to 8, or 16, not ", options.bits));
  } else if (options.mode == Mode::kLinearSymmetric && options.bits != 8) {
    WrongUsage("linear_symmetric takes 8 bits only");
  }
  return options;
}

std::string Suffix(const CompressOptions& options) {
  if (options.mode == Mode::kFloat32) return "float32";
  if (options.mode == Mode::kFloat16) return "float16";
  return absl::StrCat(options.bits, "-", ModeName(options.mode));
}

std::string OutputPath(const Arguments& arguments, const CompressOptions& options) {
  if (!arguments.output.empty()) return arguments.output;
  const std::filesystem::path model(arguments.model);
  const std::string name = absl::StrCat(model.stem().string(), "-", Suffix(options), ".mlmodel");
  return (model.parent_path() / name).string();
}

// JSON has no infinity: an exact weight's SNR is null.
nlohmann::json Finite(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

nlohmann::json ToJson(const WeightReport& weight) {
  return {{"path", weight.path},
          {"layer_type", weight.layer_type},
          {"mode", std::string(ModeName(weight.mode))},
          {"bits", weight.bits},
          {"elements", weight.elements},
          {"bytes_before", weight.bytes_before},
          {"bytes_after", weight.bytes_after},
          {"snr_db", Finite(weight.snr_db)},
          {"max_absolute_error", Finite(weight.max_absolute_error)}};
}

void PrintJson(const CompressReport& report, const std::string& model, const std::string& output) {
  nlohmann::json document = {
      {"model", model},
      {"output", output.empty() ? nlohmann::json(nullptr) : nlohmann::json(output)},
      {"bytes_before", report.bytes_before},
      {"bytes_after", report.bytes_after},
      {"folded_layers", report.folded_layers},
      {"changed", nlohmann::json::array()},
      {"kept", nlohmann::json::array()}};
  for (const WeightReport& weight : report.changed) document["changed"].push_back(ToJson(weight));
  for (const PlanEntry& entry : report.kept) {
    document["kept"].push_back({{"path", entry.path}, {"reason", entry.reason}});
  }
  const auto invalid_utf8 = nlohmann::json::error_handler_t::replace;
  std::printf("%s\n", document.dump(1, ' ', false, invalid_utf8).c_str());
}

std::string Decibels(double snr_db) {
  return std::isfinite(snr_db) ? absl::StrFormat("%.1f dB", snr_db) : "exact";
}

void PrintWeights(const CompressReport& report) {
  for (const WeightReport& weight : report.changed) {
    std::printf("%-48s %10lld weights  %2d bits %-16s %s\n", weight.path.c_str(),
                static_cast<long long>(weight.elements), weight.bits,
                std::string(ModeName(weight.mode)).c_str(), Decibels(weight.snr_db).c_str());
  }
  for (const PlanEntry& entry : report.kept) {
    std::printf("%-48s kept: %s\n", entry.path.c_str(), entry.reason.c_str());
  }
}

void PrintSummary(const CompressReport& report, const std::string& output) {
  const double ratio = static_cast<double>(report.bytes_after) /
                       static_cast<double>(std::max<int64_t>(1, report.bytes_before));
  std::string line =
      absl::StrFormat("%s: %d -> %d bytes (%.1f %%), %d weights changed", output,
                      report.bytes_before, report.bytes_after, 100 * ratio, report.changed.size());
  if (!report.kept.empty()) absl::StrAppend(&line, ", ", report.kept.size(), " kept");
  if (report.folded_layers > 0)
    absl::StrAppend(&line, ", ", report.folded_layers, " layers folded");
  if (const int worst = report.WorstWeight(); worst >= 0) {
    const WeightReport& weight = report.changed[static_cast<size_t>(worst)];
    absl::StrAppend(&line, ", worst ", weight.path, " ", Decibels(weight.snr_db));
  }
  std::printf("%s\n", line.c_str());
}

// Says why nothing was changed: the reason that most weights have.
void NoteNothingChanged(const CompressReport& report, const std::string& model) {
  std::map<std::string, int> reasons;
  for (const PlanEntry& entry : report.kept) ++reasons[entry.reason];
  const auto most =
      std::max_element(reasons.begin(), reasons.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == reasons.end()) {
    std::fprintf(stderr, "nbits: note: %s has no neural network weights\n", model.c_str());
    return;
  }
  const bool packed = absl::EndsWith(most->first, "already") && most->first != "Float32 already";
  std::fprintf(stderr, "nbits: note: no weight of %s was changed; %d of %zu: %s%s\n", model.c_str(),
               most->second, report.kept.size(), most->first.c_str(),
               packed ? " (restore Float32 first: --mode dequantize)" : "");
}

absl::Status Run(const Arguments& arguments) {
  CompressOptions options = OptionsOf(arguments);
  NBITS_ASSIGN_OR_RETURN(Model model, Model::Open(arguments.model));
  Progress progress("Quantizing", 0);
  options.progress = [&progress](int64_t done, int64_t total) { progress.Set(done, total); };
  auto compressed = Compress(model, options);
  progress.Clear();
  if (!compressed.ok()) {
    return absl::Status(compressed.status().code(),
                        absl::StrCat(arguments.model, ": ", compressed.status().message()));
  }
  const std::string output = OutputPath(arguments, options);
  if (!arguments.dry_run) NBITS_RETURN_IF_ERROR(model.Save(output));
  if (compressed->changed.empty()) NoteNothingChanged(*compressed, arguments.model);
  if (arguments.json) {
    PrintJson(*compressed, arguments.model, arguments.dry_run ? "" : output);
    return absl::OkStatus();
  }
  if (arguments.dry_run) PrintWeights(*compressed);
  PrintSummary(*compressed, arguments.dry_run ? arguments.model : output);
  return absl::OkStatus();
}

}  // namespace

void AddQuantizeCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("quantize", kDescription);
  static Arguments arguments;
  command.add_option("MODEL", arguments.model, "A .mlmodel file")->required();
  command.add_option("-b,--bits", arguments.bits, "Bits per weight: 1 to 8, or 16");
  command.add_option("-m,--mode", arguments.mode, "How weights are stored")
      ->check(
          CLI::IsMember({"linear", "linear_symmetric", "linear_lut", "kmeans_lut", "dequantize"}))
      ->capture_default_str();
  command
      .add_option("-p,--policy", arguments.policy,
                  "Which weights: all that coremltools takes, or kernels only")
      ->check(CLI::IsMember({"bulk", "coremltools"}))
      ->capture_default_str();
  command.add_option("-o,--output", arguments.output, "The file to write");
  command.add_flag("--no-fold", arguments.no_fold, "Leave the layers as they are");
  command.add_flag("--dry-run", arguments.dry_run, "List what would become of each weight");
  command.add_flag("--json", arguments.json, "Print the result as JSON");
  SetAction(command, [] { return Run(arguments); });
}

}  // namespace nbits::cli
