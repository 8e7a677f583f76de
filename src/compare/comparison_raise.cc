// SPDX-License-Identifier: Apache-2.0
// More runs than the samples ask for, where times scatter.
#include <chrono>
#include <cmath>

#include "base/status_macros.h"
#include "compare/comparison.h"
#include "compare/statistics.h"

namespace nbits {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMedianKnown = 0.01;  // Runs are raised until the median is known so well.

// Whether the median of these times is known well: the half width of its confidence interval is
// about the interquartile range over the root of the number of runs.
bool MedianIsKnown(const std::vector<double>& times) {
  if (times.size() < 2) return false;
  const double uncertainty =
      InterquartileRange(times) / std::sqrt(static_cast<double>(times.size()));
  return uncertainty <= kMedianKnown * Median(times);
}

}  // namespace

// More rounds on the last sample, while medians are not known well and the limits allow.
absl::Status Comparison::RaiseRuns() {
  if (options_.runs > 0) return absl::OkStatus();
  const Clock::time_point end =
      Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(1000 * options_.max_seconds));
  std::vector<TensorMap> none(contenders_.size());
  RestoreRaised();
  std::vector<size_t> before;
  for (const Contender& contender : contenders_) before.push_back(contender.row().times_ms.size());
  for (size_t round = 0; Clock::now() < end && !Interrupted(); ++round) {
    std::vector<size_t> uncertain;
    for (size_t turn : turns_) {
      const VariantResult& row = contenders_[turn].row();
      const bool more = row.times_ms.size() < static_cast<size_t>(options_.max_runs);
      if (!row.error && more && !MedianIsKnown(row.times_ms)) uncertain.push_back(turn);
    }
    if (uncertain.empty()) break;
    total_ += static_cast<int64_t>(uncertain.size());
    for (size_t i = 0; i < uncertain.size(); ++i) {
      const size_t turn = uncertain[(i + round) % uncertain.size()];
      NBITS_RETURN_IF_ERROR(MeasureOnce(turn, false, last_input_, none));
    }
  }
  return StoreRaised(before);
}

// The additional runs stand in the journal behind the last picture.
void Comparison::RestoreRaised() {
  if (!options_.resume) return;
  for (size_t turn : turns_) {
    const auto entry = journal_->Find(*judge_.task(), samples_->names().size(), turn);
    if (entry) contenders_[turn].Restore(entry->times_ms, entry->load_ms, entry->peak_memory_bytes);
  }
}

absl::Status Comparison::StoreRaised(const std::vector<size_t>& before) {
  for (size_t turn : turns_) {
    const VariantResult& row = contenders_[turn].row();
    if (row.error || row.times_ms.size() == before[turn]) continue;
    const auto first = row.times_ms.begin() + static_cast<std::ptrdiff_t>(before[turn]);
    NBITS_RETURN_IF_ERROR(journal_->Store(samples_->names().size(), turn,
                                          {{first, row.times_ms.end()},
                                           row.load_ms.value_or(0),
                                           row.peak_memory_bytes.value_or(0),
                                           {},
                                           Tally(*judge_.task())}));
  }
  return absl::OkStatus();
}

}  // namespace nbits
