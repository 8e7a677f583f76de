#include "nbits/compare.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "compare/contender.h"
#include "compare/fingerprint.h"
#include "compare/journal.h"
#include "compare/judge.h"
#include "compare/layers.h"
#include "compare/machine.h"
#include "compare/metric_fields.h"
#include "compare/samples.h"
#include "compare/statistics.h"
#include "compare/temporary_folder.h"
#include "compare/verdict.h"
#include "nbits/model.h"
#include "nbits/npy.h"

namespace nbits {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLeastTimedRuns = 10;    // In all, when the number of runs is not given.
constexpr double kMedianKnown = 0.01;  // Runs are raised until the median is known so well.
constexpr int kMemoryReserve = 2;  // The variants alive at once get this part of the free memory.

absl::Status Prefixed(absl::string_view prefix, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(prefix, ": ", status.message()));
}

// The names of `models`, made distinct where needed.
std::vector<std::string> DistinctNames(const std::vector<CompareModel>& models) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const CompareModel& model : models) {
    const std::string stem =
        model.name.empty() ? std::filesystem::path(model.file).stem().string() : model.name;
    std::string name = stem;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = absl::StrCat(stem, " (", number, ")");
    }
    names.push_back(name);
  }
  return names;
}

// Whether the median of these times is known well: the half width of its confidence interval is
// about the interquartile range over the root of the number of runs.
bool MedianIsKnown(const std::vector<double>& times) {
  if (times.size() < 2) return false;
  const double uncertainty =
      InterquartileRange(times) / std::sqrt(static_cast<double>(times.size()));
  return uncertainty <= kMedianKnown * Median(times);
}

class Comparison {
 public:
  explicit Comparison(const CompareOptions& options)
      : options_(options), judge_(options, description_) {}
  absl::StatusOr<Results> Run();

 private:
  absl::Status Prepare();
  void MakeContenders();
  absl::Status StartOriginal();
  absl::StatusOr<size_t> GroupSize();
  absl::Status RunGroup(size_t begin, size_t end);
  void StartTurns(size_t begin, size_t end);
  absl::Status RunSample(size_t number, const Sample& sample);
  absl::StatusOr<TensorMap> OriginalOutputs(const InputFiles& input);
  bool RestoreEntry(size_t number, size_t contender);
  absl::StatusOr<InputFiles> WriteInputs(const TensorMap& inputs);
  absl::Status MeasureSample(size_t number, const InputFiles& input,
                             const std::vector<size_t>& turns, bool judge_original);
  absl::Status MeasureOnce(size_t turn, bool keep, const InputFiles& input,
                           std::vector<TensorMap>& outputs);
  absl::Status JudgeAndStore(size_t number, size_t turn, TensorMap outputs,
                             std::vector<double> times);
  void RestoreRaised();
  absl::Status RaiseRuns();
  absl::Status StoreRaised(const std::vector<size_t>& before);
  bool Interrupted() const { return options_.interrupted != nullptr && *options_.interrupted; }
  void FillModel(Results& results) const;
  void FillNoise(Results& results) const;
  Results Snapshot(bool complete) const;
  void Progress();
  size_t Twin() const { return contenders_.size() - 1; }
  bool IsOriginal(size_t turn) const { return turn == 0 || turn == Twin(); }

  const CompareOptions& options_;
  ModelDescription description_;
  std::optional<TemporaryFolder> temporary_;
  std::optional<Journal> journal_;
  // One per row of the table, the original first; after them the original's second process.
  std::vector<Contender> contenders_;
  std::vector<std::optional<Tally>> tallies_;  // One per contender, once the task is known.
  std::vector<size_t> turns_;  // Those that run now: the original and a group of the others.
  Judge judge_;
  std::optional<Samples> samples_;
  InputFiles last_input_;                               // Of the sample that was run last.
  std::vector<std::optional<PictureResult>> pictures_;  // One per file; none when it is unreadable.
  Results results_;  // Skipped files and what is known of the layers.
  int runs_ = 1;
  int64_t done_ = 0, total_ = 0;
};

