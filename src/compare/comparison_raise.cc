// SPDX-License-Identifier: Apache-2.0
// More runs than the samples ask for, where times scatter.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/status_macros.h"
#include "compare/comparison.h"
#include "compare/judge/statistics.h"

namespace nbits {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMedianKnown = 0.01;  // Runs are raised until the median is known so well.
// How long that may take where nothing is asked for: a short job is not made a long one.
constexpr double kLeastSeconds = 5, kMostSeconds = 60;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Whether the median of these times is known well: the half width of its confidence interval is
// about the interquartile range over the root of the number of runs.
bool MedianIsKnown(const std::vector<double>& times) {
  if (times.size() < 2) return false;
  const double uncertainty =
      InterquartileRange(times) / std::sqrt(static_cast<double>(times.size()));
  return uncertainty <= kMedianKnown * Median(times);
}

}  // namespace

std::vector<size_t> Comparison::Uncertain() const {
  std::vector<size_t> uncertain;
  for (size_t turn : turns_) {
    const VariantResult& row = contenders_[turn].row();
    const bool more = row.times_ms.size() < static_cast<size_t>(options_.max_runs);
    if (!row.error && more && !MedianIsKnown(row.times_ms)) uncertain.push_back(turn);
  }
  return uncertain;
}

double Comparison::SecondsToRaise() const {
  const double job = std::clamp(SecondsSince(start_), kLeastSeconds, kMostSeconds);
  return options_.max_seconds.value_or(job);
}

// More rounds on the last sample, while medians are not known well and the limits allow. Where
// samples differ in size their times do too, and more of the last one would only shift the median.
absl::Status Comparison::RaiseRuns() {
  if (options_.runs > 0 || !one_shape_) return absl::OkStatus();
  RestoreRaised();
  const double seconds = SecondsToRaise();
  if (seconds <= 0 || Uncertain().empty()) return absl::OkStatus();
  std::vector<size_t> before;
  for (const Contender& contender : contenders_) before.push_back(contender.row().times_ms.size());
  if (options_.measuring_again) options_.measuring_again(seconds);
  NBITS_RETURN_IF_ERROR(RaiseFor(seconds));
  if (options_.measuring_again) options_.measuring_again(0);
  return StoreRaised(before);
}

absl::Status Comparison::RaiseFor(double seconds) {
  const Clock::time_point start = Clock::now();
  std::vector<TensorMap> none(contenders_.size());
  for (size_t round = 0; SecondsSince(start) < seconds && !Interrupted(); ++round) {
    const std::vector<size_t> uncertain = Uncertain();
    if (uncertain.empty()) break;
    for (size_t i = 0; i < uncertain.size(); ++i) {
      const size_t turn = uncertain[(i + round) % uncertain.size()];
      NBITS_RETURN_IF_ERROR(MeasureOnce(turn, false, last_input_, none));
    }
  }
  return absl::OkStatus();
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
