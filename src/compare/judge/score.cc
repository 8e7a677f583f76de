// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

constexpr int kBest = 5;  // Labels shown per picture, and the k of "top k".

std::optional<double> Fraction(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::optional<double> Finite(double value) {
  return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

std::optional<double> MeanOf(double sum, int64_t count) {
  if (count == 0) return std::nullopt;
  return Finite(sum / static_cast<double>(count));
}

// 1 where `map` has class `id`, 0 elsewhere.
ClassMap Only(int id, ClassMap map) {
  for (uint8_t& each : map.ids) each = each == id ? 1 : 0;
  return map;
}

absl::Status JudgeMasks(const ClassMap& truth, const ClassMap& map, Judgement& judgement) {
  ConfusionMatrix& confusion = judgement.tally.truth;
  NBITS_RETURN_IF_ERROR(confusion.Add(truth, map));
  NBITS_ASSIGN_OR_RETURN(const double boundary, BoundaryF(truth, map));
  judgement.output.pixel_accuracy = confusion.PixelAccuracy();
  judgement.output.boundary_f = boundary;
  judgement.tally.boundary_sum = boundary;
  judgement.tally.masked = 1;
  return absl::OkStatus();
}

absl::Status JudgeTruth(const Task& task, const ClassMap& truth, const ClassMap& map,
                        Judgement& judgement) {
  if (!task.judged_class) {
    NBITS_RETURN_IF_ERROR(JudgeMasks(truth, map, judgement));
    judgement.output.miou = judgement.tally.truth.MeanIou();
    return absl::OkStatus();
  }
  const int id = *task.judged_class;
  NBITS_RETURN_IF_ERROR(JudgeMasks(Only(id, truth), Only(id, map), judgement));
  judgement.output.iou = judgement.tally.truth.ClassIou()[1];
  return absl::OkStatus();
}

bool IsAll(const ClassMap& map, int id) {
  return std::all_of(map.ids.begin(), map.ids.end(), [&](uint8_t each) { return each == id; });
}

void CountBroken(const Task& task, const Answer& original, const Answer& answer,
                 Judgement& judgement) {
  for (const auto& [name, tensor] : answer.outputs) {
    if (!task.output.empty() && name != task.output) continue;
    const NonFiniteCount found = CountNonFinite(tensor.values);
    judgement.tally.nonfinite += found.nan + found.infinite;
  }
  judgement.output.nonfinite_values = judgement.tally.nonfinite;
  if (task.kind != TaskKind::kSegmentation) return;
  const int background = task.table.background_id;
  judgement.output.blank = IsAll(answer.map, background) && !IsAll(original.map, background);
  judgement.tally.blank = judgement.output.blank;
}

absl::Status JudgeMap(const Task& task, const Answer& original, const Answer& answer,
                      const Truth& truth, Judgement& judgement) {
  Tally& tally = judgement.tally;
  NBITS_ASSIGN_OR_RETURN(judgement.output.agreement, Agreement(original.map, answer.map));
  NBITS_RETURN_IF_ERROR(tally.agreement.Add(original.map, answer.map));
  NBITS_ASSIGN_OR_RETURN(tally.agreement_boundary_sum, BoundaryF(original.map, answer.map));
  return truth.map ? JudgeTruth(task, *truth.map, answer.map, judgement) : absl::OkStatus();
}

void JudgeLabels(const Task& task, const Answer& original, const Answer& answer, const Truth& truth,
                 Judgement& judgement) {
  const std::vector<float>& values = answer.outputs.at(task.output).values;
  const std::vector<int> best = TopIndices(values, kBest);
  for (int index : best) {
    const size_t i = static_cast<size_t>(index);
    judgement.output.top.push_back({task.labels[i], values[i]});
  }
  const int expected = TopIndices(original.outputs.at(task.output).values, 1)[0];
  judgement.tally.same_top1 = best[0] == expected;
  judgement.tally.same_top5 = InTop(values, expected, kBest);
  judgement.output.agreement = best[0] == expected ? 1 : 0;
  if (truth.label < 0) return;
  judgement.tally.labelled = 1;
  judgement.tally.right = best[0] == truth.label;
  judgement.tally.right_in_five = InTop(values, truth.label, kBest);
}

void JudgeBoxes(const Answer& original, const Answer& answer, const Truth& truth,
                Judgement& judgement) {
  judgement.tally.agreement_boxes.Add(original.boxes, answer.boxes);
  judgement.output.agreement = judgement.tally.agreement_boxes.F1();
  if (!truth.boxes) return;
  judgement.tally.true_boxes.Add(*truth.boxes, answer.boxes);
  judgement.tally.masked = 1;
}

absl::Status JudgeArrays(const Task& task, const Answer& original, const Answer& answer,
                         Judgement& judgement) {
  for (const auto& [name, tensor] : original.outputs) {
    if (!task.output.empty() && name != task.output) continue;
    const auto found = answer.outputs.find(name);
    if (found == answer.outputs.end()) {
      return absl::InvalidArgumentError(absl::StrCat("it has no output \"", name, "\""));
    }
    NBITS_ASSIGN_OR_RETURN(const ArrayDifference difference, CompareArrays(tensor, found->second));
    judgement.tally.outputs.push_back(difference);
  }
  return absl::OkStatus();
}

// As an 8-bit picture.
absl::StatusOr<Image> MatteImage(MapRule rule, const Tensor& output) {
  if (rule == MapRule::kByteMatte) return TensorToImage(output, ImageColor::kGrayscale);
  Tensor scaled = output;
  for (float& value : scaled.values) value *= 255;
  return TensorToImage(scaled, ImageColor::kGrayscale);
}

ArraySummary Summarize(const std::string& name, const Tensor& tensor) {
  constexpr int64_t kSamples = 256;
  ArraySummary summary{.output = name,
                       .shape = tensor.shape,
                       .elements = static_cast<int64_t>(tensor.values.size())};
  summary.step = std::max<int64_t>(1, (summary.elements + kSamples - 1) / kSamples);
  for (size_t i = 0; i < tensor.values.size(); i += static_cast<size_t>(summary.step)) {
    summary.samples.push_back(Finite(tensor.values[i]));
  }
  double sum = 0, squares = 0;
  float low = std::numeric_limits<float>::infinity(), high = -low;
  for (float value : tensor.values) {
    sum += value;
    squares += static_cast<double>(value) * value;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const double count = static_cast<double>(std::max<int64_t>(1, summary.elements));
  summary.min = Finite(low);
  summary.max = Finite(high);
  summary.mean = Finite(sum / count);
  summary.deviation =
      Finite(std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count))));
  return summary;
}

}  // namespace