absl::Status Comparison::Prepare() {
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(options_.original.file));
  description_ = model.description();
  auto samples = Samples::List(options_, description_);
  if (absl::IsInvalidArgument(samples.status())) {
    return Prefixed(options_.original.file, samples.status());
  }
  NBITS_RETURN_IF_ERROR(samples.status());
  samples_ = *std::move(samples);
  for (const auto& [file, reason] : samples_->skipped()) results_.skipped.push_back({file, reason});
  const int count = static_cast<int>(samples_->names().size());
  runs_ = options_.runs > 0 ? options_.runs : (kLeastTimedRuns + count - 1) / count;
  pictures_.resize(samples_->names().size());
  NBITS_ASSIGN_OR_RETURN(temporary_, TemporaryFolder::Create());
  NBITS_ASSIGN_OR_RETURN(
      journal_, Journal::Open(options_.output, Fingerprint(options_, samples_->names(), runs_),
                              options_.resume));
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
  for (size_t i = 0; i < Twin(); ++i) results_.variants.push_back(contenders_[i].row());
  DescribeLayers(results_);
}

absl::Status Comparison::StartOriginal() {
  for (size_t i : {size_t{0}, Twin()}) {
    contenders_[i].Start(options_.worker_command, options_.threads);
    if (const auto& error = contenders_[i].row().error) {
      return absl::FailedPreconditionError(absl::StrCat(options_.original.file, ": ", *error));
    }
  }
  return absl::OkStatus();
}

// The sample's arrays as files, which all processes read.
absl::StatusOr<InputFiles> Comparison::WriteInputs(const TensorMap& inputs) {
  InputFiles files;
  for (const auto& [name, tensor] : inputs) {
    const std::string file = absl::StrCat(temporary_->path(), "/input-", files.size(), ".npy");
    NBITS_RETURN_IF_ERROR(WriteNpy(file, tensor));
    files[name] = file;
  }
  return files;
}

// How many variants may be alive at once: as many as fit into the free memory when each takes as
// much as the original does on the first sample that can be read.
absl::StatusOr<size_t> Comparison::GroupSize() {
  absl::StatusOr<Sample> sample = absl::NotFoundError("");
  for (size_t i = 0; i < samples_->names().size() && !sample.ok(); ++i) sample = samples_->Read(i);
  if (!sample.ok()) return Prefixed("no readable picture or array", sample.status());
  NBITS_ASSIGN_OR_RETURN(const InputFiles files, WriteInputs(sample->inputs));
  for (size_t i : {size_t{0}, Twin()}) {
    const absl::Status status = contenders_[i].WarmUp(files);
    if (!status.ok()) return Prefixed(options_.original.file, status);
  }
  const int64_t each = std::max<int64_t>(1, *contenders_[0].row().peak_memory_bytes);
  const int64_t count = AvailableMemoryBytes() / kMemoryReserve / each;
  return static_cast<size_t>(std::clamp<int64_t>(count, 1, 1024));
}

void Comparison::Progress() {
  ++done_;
  if (options_.progress) options_.progress(std::min(done_, total_), total_);
}

// One timed run of contender `turn`. Only the original's failure is an error.
absl::Status Comparison::MeasureOnce(size_t turn, bool keep, const InputFiles& input,
                                     std::vector<TensorMap>& outputs) {
  const std::string prefix = keep ? absl::StrCat(temporary_->path(), "/output-", turn, "-") : "";
  auto answer = contenders_[turn].Measure(input, prefix);
  Progress();
  if (answer.ok()) {
    if (keep) outputs[turn] = *std::move(answer);
    return absl::OkStatus();
  }
  return IsOriginal(turn) ? Prefixed(options_.original.file, answer.status()) : absl::OkStatus();
}

// What the original gives for this sample, untimed.
absl::StatusOr<TensorMap> Comparison::OriginalOutputs(const InputFiles& input) {
  auto outputs = contenders_[0].Answer(input, absl::StrCat(temporary_->path(), "/original-"));
  if (!outputs.ok()) return Prefixed(options_.original.file, outputs.status());
  NBITS_RETURN_IF_ERROR(judge_.SetTask(samples_->picture(), *outputs));
  return outputs;
}

