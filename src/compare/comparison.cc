// SPDX-License-Identifier: Apache-2.0
#include "compare/comparison.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "base/system.h"
#include "compare/distinct_names.h"
#include "compare/fingerprint.h"
#include "compare/heading.h"
#include "compare/judge/intervals.h"
#include "compare/judge/mask_proposal.h"
#include "compare/noise.h"
#include "compare/preflight.h"
#include "compare/weights/layers.h"
#include "nbits/input.h"
#include "results/verdict.h"

namespace nbits {
namespace {

constexpr int kLeastTimedRuns = 10;     // In all, when the number of runs is not given.
constexpr size_t kMostShapesTried = 8;  // Of samples that the original refuses, to begin with.
constexpr int kFewResamples = 100;      // Of a run that goes on.
constexpr std::chrono::seconds kCheckpointInterval{3};
constexpr int kCheckpointShare = 20;  // A checkpoint takes one part in so many of the time.
constexpr int kMemoryReserve = 2;  // The variants alive at once get this part of the free memory.

std::vector<const PictureScore*> Present(const std::vector<std::optional<PictureScore>>& all) {
  std::vector<const PictureScore*> present;
  for (const auto& score : all) {
    if (score) present.push_back(&*score);
  }
  return present;
}

}  // namespace

absl::Status Comparison::Prepare() {
  found_ = options_.found;
  if (!found_) {
    NBITS_ASSIGN_OR_RETURN(found_, CheckCompareOptions(options_));
  }
  description_ = found_->original;
  samples_ = &found_->samples;
  NBITS_RETURN_IF_ERROR(CheckVariants(options_));
  for (const auto& [file, reason] : samples_->skipped()) results_.skipped.push_back({file, reason});
  const int count = static_cast<int>(samples_->names().size());
  runs_ = options_.runs > 0 ? options_.runs : (kLeastTimedRuns + count - 1) / count;
  pictures_.resize(samples_->names().size());
  NBITS_ASSIGN_OR_RETURN(temporary_, TemporaryFolder::Create());
  NBITS_ASSIGN_OR_RETURN(
      journal_, Journal::Open(options_.output, Identify(options_, *samples_), options_.resume));
  if (options_.note && !journal_->news().empty()) options_.note(journal_->news());
  return absl::OkStatus();
}

void Comparison::MakeContenders() {
  std::vector<CompareModel> models = {options_.original};
  if (models[0].name.empty()) models[0].name = "original";
  models.insert(models.end(), options_.variants.begin(), options_.variants.end());
  const std::vector<std::string> names = DistinctNames(models);
  for (size_t i = 0; i < models.size(); ++i) contenders_.emplace_back(models[i], names[i]);
  contenders_.emplace_back(models[0], names[0]);
  contenders_[0].row().is_original = true;
  tallies_.resize(contenders_.size());
  scores_.assign(contenders_.size(),
                 std::vector<std::optional<PictureScore>>(samples_->names().size()));
  for (size_t i = 0; i < Twin(); ++i) results_.variants.push_back(contenders_[i].row());
  DescribeLayers(results_);
}

// Both processes of the original, made ready for this sample.
absl::Status Comparison::StartOn(const Sample& sample) {
  NBITS_ASSIGN_OR_RETURN(const InputFiles files, WriteInputs(sample.inputs));
  for (size_t i : {size_t{0}, Twin()}) {
    contenders_[i].Start(options_.worker_command, options_.threads, shapes_);
    contenders_[i].WarmUp(files).IgnoreError();  // What fails is the row's error.
    std::optional<std::string>& error = contenders_[i].row().error;
    if (!error) continue;
    const absl::Status status = absl::FailedPreconditionError(*error);
    error.reset();
    return status;
  }
  return absl::OkStatus();
}

// On the first sample that it takes. Those before it, if there are any, are named in their turn.
absl::Status Comparison::StartOriginal() {
  if (const auto& error = contenders_[0].row().error) {
    return absl::FailedPreconditionError(absl::StrCat(options_.original.file, ": ", *error));
  }
  absl::Status unreadable, refused;
  std::set<std::map<std::string, Shape>> tried;
  for (size_t i = 0; i < samples_->names().size() && tried.size() < kMostShapesTried; ++i) {
    const auto sample = samples_->Read(i);
    unreadable.Update(sample.status());
    if (!sample.ok()) continue;
    shapes_ = OtherShapes(description_.inputs, sample->inputs);
    if (!tried.insert(shapes_).second) continue;
    const absl::Status started = StartOn(*sample);
    if (started.ok()) return absl::OkStatus();
    refused.Update(started);
  }
  return refused.ok() ? Prefixed("no readable picture or array", unreadable)
                      : Prefixed(options_.original.file, refused);
}

// How many variants may be alive at once: as many as fit into the free memory when each takes as
// much as the original does on the first sample.
size_t Comparison::GroupSize() const {
  const int64_t each = std::max<int64_t>(1, *contenders_[0].row().peak_memory_bytes);
  const int64_t count = AvailableMemoryBytes() / kMemoryReserve / each;
  return static_cast<size_t>(std::clamp<int64_t>(count, 1, 1024));
}

void Comparison::StartTurns(size_t begin, size_t end) {
  turns_ = {0};
  for (size_t i = begin; i < end; ++i) {
    contenders_[i].Start(options_.worker_command, options_.threads, shapes_);
    if (!contenders_[i].row().error) turns_.push_back(i);
  }
  if (begin == 1) turns_.push_back(Twin());
}

// Contenders [begin, end) on all samples, with the original beside them as their reference.
absl::Status Comparison::RunGroup(size_t begin, size_t end) {
  const bool first = begin == 1;
  StartTurns(begin, end);
  for (size_t number = 0; number < samples_->names().size() && !Interrupted(); ++number) {
    // Before it is read: what changes in between is another sample to the next run.
    if (first && !options_.resume) {
      const std::string key = SampleKey(options_, *samples_, number);
      NBITS_RETURN_IF_ERROR(journal_->Note(number, key));
    }
    const auto sample = samples_->Read(number);
    std::string reason(sample.status().message());
    if (sample.ok()) NBITS_RETURN_IF_ERROR(RunSample(number, *sample, reason));
    if (!reason.empty()) {
      if (first) results_.skipped.push_back({samples_->names()[number], std::move(reason)});
    } else {
      Checkpoint();
    }
  }
  const bool judged = judge_.task() && !Interrupted();
  all_judged_ = judged && end == Twin();
  if (judged) NBITS_RETURN_IF_ERROR(RaiseRuns());
  for (size_t turn : turns_) {
    if (turn != 0) contenders_[turn].Stop();
  }
  return absl::OkStatus();
}

// What there is so far is copied and written as a whole: seldom enough to cost a small part of the
// time, however long the run becomes. The journal has what lies between.
void Comparison::Checkpoint() {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  if (!options_.checkpoint || start < next_checkpoint_) return;
  options_.checkpoint(Snapshot(/*complete=*/false, kFewResamples));
  const Clock::time_point end = Clock::now();
  next_checkpoint_ =
      end + std::max<Clock::duration>(kCheckpointInterval, kCheckpointShare * (end - start));
}

Comparison::Scores Comparison::JudgedScores() const {
  Scores scores = scores_;
  const std::vector<OutputScale> scales = ScalesOf(Present(scores[0]));
  for (auto& pictures : scores) {
    for (auto& score : pictures) {
      if (score) SetDecibels(scales, *score);
    }
  }
  return scores;
}

// Of the outputs that are compared, in their order.
std::optional<std::string> Comparison::OutputName(const std::optional<size_t>& index) const {
  for (const auto& picture : pictures_) {
    if (!index || !picture) continue;
    const std::vector<ArraySummary>& outputs = picture->outputs[0].values;
    if (*index < outputs.size()) return outputs[*index].output;
  }
  return std::nullopt;
}

// A finished row of the table, but for its layers and intervals.
VariantResult Comparison::Row(size_t contender, const Scores& scores) const {
  VariantResult row = contenders_[contender].Finished();
  if (row.error) return row;
  row.metrics = MetricsOf(*judge_.task(), *tallies_[contender]);
  if (ComparesArrays(*judge_.task())) {
    AddDecibels(Present(scores[contender]), IsOriginal(contender), row.metrics);
    row.worst_output = OutputName(WorstOutput(Present(scores[contender])));
  }
  row.blank_masks = tallies_[contender]->blank;
  row.nonfinite_values = tallies_[contender]->nonfinite;
  return row;
}

// What of a picture's figures takes the scale of all pictures.
void Comparison::SetPictureFigures(const Scores& scores, Results& results) const {
  if (!ComparesArrays(*judge_.task())) return;
  size_t at = 0;
  for (size_t number = 0; number < pictures_.size(); ++number) {
    if (!pictures_[number]) continue;
    PictureResult& picture = results.pictures[at++];
    for (size_t i = 0; i < Twin(); ++i) {
      if (!scores[i][number]) continue;
      ResultMetrics figures;
      AddDecibels({&*scores[i][number]}, IsOriginal(i), figures);
      picture.outputs[i].snr_db = figures.snr_db;
      picture.outputs[i].psnr_db = figures.psnr_db;
      picture.outputs[i].max_relative_difference = figures.max_relative_difference;
    }
  }
}

// Over the pictures that both the original and the contender were judged on.
void Comparison::AddIntervals(const Scores& scores, size_t contender, int resamples,
                              VariantResult& row) const {
  if (row.error || row.is_original) return;
  std::vector<const PictureScore*> original, variant;
  for (size_t number = 0; number < scores[0].size(); ++number) {
    const auto &before = scores[0][number], &after = scores[contender][number];
    if (!before || !after) continue;
    original.push_back(&*before);
    variant.push_back(&*after);
  }
  row.intervals = IntervalsOf(*judge_.task(), original, variant, row.metrics, resamples);
}

Results Comparison::Snapshot(bool complete, int resamples) const {
  Results results = results_;
  FillHeading(options_, description_, *judge_.task(), results);
  if (!contenders_[0].target().empty()) results.instructions = contenders_[0].target();
  results.input = samples_->InputNames();
  results.truth = judge_.truth_source();
  const Tally& original = *tallies_[0];
  if (results.truth) results.truth_pictures = std::max(original.masked, original.labelled);
  // Ids that were given a meaning are not second-guessed.
  const bool plain_ids = options_.mask_map.ids.empty() && !options_.mask_map.grey;
  if (original.masked > 0 && plain_ids && judge_.task()->kind == TaskKind::kSegmentation) {
    results.proposed_mask_map = ProposeMaskMap(original.truth);
  }
  const Scores scores = JudgedScores();
  results.noise_floor = NoiseBetween(Row(0, scores), Row(Twin(), scores));
  for (const auto& picture : pictures_) {
    if (picture) results.pictures.push_back(*picture);
  }
  SetPictureFigures(scores, results);
  for (size_t i = 0; i < Twin(); ++i) {
    VariantResult row = Row(i, scores);
    AddIntervals(scores, i, resamples, row);
    row.layers = std::move(results.variants[i].layers);
    results.variants[i] = std::move(row);
  }
  if (!complete) results.partial = PartialRun{std::min(done_, total_), total_};
  results.verdict = MakeVerdict(results, options_.allowed_loss);
  return results;
}

absl::StatusOr<Results> Comparison::Run() {
  NBITS_RETURN_IF_ERROR(Prepare());
  MakeContenders();
  NBITS_RETURN_IF_ERROR(CheckSomeVariant(results_.variants));
  NBITS_RETURN_IF_ERROR(StartOriginal());
  const size_t group = GroupSize();
  const size_t groups = std::max<size_t>(1, (Twin() - 1 + group - 1) / group);
  total_ =
      static_cast<int64_t>((contenders_.size() + groups - 1) * samples_->names().size()) * runs_;
  for (size_t begin = 1; begin == 1 || begin < Twin(); begin += group) {
    NBITS_RETURN_IF_ERROR(RunGroup(begin, std::min(begin + group, Twin())));
    if (!judge_.task() && !Interrupted()) {
      const SkippedFile& last = results_.skipped.back();
      return absl::InvalidArgumentError(
          absl::StrCat("no readable picture or array; ", last.file, ": ", last.reason));
    }
    if (Interrupted()) break;
  }
  if (!judge_.task()) return absl::AbortedError("interrupted before the first picture was done");
  return Snapshot(all_judged_, kResamples);
}

absl::Status CheckResume(const CompareOptions& options) {
  if (!options.resume) return absl::OkStatus();
  return Journal::Check(options.output, IdentifySettings(options));
}

absl::StatusOr<Results> Compare(const CompareOptions& options) {
  return WithoutThrowing(options.original.file, [&] { return Comparison(options).Run(); });
}

}  // namespace nbits
