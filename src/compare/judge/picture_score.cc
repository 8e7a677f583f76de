// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/picture_score.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nbits {
namespace {

std::vector<ClassPixels> ClassesOf(const ConfusionMatrix& matrix) {
  const int classes = matrix.classes();
  std::vector<ClassPixels> all(static_cast<size_t>(classes));
  for (int truth = 0; truth < classes; ++truth) {
    ClassPixels& row = all[static_cast<size_t>(truth)];
    row.id = truth;
    row.both = matrix.count(truth, truth);
    for (int predicted = 0; predicted <= classes; ++predicted) {
      const int64_t pixels = matrix.count(truth, predicted);
      if (pixels == 0) continue;
      row.truth += pixels;
      if (predicted < classes) all[static_cast<size_t>(predicted)].predicted += pixels;
    }
  }
  std::erase_if(all, [](const ClassPixels& each) { return each.truth + each.predicted == 0; });
  return all;
}

constexpr double kMostDecibels = 120;  // Either way, of differences that are finite.

double Bounded(double noise, double reference) {
  if (!std::isfinite(noise)) return DecibelsBelow(noise, reference);
  return std::clamp(DecibelsBelow(noise, reference), -kMostDecibels, kMostDecibels);
}

std::optional<double> Ratio(double part, double whole) {
  if (!(whole > 0) || !std::isfinite(part)) return std::nullopt;
  return part / whole;
}

}  // namespace

PictureScore ScoreOf(const Tally& tally) {
  PictureScore score;
  if (tally.agreement.total() > 0) score.agreement = ClassesOf(tally.agreement);
  if (tally.masked > 0) score.truth = ClassesOf(tally.truth);
  score.masked = tally.masked > 0;
  score.labelled = tally.labelled > 0;
  score.right = tally.right > 0;
  score.right_in_five = tally.right_in_five > 0;
  score.same_top1 = tally.same_top1 > 0;
  score.same_top5 = tally.same_top5 > 0;
  score.boundary = tally.boundary_sum;
  score.agreement_boundary = tally.agreement_boundary_sum;
  score.outputs = tally.outputs;
  score.agreement_boxes = tally.agreement_boxes;
  score.true_boxes = tally.true_boxes;
  return score;
}

std::vector<OutputScale> ScalesOf(const std::vector<const PictureScore*>& original) {
  std::vector<OutputScale> scales;
  std::vector<double> counts;
  for (const PictureScore* score : original) {
    scales.resize(std::max(scales.size(), score->outputs.size()));
    counts.resize(scales.size());
    for (size_t i = 0; i < score->outputs.size(); ++i) {
      const ArrayDifference& output = score->outputs[i];
      scales[i].power += output.signal;
      scales[i].peak = std::max(scales[i].peak, output.peak);
      counts[i] += static_cast<double>(output.count);
    }
  }
  for (size_t i = 0; i < scales.size(); ++i) scales[i].power /= std::max(1.0, counts[i]);
  return scales;
}

void SetDecibels(const std::vector<OutputScale>& scales, PictureScore& score) {
  score.snr_db = score.psnr_db = kMostDecibels;
  score.relative_difference = 0;
  score.output_psnr_db.clear();
  for (size_t i = 0; i < std::min(scales.size(), score.outputs.size()); ++i) {
    const ArrayDifference& output = score.outputs[i];
    const double noise = output.noise / std::max(1.0, static_cast<double>(output.count));
    const double peak = scales[i].peak;
    score.snr_db = std::min(score.snr_db, Bounded(noise, scales[i].power));
    score.output_psnr_db.push_back(Bounded(noise, peak * peak));
    score.psnr_db = std::min(score.psnr_db, score.output_psnr_db.back());
    score.relative_difference =
        std::max(score.relative_difference, output.max_difference / (peak > 0 ? peak : 1));
  }
}

void AddDecibels(const std::vector<const PictureScore*>& scores, bool is_original,
                 ResultMetrics& metrics) {
  if (scores.empty()) return;
  double snr = 0, psnr = 0, largest = 0;
  for (const PictureScore* score : scores) {
    snr += score->snr_db;
    psnr += score->psnr_db;
    largest = std::max(largest, score->relative_difference);
  }
  const double count = static_cast<double>(scores.size());
  if (std::isfinite(largest)) metrics.max_relative_difference = largest;
  if (is_original || largest == 0) return;
  metrics.snr_db = Ratio(snr, count);
  metrics.psnr_db = Ratio(psnr, count);
}

