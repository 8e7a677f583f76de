// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/memory.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/quantize/quantize_arguments.h"
#include "cli/quantize/quantize_report.h"
#include "cli/terminal.h"
#include "formats/neural_network/foreign_file.h"
#include "formats/neural_network/package.h"
#include "nbits/compress.h"

namespace nbits::cli {
namespace {

// A file beside the model. It is begun before the work, so that a place where it cannot be written
// shows at once, and takes its name after it.
class SideFile {
 public:
  static absl::StatusOr<SideFile> Begin(const std::string& path) {
    SideFile file;
    if (path.empty()) return file;
    NBITS_RETURN_IF_ERROR(MakeFolderFor(path));
    NBITS_ASSIGN_OR_RETURN(auto writer, AtomicFileWriter::Create(path));
    file.writer_.emplace(std::move(writer));
    return file;
  }
  absl::Status Finish(const std::string& text) {
    if (!writer_) return absl::OkStatus();
    NBITS_RETURN_IF_ERROR(writer_->Write(text));
    return writer_->Commit();
  }

 private:
  std::optional<AtomicFileWriter> writer_;
};

// The plan that the arguments name or ask for; `model` is folded as it says.
absl::StatusOr<Plan> MakeOrReadPlan(const QuantizeArguments& arguments,
                                    const CompressOptions& options, Model& model, int& folded) {
  if (arguments.plan.empty()) {
    auto plan = Prepare(model, options, &folded);
    return plan.ok() ? plan : InFile(arguments.model, plan.status());
  }
  NBITS_ASSIGN_OR_RETURN(const std::string text, ReadFile(arguments.plan));
  auto plan = PlanFromJson(text);
  if (!plan.ok()) return InFile(arguments.plan, plan.status());
  const auto count = PrepareFor(*plan, model);
  if (!count.ok()) return InFile(arguments.model, count.status());
  folded = *count;
  return plan;
}

absl::StatusOr<CompressReport> Apply(const Plan& plan, const std::string& file, Model& model) {
  Progress progress("Quantizing", 0);
  ApplyOptions options;
  options.progress = [&progress](int64_t done, int64_t total) { progress.Set(done, total); };
  auto report = ApplyPlan(model, plan, options);
  return report.ok() ? std::move(report) : InFile(file, report.status());
}

bool MakesFloat32(const Plan& plan) {
  return std::any_of(plan.entries.begin(), plan.entries.end(), [](const PlanEntry& entry) {
    return !entry.keep && entry.mode == Mode::kFloat32;
  });
}

// A copy, or a file that only grew, is not what a smaller model was asked for: nothing is written
// then, and a script can tell.
absl::Status CheckIsSmaller(const QuantizeArguments& arguments, const Plan& plan,
                            const Model& model, const QuantizeResult& result) {
  if (arguments.allow_unchanged || arguments.dry_run) return absl::OkStatus();
  const bool unchanged = result.report.changed.empty() && result.report.folded_layers == 0;
  constexpr char kEnd[] = "; nothing was written (--allow-unchanged writes it all the same)";
  if (unchanged) {
    return absl::FailedPreconditionError(
        absl::StrCat(arguments.model, ": ", NothingChanged(result), kEnd));
  }
  if (MakesFloat32(plan) || model.SerializedSize() < model.file_size()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(arguments.model, ": would not become smaller: ", model.file_size(), " -> ",
                   model.SerializedSize(), " bytes", kEnd));
}

// Writes the model and compares what then lies on the disk with the original; nothing is written
// when `output` is empty.
absl::Status WriteAndMeasure(const Model& model, const std::string& output,
                             CompressReport& report) {
  if (output.empty()) {
    NBITS_RETURN_IF_ERROR(model.CheckSize());
    return MeasureErrors(model, report);
  }
  return model.Save(
      output, [&](const Model& written) { return InFile(output, MeasureErrors(written, report)); });
}

bool TakesPicture(const ModelDescription& description) {
  return std::any_of(
      description.inputs.begin(), description.inputs.end(),
      [](const FeatureDescription& input) { return input.kind == FeatureKind::kImage; });
}

// Whether another program reads there what was written to `path`, and no summary behind it.
bool IsStandardOutput(const std::string& path) {
  const auto target = FindFileTarget(path);
  return !path.empty() && target.ok() && target->descriptor == STDOUT_FILENO;
}

absl::Status Say(const QuantizeArguments& arguments, const QuantizeResult& result) {
  for (const std::string& line : Warnings(result)) {
    std::fprintf(stderr, "nbits: %s\n", line.c_str());
  }
  const std::string plan = arguments.dry_run ? PlanText(result) : "";
  const std::string text =
      arguments.json
          ? QuantizeJson(result)
          : absl::StrCat(plan,
                         Sentences(absl::StrCat(SummaryText(result), "\n", OutlookText(result))));
  const bool is_taken = IsStandardOutput(result.output) || IsStandardOutput(result.csv) ||
                        IsStandardOutput(result.plan);
  if (!is_taken) return Print(text);
  std::fputs(text.c_str(), stderr);
  return absl::OkStatus();
}

absl::Status Run(const QuantizeArguments& arguments) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  KeepFreedMemory();
  // What a package holds is said before anything that is wrong with the arguments.
  if (NamesPackage(arguments.model)) NBITS_RETURN_IF_ERROR(Model::Open(arguments.model).status());
  CheckArguments(arguments);
  CompressOptions options;
  if (arguments.plan.empty()) {
    NBITS_ASSIGN_OR_RETURN(options, OptionsOf(arguments));
  }
  NBITS_ASSIGN_OR_RETURN(Model model, Model::Open(arguments.model));
  NBITS_ASSIGN_OR_RETURN(SideFile plan_file, SideFile::Begin(arguments.save_plan));
  NBITS_ASSIGN_OR_RETURN(SideFile csv_file, SideFile::Begin(arguments.report));
  QuantizeResult result;
  result.model = arguments.model;
  result.type = model.description().type;
  result.advice = ProgramAdvice(model);
  result.takes_picture = TakesPicture(model.description());
  result.output = arguments.dry_run ? "" : OutputPath(arguments);
  result.plan = arguments.save_plan;
  result.csv = arguments.report;
  result.only_float32 = options.policy == Policy::kCoremltools && options.mode != Mode::kFloat32;
  if (NamesPackage(result.output)) {
    NBITS_RETURN_IF_ERROR(MakeFolderFor(result.output));
  } else if (!result.output.empty()) {
    NBITS_RETURN_IF_ERROR(CheckWritable(result.output));
  }
  int folded = 0;
  NBITS_ASSIGN_OR_RETURN(const Plan plan, MakeOrReadPlan(arguments, options, model, folded));
  NBITS_ASSIGN_OR_RETURN(result.report, Apply(plan, arguments.model, model));
  result.report.bytes_before = model.file_size();
  result.report.folded_layers = folded;
  NBITS_RETURN_IF_ERROR(CheckIsSmaller(arguments, plan, model, result));
  NBITS_RETURN_IF_ERROR(WriteAndMeasure(model, result.output, result.report));
  result.rows = RowsOf(model, result.report);
  NBITS_RETURN_IF_ERROR(plan_file.Finish(PlanToJson(plan)));
  NBITS_RETURN_IF_ERROR(csv_file.Finish(ErrorsCsv(result)));
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return Say(arguments, result);
}

}  // namespace

void AddQuantizeCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("quantize", "Store a model's weights in fewer bits");
  static QuantizeArguments arguments;
  AddQuantizeArguments(command, arguments);
  SetAction(command, [] { return Run(arguments); });
}

}  // namespace nbits::cli
