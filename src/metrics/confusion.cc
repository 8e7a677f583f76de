// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "nbits/metrics.h"

namespace nbits {
namespace {

absl::Status CheckSameSize(const ClassMap& a, const ClassMap& b) {
  const size_t pixels = static_cast<size_t>(a.width) * static_cast<size_t>(a.height);
  if (a.width == b.width && a.height == b.height && a.ids.size() == pixels &&
      b.ids.size() == pixels) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("class maps of ", a.width, " x ", a.height,
                                                 " and ", b.width, " x ", b.height,
                                                 " pixels cannot be compared"));
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(int classes)
    : classes_(classes), counts_(static_cast<size_t>(classes) * (classes + 1)) {}

absl::Status ConfusionMatrix::Add(const ClassMap& truth, const ClassMap& predicted) {
  NBITS_RETURN_IF_ERROR(CheckSameSize(truth, predicted));
  for (const uint8_t id : truth.ids) {
    if (id < classes_ || id == kIgnoredClass) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the mask has class ", id, ", the model has only ", classes_));
  }
  for (size_t i = 0; i < truth.ids.size(); ++i) {
    if (truth.ids[i] == kIgnoredClass) continue;
    const int column = predicted.ids[i] < classes_ ? predicted.ids[i] : classes_;
    ++counts_[static_cast<size_t>(truth.ids[i]) * (classes_ + 1) + column];
  }
  return absl::OkStatus();
}

absl::Status ConfusionMatrix::AddCount(int64_t truth, int64_t predicted, int64_t pixels) {
  const auto refused = [] {
    return absl::InvalidArgumentError("not a count of this confusion matrix");
  };
  if (truth < 0 || truth >= classes_ || predicted < 0 || predicted > classes_) return refused();
  int64_t& count = counts_[static_cast<size_t>(truth) * (static_cast<size_t>(classes_) + 1) +
                           static_cast<size_t>(predicted)];
  if (pixels < 0 || pixels > kMostPixels - count) return refused();
  count += pixels;
  return absl::OkStatus();
}

void ConfusionMatrix::Merge(const ConfusionMatrix& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

int64_t ConfusionMatrix::count(int truth, int predicted) const {
  return counts_[static_cast<size_t>(truth) * (classes_ + 1) + predicted];
}

int64_t ConfusionMatrix::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

std::vector<std::optional<double>> ConfusionMatrix::ClassIou() const {
  std::vector<std::optional<double>> all(static_cast<size_t>(classes_));
  for (int id = 0; id < classes_; ++id) {
    int64_t united = -count(id, id);
    for (int other = 0; other <= classes_; ++other) united += count(id, other);
    for (int other = 0; other < classes_; ++other) united += count(other, id);
    if (united > 0) all[id] = static_cast<double>(count(id, id)) / static_cast<double>(united);
  }
  return all;
}

std::optional<double> ConfusionMatrix::MeanIou() const {
  double sum = 0;
  int present = 0;
  for (const std::optional<double>& iou : ClassIou()) {
    if (!iou.has_value()) continue;
    sum += *iou;
    ++present;
  }
  if (present == 0) return std::nullopt;
  return sum / present;
}

std::optional<double> ConfusionMatrix::PixelAccuracy() const {
  const int64_t all = total();
  if (all == 0) return std::nullopt;
  int64_t right = 0;
  for (int id = 0; id < classes_; ++id) right += count(id, id);
  return static_cast<double>(right) / static_cast<double>(all);
}

absl::StatusOr<double> BinaryIou(const ClassMap& truth, const ClassMap& predicted, uint8_t id) {
  NBITS_RETURN_IF_ERROR(CheckSameSize(truth, predicted));
  int64_t both = 0, either = 0;
  for (size_t i = 0; i < truth.ids.size(); ++i) {
    if (truth.ids[i] == kIgnoredClass) continue;
    const bool in_truth = truth.ids[i] == id, in_predicted = predicted.ids[i] == id;
    both += in_truth && in_predicted;
    either += in_truth || in_predicted;
  }
  return either == 0 ? 1.0 : static_cast<double>(both) / static_cast<double>(either);
}

absl::StatusOr<double> Agreement(const ClassMap& a, const ClassMap& b) {
  NBITS_RETURN_IF_ERROR(CheckSameSize(a, b));
  if (a.ids.empty()) return absl::InvalidArgumentError("empty class maps cannot be compared");
  int64_t equal = 0;
  for (size_t i = 0; i < a.ids.size(); ++i) equal += a.ids[i] == b.ids[i];
  return static_cast<double>(equal) / static_cast<double>(a.ids.size());
}

absl::StatusOr<double> AgreementMeanIou(const ClassMap& a, const ClassMap& b) {
  ConfusionMatrix matrix(kIgnoredClass);
  NBITS_RETURN_IF_ERROR(matrix.Add(a, b));
  const std::optional<double> mean = matrix.MeanIou();
  if (!mean.has_value()) return absl::InvalidArgumentError("empty class maps cannot be compared");
  return *mean;
}

}  // namespace nbits