bool ComparesArrays(const Task& task) {
  if (task.kind == TaskKind::kDetection) return false;  // As many boxes as were found.
  return task.kind != TaskKind::kSegmentation || task.rule != MapRule::kLabels;
}

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
    if (width <= 0 || height <= 0) {
      width = map.width;
      height = map.height;
    }
    answer.map = ResizeClassMap(map, width, height);
    if (task.rule == MapRule::kUnitMatte || task.rule == MapRule::kByteMatte) {
      NBITS_ASSIGN_OR_RETURN(const Image matte, MatteImage(task.rule, output));
      answer.matte = ResizeImage(matte, width, height);
    }
  } else if (task.kind == TaskKind::kDetection) {
    NBITS_ASSIGN_OR_RETURN(answer.boxes, DetectionsOf(task.detector, answer.outputs));
  } else if (task.kind == TaskKind::kImageToImage) {
    NBITS_ASSIGN_OR_RETURN(answer.picture, OutputPicture(task, output));
  } else if (output.values.size() != task.labels.size()) {
    return absl::InvalidArgumentError("it has another number of classes than the original");
  }
  return answer;
}

void Tally::Merge(const Tally& other) {
  agreement.Merge(other.agreement);
  truth.Merge(other.truth);
  pictures += other.pictures;
  masked += other.masked;
  boundary_sum += other.boundary_sum;
  agreement_boundary_sum += other.agreement_boundary_sum;
  labelled += other.labelled;
  right += other.right;
  right_in_five += other.right_in_five;
  same_top1 += other.same_top1;
  same_top5 += other.same_top5;
  blank += other.blank;
  nonfinite += other.nonfinite;
  agreement_boxes.Merge(other.agreement_boxes);
  true_boxes.Merge(other.true_boxes);
}

absl::StatusOr<Judgement> JudgeAnswer(const Task& task, const Answer& original,
                                      const Answer& answer, const Truth& truth) {
  Judgement judgement{{}, Tally(task)};
  judgement.tally.pictures = 1;
  CountBroken(task, original, answer, judgement);
  if (task.kind == TaskKind::kSegmentation) {
    NBITS_RETURN_IF_ERROR(JudgeMap(task, original, answer, truth, judgement));
  } else if (task.kind == TaskKind::kClassification) {
    JudgeLabels(task, original, answer, truth, judgement);
  } else if (task.kind == TaskKind::kDetection) {
    JudgeBoxes(original, answer, truth, judgement);
  } else if (task.kind == TaskKind::kArrays) {
    for (const auto& [name, tensor] : answer.outputs) {
      judgement.output.values.push_back(Summarize(name, tensor));
    }
  }
  if (ComparesArrays(task)) NBITS_RETURN_IF_ERROR(JudgeArrays(task, original, answer, judgement));
  return judgement;
}

namespace {

void SetIou(const Task& task, const ConfusionMatrix& truth, ResultMetrics& metrics) {
  if (task.judged_class) {
    metrics.iou = truth.ClassIou()[1];
    return;
  }
  metrics.miou = truth.MeanIou();
  if (truth.total() > 0) metrics.class_iou = truth.ClassIou();
}

}  // namespace

void SetBoxMeasures(const DetectionMatches& agreement, const DetectionMatches& truth,
                    ResultMetrics& metrics) {
  metrics.agreement = agreement.F1();
  metrics.agreement_map50 = agreement.MeanAveragePrecision();
  metrics.agreement_precision = agreement.Precision();
  metrics.agreement_recall = agreement.Recall();
  metrics.map50 = truth.MeanAveragePrecision();
}

ResultMetrics MetricsOf(const Task& task, const Tally& tally) {
  ResultMetrics metrics;
  if (tally.pictures == 0) return metrics;
  if (task.kind == TaskKind::kSegmentation) {
    metrics.agreement = tally.agreement.PixelAccuracy();
    metrics.agreement_miou = tally.agreement.MeanIou();
    metrics.agreement_boundary_f = MeanOf(tally.agreement_boundary_sum, tally.pictures);
    metrics.pixel_accuracy = tally.truth.PixelAccuracy();
    metrics.boundary_f = MeanOf(tally.boundary_sum, tally.masked);
    SetIou(task, tally.truth, metrics);
  } else if (task.kind == TaskKind::kClassification) {
    metrics.top1 = Fraction(tally.right, tally.labelled);
    metrics.top5 = Fraction(tally.right_in_five, tally.labelled);
    metrics.top1_agreement = metrics.agreement = Fraction(tally.same_top1, tally.pictures);
    metrics.top5_agreement = Fraction(tally.same_top5, tally.pictures);
  } else if (task.kind == TaskKind::kDetection) {
    SetBoxMeasures(tally.agreement_boxes, tally.true_boxes, metrics);
  }
  return metrics;
}

}  // namespace nbits
