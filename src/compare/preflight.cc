// SPDX-License-Identifier: Apache-2.0
#include "compare/preflight.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "compare/judge/truth.h"
#include "results/metric_fields.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

absl::Status CheckMasks(const CompareOptions& options, const std::vector<std::string>& pictures) {
  if (options.masks.empty()) return absl::OkStatus();
  std::error_code error;
  if (!fs::is_directory(options.masks, error)) {
    return absl::NotFoundError(absl::StrCat("masks: there is no folder ", options.masks));
  }
  const auto has_mask = [&](const std::string& picture) {
    return Exists(MaskFile(options.masks, picture));
  };
  if (pictures.empty() || std::any_of(pictures.begin(), pictures.end(), has_mask)) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat("masks: none fits a picture's name; for ", pictures[0],
                                          " it would be ", MaskFile(options.masks, pictures[0])));
}

bool IsOfMasks(absl::string_view measure) {
  return measure == "miou" || measure == "iou" || measure == "pixel_accuracy" ||
         measure == "boundary_f";
}

absl::Status CannotBe(absl::string_view measure, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(measure, " is asked for and cannot be measured: ", reason));
}

// Of one measure, for which masks decide.
absl::Status CheckMaskMeasure(const CompareOptions& options, absl::string_view measure) {
  if (options.masks.empty()) return CannotBe(measure, "it needs true masks (--masks FOLDER)");
  const bool one_class = options.mask_map.grey.has_value();
  if (measure == "iou" && !one_class) {
    return CannotBe(measure,
                    "it is of the one class that grey masks mark (--mask-map person=15); "
                    "of all classes there is miou");
  }
  if (measure == "miou" && one_class) {
    return CannotBe(measure, "the masks mark one class only; its measure is iou");
  }
  return absl::OkStatus();
}

// Why the task has no such measure; empty when it has.
std::string Lack(const Task& task, bool labelled, absl::string_view measure) {
  const bool discrete = task.kind == TaskKind::kSegmentation ||
                        task.kind == TaskKind::kClassification || task.kind == TaskKind::kDetection;
  const std::string kind = absl::StrCat("the model's task is ", TaskName(task.kind));
  const bool of_classes = measure == "top1" || measure == "top5" || measure == "top1_agreement" ||
                          measure == "top5_agreement";
  const bool of_maps =
      IsOfMasks(measure) || measure == "agreement_miou" || measure == "agreement_boundary_f";
  const bool of_boxes = measure == "map50" || measure == "agreement_map50" ||
                        measure == "agreement_precision" || measure == "agreement_recall";
  if (of_boxes && task.kind != TaskKind::kDetection) return kind;
  if (of_classes && task.kind != TaskKind::kClassification) return kind;
  if (of_maps && task.kind != TaskKind::kSegmentation) return kind;
  if (measure == "agreement" && !discrete) return kind;
  const bool of_values =
      measure == "snr_db" || measure == "psnr_db" || measure == "max_relative_difference";
  if (of_values && task.kind == TaskKind::kDetection) return kind;
  const bool ids_only = task.kind == TaskKind::kSegmentation && task.rule == MapRule::kLabels;
  if (of_values && ids_only) return "the model's output is a map of class ids";
  if ((measure == "top1" || measure == "top5") && !labelled) {
    return "the pictures' true classes are not known (--labels-from FILE)";
  }
  return "";
}

absl::Status CheckAllowedLoss(const CompareOptions& options, const Task& task) {
  if (!options.allowed_loss) return absl::OkStatus();
  const double loss = *options.allowed_loss;
  const bool decibels = task.kind == TaskKind::kImageToImage || task.kind == TaskKind::kArrays;
  if (decibels && loss > -1) {
    return absl::InvalidArgumentError(
        absl::StrFormat("an allowed loss of %g: what this model gives is judged in decibels; say "
                        "how many there must "
                        "be at least, like 40dB",
                        loss));
  }
  if (!decibels && (loss < 0 || loss > 1)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "an allowed loss of %g: what this model gives is judged by shares of 0 to 1; say how much "
        "may be lost, like 0.005 or 0.5%%",
        loss));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckVariants(const CompareOptions& options) {
  std::vector<std::string> missing;
  for (const CompareModel& variant : options.variants) {
    if (!variant.error && !Exists(variant.file)) missing.push_back(variant.file);
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("no such file: ", absl::StrJoin(missing, ", ")));
}

absl::Status CheckBeforeRun(const CompareOptions& options,
                            const std::vector<std::string>& pictures) {
  NBITS_RETURN_IF_ERROR(CheckMasks(options, pictures));
  if (!options.labels.empty() && !Exists(options.labels)) {
    return absl::NotFoundError(absl::StrCat("labels: there is no file ", options.labels));
  }
  for (const std::string& measure : options.needed_measures) {
    if (FindMetric(measure) == nullptr) return CannotBe(measure, "there is no such measure");
    if (IsOfMasks(measure)) NBITS_RETURN_IF_ERROR(CheckMaskMeasure(options, measure));
  }
  return absl::OkStatus();
}

absl::Status CheckSomeVariant(const std::vector<VariantResult>& rows) {
  std::vector<std::string> reasons;
  for (const VariantResult& row : rows) {
    if (row.is_original) continue;
    if (!row.error) return absl::OkStatus();
    reasons.push_back(absl::StrCat(row.name, ": ", *row.error));
  }
  if (reasons.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("every variant failed: ", absl::StrJoin(reasons, "; ")));
}

absl::Status CheckForTask(const CompareOptions& options, const Task& task, bool labelled) {
  for (const std::string& measure : options.needed_measures) {
    const std::string lack = Lack(task, labelled, measure);
    if (!lack.empty()) return CannotBe(measure, lack);
  }
  return CheckAllowedLoss(options, task);
}

}  // namespace nbits
