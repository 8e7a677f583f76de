// SPDX-License-Identifier: Apache-2.0
// All models of a group in turn on one sample.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "compare/comparison.h"
#include "nbits/input.h"
#include "nbits/npy.h"

namespace nbits {

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

// What the original gives for this sample, untimed. Nothing, and why it does not take the sample.
absl::StatusOr<TensorMap> Comparison::OriginalOutputs(const Sample& sample, std::string& refusal) {
  auto outputs = contenders_[0].Answer(last_input_, absl::StrCat(temporary_->path(), "/original-"));
  if (absl::IsFailedPrecondition(outputs.status())) {
    refusal = std::string(outputs.status().message());
    return TensorMap();
  }
  if (!outputs.ok()) return Prefixed(options_.original.file, outputs.status());
  const std::optional<FeatureDescription> picture = samples_->PictureOf(sample);
  NBITS_RETURN_IF_ERROR(judge_.SetTask(picture ? &*picture : nullptr, *outputs, samples_->names()));
  return outputs;
}

void Comparison::BeginPicture(size_t number, const Sample& sample) {
  PictureResult& picture = pictures_[number].emplace(judge_.picture());
  picture.outputs.resize(Twin());
  if (!sample.picture) return;
  picture.own_width = sample.own_width;
  picture.own_height = sample.own_height;
  for (const std::string& note : sample.notes) {
    if (options_.note) options_.note(note);
  }
}

// One timed run of contender `turn`. Only the original's failure is an error.
absl::Status Comparison::MeasureOnce(size_t turn, bool keep, const InputFiles& input,
                                     std::vector<TensorMap>& outputs) {
  const std::string prefix = keep ? absl::StrCat(temporary_->path(), "/output-", turn, "-") : "";
  auto answer = contenders_[turn].Measure(input, prefix);
  if (answer.ok()) {
    if (keep) outputs[turn] = *std::move(answer);
    return absl::OkStatus();
  }
  return IsOriginal(turn) ? Prefixed(options_.original.file, answer.status()) : absl::OkStatus();
}

void Comparison::Progress() {
  ++done_;
  if (options_.progress) options_.progress(std::min(done_, total_), total_);
}

// Takes over what an earlier run has measured; false when it has not.
bool Comparison::RestoreEntry(size_t number, size_t contender) {
  if (!options_.resume) return false;
  auto entry = journal_->Find(*judge_.task(), number, contender);
  if (!entry) return false;
  contenders_[contender].Restore(entry->times_ms, entry->load_ms, entry->peak_memory_bytes);
  tallies_[contender]->Merge(entry->tally);
  scores_[contender][number] = ScoreOf(entry->tally);
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
      std::move(outputs),
      is_twin ? std::nullopt : std::optional<int>(journal_->ContenderNumber(turn)));
  if (!judgement.ok()) return judged.Fail(judgement.status()), absl::OkStatus();
  tallies_[turn]->Merge(judgement->tally);
  scores_[turn][number] = ScoreOf(judgement->tally);
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
      Progress();
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

// `refusal`: why the original does not take the sample; it is left out then.
absl::Status Comparison::RunSample(size_t number, const Sample& sample, std::string& refusal) {
  NBITS_ASSIGN_OR_RETURN(last_input_, WriteInputs(sample.inputs));
  NBITS_ASSIGN_OR_RETURN(TensorMap original, OriginalOutputs(sample, refusal));
  if (!refusal.empty()) return absl::OkStatus();
  one_shape_ = one_shape_ && OtherShapes(description_.inputs, sample.inputs) == shapes_;
  for (auto& tally : tallies_) {
    if (!tally) tally.emplace(*judge_.task());
  }
  std::optional<std::string> problem;
  const std::optional<FeatureDescription> seen = samples_->PictureOf(sample);
  NBITS_RETURN_IF_ERROR(judge_.Begin(journal_->PictureNumber(number), samples_->names()[number],
                                     sample.picture, seen ? seen->shape : Shape(),
                                     std::move(original), problem));
  const bool first = !pictures_[number].has_value();
  if (first) {
    BeginPicture(number, sample);
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

}  // namespace nbits
