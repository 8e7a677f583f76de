#include "compare/score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

constexpr int kBest = 5;  // Labels shown per picture, and the k of "top k".

bool ComparesArrays(const Task& task) {
  return task.kind != TaskKind::kSegmentation || task.rule != MapRule::kLabels;
}

std::optional<double> Fraction(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::optional<double> Finite(double value) {
  return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

}  // namespace

absl::StatusOr<Answer> Interpret(const Task& task, TensorMap outputs, int width, int height) {
  Answer answer;
  answer.outputs = std::move(outputs);
  if (task.kind == TaskKind::kArrays) return answer;
  const auto found = answer.outputs.find(task.output);
  if (found == answer.outputs.end()) {
    return absl::InvalidArgumentError(absl::StrCat("it has no output \"", task.output, "\""));
  }
  const Tensor& output = found->second;
  if (task.kind == TaskKind::kSegmentation) {
    NBITS_ASSIGN_OR_RETURN(const ClassMap map, ToClassMap(output, task.rule));
    answer.map = ResizeClassMap(map, width, height);
  } else if (task.kind == TaskKind::kImageToImage) {
    NBITS_ASSIGN_OR_RETURN(answer.picture, OutputPicture(task, output));
  } else if (output.values.size() != task.labels.size()) {
    return absl::InvalidArgumentError("it has another number of classes than the original");
  }
  return answer;
}

absl::StatusOr<PictureOutput> Score::Add(const Answer& original, const Answer& answer,
                                         const Truth& truth) {
  PictureOutput picture;
  if (task_.kind == TaskKind::kSegmentation) {
    NBITS_RETURN_IF_ERROR(AddMap(original, answer, truth, picture));
  } else if (task_.kind == TaskKind::kClassification) {
    AddLabels(original, answer, truth, picture);
  }
  if (ComparesArrays(task_)) NBITS_RETURN_IF_ERROR(AddArrays(original, answer));
  ++pictures_;
  return picture;
}

absl::Status Score::AddMap(const Answer& original, const Answer& answer, const Truth& truth,
                           PictureOutput& picture) {
  NBITS_ASSIGN_OR_RETURN(picture.agreement, Agreement(original.map, answer.map));
  NBITS_RETURN_IF_ERROR(agreement_.Add(original.map, answer.map));
  if (!truth.map) return absl::OkStatus();
  ConfusionMatrix confusion(task_.classes);
  NBITS_RETURN_IF_ERROR(confusion.Add(*truth.map, answer.map));
  picture.miou = confusion.MeanIou();
  truth_.Merge(confusion);
  return absl::OkStatus();
}

void Score::AddLabels(const Answer& original, const Answer& answer, const Truth& truth,
                      PictureOutput& picture) {
  const std::vector<float>& values = answer.outputs.at(task_.output).values;
  const std::vector<int> best = TopIndices(values, kBest);
  for (int index : best) {
    const size_t i = static_cast<size_t>(index);
    picture.top.push_back({task_.labels[i], values[i]});
  }
  const int expected = TopIndices(original.outputs.at(task_.output).values, 1)[0];
  same_top1_ += best[0] == expected;
  same_top5_ += InTop(values, expected, kBest);
  picture.agreement = best[0] == expected ? 1 : 0;
  if (truth.label < 0) return;
  ++labelled_;
  right_ += best[0] == truth.label;
}

absl::Status Score::AddArrays(const Answer& original, const Answer& answer) {
  double snr = std::numeric_limits<double>::infinity(), psnr = snr;
  for (const auto& [name, tensor] : original.outputs) {
    if (!task_.output.empty() && name != task_.output) continue;
    const auto found = answer.outputs.find(name);
    if (found == answer.outputs.end()) {
      return absl::InvalidArgumentError(absl::StrCat("it has no output \"", name, "\""));
    }
    NBITS_RETURN_IF_ERROR(AddDifference(tensor, found->second, snr, psnr));
  }
  snr_sum_ += snr;
  psnr_sum_ += psnr;
  return absl::OkStatus();
}

// The worst output counts.
absl::Status Score::AddDifference(const Tensor& original, const Tensor& answer, double& snr,
                                  double& psnr) {
  NBITS_ASSIGN_OR_RETURN(const ArrayDifference difference, CompareArrays(original, answer));
  snr = std::min(snr, difference.snr_db);
  psnr = std::min(psnr, difference.psnr_db);
  max_relative_difference_ = std::max(max_relative_difference_, difference.max_relative_difference);
  return absl::OkStatus();
}

ResultMetrics Score::Finish(bool is_original) const {
  ResultMetrics metrics;
  if (pictures_ == 0) return metrics;
  if (task_.kind == TaskKind::kSegmentation) {
    metrics.agreement = agreement_.PixelAccuracy();
    metrics.agreement_miou = agreement_.MeanIou();
    metrics.miou = truth_.MeanIou();
    metrics.pixel_accuracy = truth_.PixelAccuracy();
    if (truth_.total() > 0) metrics.class_iou = truth_.ClassIou();
  } else if (task_.kind == TaskKind::kClassification) {
    metrics.top1 = Fraction(right_, labelled_);
    metrics.top1_agreement = metrics.agreement = Fraction(same_top1_, pictures_);
    metrics.top5_agreement = Fraction(same_top5_, pictures_);
  }
  if (!ComparesArrays(task_)) return metrics;
  metrics.max_relative_difference = Finite(max_relative_difference_);
  if (is_original) return metrics;
  metrics.snr_db = Finite(snr_sum_ / static_cast<double>(pictures_));
  metrics.psnr_db = Finite(psnr_sum_ / static_cast<double>(pictures_));
  return metrics;
}

}  // namespace nbits