// Takes over what an earlier run has measured; false when it has not.
bool Comparison::RestoreEntry(size_t number, size_t contender) {
  if (!options_.resume) return false;
  auto entry = journal_->Find(*judge_.task(), number, contender);
  if (!entry) return false;
  contenders_[contender].Restore(entry->times_ms, entry->load_ms, entry->peak_memory_bytes);
  tallies_[contender]->Merge(entry->tally);
  if (contender != Twin()) pictures_[number]->outputs[contender] = std::move(entry->output);
  done_ += runs_;
  return true;
}

absl::Status Comparison::JudgeAndStore(size_t number, size_t turn, TensorMap outputs,
                                       std::vector<double> times) {
  Contender& judged = contenders_[turn];
  if (judged.row().error) return absl::OkStatus();
  const bool is_twin = turn == Twin();
  auto judgement = judge_.JudgeOutputs(
      std::move(outputs), is_twin ? std::nullopt : std::optional<int>(static_cast<int>(turn)));
  if (!judgement.ok()) return judged.Fail(judgement.status()), absl::OkStatus();
  tallies_[turn]->Merge(judgement->tally);
  if (!is_twin) pictures_[number]->outputs[turn] = judgement->output;
  return journal_->Store(number, turn,
                         {std::move(times), judged.row().load_ms.value_or(0),
                          judged.row().peak_memory_bytes.value_or(0), std::move(judgement->output),
                          std::move(judgement->tally)});
}

absl::Status Comparison::MeasureSample(size_t number, const InputFiles& input,
                                       const std::vector<size_t>& turns, bool judge_original) {
  std::vector<TensorMap> outputs(contenders_.size());
  std::vector<size_t> before(contenders_.size());
  for (size_t turn : turns) before[turn] = contenders_[turn].row().times_ms.size();
  for (int run = 0; run < runs_; ++run) {
    for (size_t i = 0; i < turns.size(); ++i) {
      if (Interrupted()) return absl::OkStatus();
      // Another one begins each round, so that no place in the order belongs to one model.
      const size_t turn = turns[(i + static_cast<size_t>(run)) % turns.size()];
      NBITS_RETURN_IF_ERROR(MeasureOnce(turn, run == 0, input, outputs));
    }
  }
  for (size_t turn : turns) {
    if (turn == 0 && !judge_original) continue;
    const std::vector<double>& times = contenders_[turn].row().times_ms;
    const auto first = times.begin() + static_cast<std::ptrdiff_t>(before[turn]);
    NBITS_RETURN_IF_ERROR(
        JudgeAndStore(number, turn, std::move(outputs[turn]), {first, times.end()}));
  }
  return absl::OkStatus();
}

absl::Status Comparison::RunSample(size_t number, const Sample& sample) {
  NBITS_ASSIGN_OR_RETURN(last_input_, WriteInputs(sample.inputs));
  NBITS_ASSIGN_OR_RETURN(TensorMap original, OriginalOutputs(last_input_));
  for (auto& tally : tallies_) {
    if (!tally) tally.emplace(*judge_.task());
  }
  std::optional<std::string> problem;
  NBITS_RETURN_IF_ERROR(judge_.Begin(static_cast<int>(number), samples_->names()[number],
                                     sample.picture, std::move(original), problem));
  const bool first = !pictures_[number].has_value();
  if (first) {
    pictures_[number] = judge_.picture();
    pictures_[number]->outputs.resize(Twin());
    if (problem) {
      results_.skipped.push_back({absl::StrCat("mask of ", samples_->names()[number]), *problem});
    }
  }
  // Beside the variants of a later group the original runs along, but is not judged again.
  std::vector<size_t> turns;
  for (size_t turn : turns_) {
    if ((turn == 0 && !first) || !RestoreEntry(number, turn)) turns.push_back(turn);
  }
  return MeasureSample(number, last_input_, turns, first);
}

void Comparison::StartTurns(size_t begin, size_t end) {
  turns_ = {0};
  for (size_t i = begin; i < end; ++i) {
    contenders_[i].Start(options_.worker_command, options_.threads);
    if (!contenders_[i].row().error) turns_.push_back(i);
  }
  if (begin == 1) turns_.push_back(Twin());
}

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