std::optional<size_t> WorstOutput(const std::vector<const PictureScore*>& scores) {
  std::vector<double> sums;
  double largest = 0;
  for (const PictureScore* score : scores) {
    sums.resize(std::max(sums.size(), score->output_psnr_db.size()));
    for (size_t i = 0; i < score->output_psnr_db.size(); ++i) sums[i] += score->output_psnr_db[i];
    largest = std::max(largest, score->relative_difference);
  }
  if (sums.size() < 2 || largest == 0) return std::nullopt;
  return static_cast<size_t>(std::min_element(sums.begin(), sums.end()) - sums.begin());
}

ScoreSums::ScoreSums(const Task& task) : task_(task) {
  const auto size = [](Pixels& pixels, int classes) {
    for (auto* each : {&pixels.both, &pixels.truth, &pixels.predicted}) {
      each->resize(static_cast<size_t>(classes));
    }
  };
  size(agreement_, task.kind == TaskKind::kSegmentation ? 256 : 0);
  size(truth_, task.kind != TaskKind::kSegmentation ? 0 : task.judged_class ? 2 : task.classes);
}

void ScoreSums::Pixels::Clear() {
  for (auto* each : {&both, &truth, &predicted}) std::fill(each->begin(), each->end(), 0.0);
}

void ScoreSums::Pixels::Add(const std::vector<ClassPixels>& classes, double times) {
  for (const ClassPixels& each : classes) {
    const size_t id = static_cast<size_t>(each.id);
    if (id >= both.size()) continue;
    both[id] += times * static_cast<double>(each.both);
    truth[id] += times * static_cast<double>(each.truth);
    predicted[id] += times * static_cast<double>(each.predicted);
  }
}

std::optional<double> ScoreSums::Pixels::Iou(size_t id) const {
  return Ratio(both[id], truth[id] + predicted[id] - both[id]);
}

std::optional<double> ScoreSums::Pixels::MeanIou() const {
  double sum = 0, present = 0;
  for (size_t id = 0; id < both.size(); ++id) {
    const auto iou = Iou(id);
    if (!iou) continue;
    sum += *iou;
    ++present;
  }
  return Ratio(sum, present);
}

std::optional<double> ScoreSums::Pixels::Accuracy() const {
  return Ratio(std::accumulate(both.begin(), both.end(), 0.0),
               std::accumulate(truth.begin(), truth.end(), 0.0));
}

void ScoreSums::Clear() {
  agreement_.Clear();
  truth_.Clear();
  pictures_ = masked_ = labelled_ = right_ = right_in_five_ = same_top1_ = same_top5_ = 0;
  boundary_ = agreement_boundary_ = snr_db_ = psnr_db_ = 0;
  agreement_boxes_ = true_boxes_ = {};
}

void ScoreSums::Add(const PictureScore& score, double times) {
  agreement_.Add(score.agreement, times);
  truth_.Add(score.truth, times);
  pictures_ += times;
  masked_ += times * score.masked;
  labelled_ += times * score.labelled;
  right_ += times * score.right;
  right_in_five_ += times * score.right_in_five;
  same_top1_ += times * score.same_top1;
  same_top5_ += times * score.same_top5;
  boundary_ += times * score.boundary;
  agreement_boundary_ += times * score.agreement_boundary;
  snr_db_ += times * score.snr_db;
  psnr_db_ += times * score.psnr_db;
  if (task_.kind != TaskKind::kDetection) return;
  for (double time = 1; time <= times; ++time) {  // Boxes are drawn with their pictures, whole.
    agreement_boxes_.Merge(score.agreement_boxes);
    true_boxes_.Merge(score.true_boxes);
  }
}

ResultMetrics ScoreSums::Metrics() const {
  ResultMetrics metrics;
  if (task_.kind == TaskKind::kSegmentation) {
    metrics.agreement = agreement_.Accuracy();
    metrics.agreement_miou = agreement_.MeanIou();
    metrics.agreement_boundary_f = Ratio(agreement_boundary_, pictures_);
    metrics.pixel_accuracy = truth_.Accuracy();
    metrics.boundary_f = Ratio(boundary_, masked_);
    if (task_.judged_class) {
      metrics.iou = truth_.Iou(1);
    } else {
      metrics.miou = truth_.MeanIou();
    }
  } else if (task_.kind == TaskKind::kClassification) {
    metrics.top1 = Ratio(right_, labelled_);
    metrics.top5 = Ratio(right_in_five_, labelled_);
    metrics.top1_agreement = metrics.agreement = Ratio(same_top1_, pictures_);
    metrics.top5_agreement = Ratio(same_top5_, pictures_);
  } else if (task_.kind == TaskKind::kDetection) {
    SetBoxMeasures(agreement_boxes_, true_boxes_, metrics);
    return metrics;
  }
  metrics.snr_db = Ratio(snr_db_, pictures_);
  metrics.psnr_db = Ratio(psnr_db_, pictures_);
  return metrics;
}

}  // namespace nbits