// Contenders [begin, end) on all samples, with the original beside them as their reference.
absl::Status Comparison::RunGroup(size_t begin, size_t end) {
  const bool first = begin == 1;
  StartTurns(begin, end);
  for (size_t number = 0; number < samples_->names().size() && !Interrupted(); ++number) {
    const auto sample = samples_->Read(number);
    if (sample.ok()) {
      NBITS_RETURN_IF_ERROR(RunSample(number, *sample));
      if (options_.checkpoint) options_.checkpoint(Snapshot(/*complete=*/false));
    } else if (first) {
      results_.skipped.push_back(
          {samples_->names()[number], std::string(sample.status().message())});
    }
  }
  if (judge_.task() && !Interrupted()) NBITS_RETURN_IF_ERROR(RaiseRuns());
  for (size_t turn : turns_) {
    if (turn != 0) contenders_[turn].Stop();
  }
  return absl::OkStatus();
}

void Comparison::FillModel(Results& results) const {
  const Task& task = *judge_.task();
  results.created = UtcNow();
  results.nbits_version = options_.nbits_version;
  if (!options_.commit.empty()) results.commit = options_.commit;
  if (!options_.command.empty()) results.command = options_.command;
  DescribeMachine(results);
  results.cores = DefaultThreads();
  results.threads = options_.threads > 0 ? options_.threads : DefaultThreads();
  results.model_name = std::filesystem::path(options_.original.file).stem().string();
  results.model_type = description_.type;
  results.input = samples_->InputNames();
  if (!task.output.empty()) results.output = task.output;
  results.truth = judge_.truth_source();
  results.task = std::string(TaskName(task.kind));
  if (task.kind == TaskKind::kClassification) results.labels = task.labels;
  if (task.kind != TaskKind::kSegmentation) return;
  results.rule = std::string(RuleName(task.rule));
  results.labels = task.table.labels;
  for (const Color& color : task.table.colors) results.colors.push_back(ToHex(color));
  results.background_id = task.table.background_id;
}

// The original's second process against its first.
void Comparison::FillNoise(Results& results) const {
  const VariantResult first = contenders_[0].Finished(), second = contenders_[Twin()].Finished();
  NoiseFloor& noise = results.noise_floor;
  if (first.median_ms.value_or(0) > 0 && second.median_ms) {
    noise.time_ratio_spread = std::abs(*second.median_ms / *first.median_ms - 1);
  }
  if (first.peak_memory_bytes.value_or(0) > 0 && second.peak_memory_bytes) {
    noise.memory_ratio_spread = std::abs(static_cast<double>(*second.peak_memory_bytes) /
                                             static_cast<double>(*first.peak_memory_bytes) -
                                         1);
  }
  const ResultMetrics a = MetricsOf(*judge_.task(), *tallies_[0], true);
  const ResultMetrics b = MetricsOf(*judge_.task(), *tallies_[Twin()], true);
  for (const MetricField& field : kMetricFields) {
    if (a.*field.member && b.*field.member) {
      noise.metrics.*field.member = std::abs(*(a.*field.member) - *(b.*field.member));
    }
  }
}

Results Comparison::Snapshot(bool complete) const {
  Results results = results_;
  FillModel(results);
  FillNoise(results);
  for (const auto& picture : pictures_) {
    if (picture) results.pictures.push_back(*picture);
  }
  for (size_t i = 0; i < Twin(); ++i) {
    VariantResult row = contenders_[i].Finished();
    row.layers = std::move(results.variants[i].layers);
    if (!row.error) row.metrics = MetricsOf(*judge_.task(), *tallies_[i], row.is_original);
    results.variants[i] = std::move(row);
  }
  if (!complete) results.partial = PartialRun{std::min(done_, total_), total_};
  results.verdict = MakeVerdict(results, options_.allowed_loss);
  return results;
}

absl::StatusOr<Results> Comparison::Run() {
  NBITS_RETURN_IF_ERROR(Prepare());
  MakeContenders();
  NBITS_RETURN_IF_ERROR(StartOriginal());
  NBITS_ASSIGN_OR_RETURN(const size_t group, GroupSize());
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
  return Snapshot(!Interrupted());
}

}  // namespace

absl::StatusOr<Results> Compare(const CompareOptions& options) { return Comparison(options).Run(); }

}  // namespace nbits
