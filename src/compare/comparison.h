// SPDX-License-Identifier: Apache-2.0
// A comparison at work: its processes, what they gave so far, and whose turn it is.
#ifndef NBITS_COMPARE_COMPARISON_H_
#define NBITS_COMPARE_COMPARISON_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "compare/compared_inputs.h"
#include "compare/journal.h"
#include "compare/judge/judge.h"
#include "compare/judge/picture_score.h"
#include "compare/measure/contender.h"
#include "compare/measure/temporary_folder.h"
#include "compare/samples.h"
#include "nbits/compare.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits {

// `status` with `prefix` and a colon before its message.
inline absl::Status Prefixed(absl::string_view prefix, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(prefix, ": ", status.message()));
}

class Comparison {
 public:
  explicit Comparison(const CompareOptions& options)
      : options_(options), judge_(options, description_) {}
  absl::StatusOr<Results> Run();

 private:
  // comparison.cc: the order of things.
  absl::Status Prepare();
  void MakeContenders();
  absl::Status StartOriginal();
  absl::Status StartOn(const Sample& sample);
  size_t GroupSize() const;
  absl::Status RunGroup(size_t begin, size_t end);
  void StartTurns(size_t begin, size_t end);
  void Checkpoint();
  // By contender and picture, with what follows from all of them.
  using Scores = std::vector<std::vector<std::optional<PictureScore>>>;
  Scores JudgedScores() const;
  std::optional<std::string> OutputName(const std::optional<size_t>& index) const;
  VariantResult Row(size_t contender, const Scores& scores) const;
  void SetPictureFigures(const Scores& scores, Results& results) const;
  void AddIntervals(const Scores& scores, size_t contender, int resamples,
                    VariantResult& row) const;
  Results Snapshot(bool complete, int resamples) const;

  // comparison_sample.cc: all models on one sample.
  absl::Status RunSample(size_t number, const Sample& sample, std::string& refusal);
  absl::StatusOr<TensorMap> OriginalOutputs(const Sample& sample, std::string& refusal);
  void BeginPicture(size_t number, const Sample& sample);
  bool RestoreEntry(size_t number, size_t contender);
  absl::StatusOr<InputFiles> WriteInputs(const TensorMap& inputs);
  absl::Status MeasureSample(size_t number, const InputFiles& input,
                             const std::vector<size_t>& turns, bool judge_original);
  absl::Status MeasureOnce(size_t turn, bool keep, const InputFiles& input,
                           std::vector<TensorMap>& outputs);
  absl::Status JudgeAndStore(size_t number, size_t turn, TensorMap outputs,
                             std::vector<double> times);
  void Progress();

  // comparison_raise.cc: more runs where a median is not known well.
  void RestoreRaised();
  absl::Status RaiseRuns();
  absl::Status RaiseFor(double seconds);
  std::vector<size_t> Uncertain() const;  // Those whose median is not known well yet.
  double SecondsToRaise() const;
  absl::Status StoreRaised(const std::vector<size_t>& before);

  bool Interrupted() const { return options_.interrupted != nullptr && *options_.interrupted; }
  size_t Twin() const { return contenders_.size() - 1; }
  bool IsOriginal(size_t turn) const { return turn == 0 || turn == Twin(); }

  const CompareOptions& options_;
  ModelDescription description_;
  std::optional<TemporaryFolder> temporary_;
  std::optional<Journal> journal_;
  // One per row of the table, the original first; after them the original's second process.
  std::vector<Contender> contenders_;
  std::vector<std::optional<Tally>> tallies_;  // One per contender, once the task is known.
  // Of each contender, by picture; none where it was not judged.
  Scores scores_;
  std::vector<size_t> turns_;  // Those that run now: the original and a group of the others.
  Judge judge_;
  std::shared_ptr<const ComparedInputs> found_;
  const Samples* samples_ = nullptr;     // Of what was found.
  std::map<std::string, Shape> shapes_;  // Of the inputs that the processes start with.
  bool one_shape_ = true;                // All samples so far had these shapes.
  InputFiles last_input_;                // Of the sample that was run last.
  std::vector<std::optional<PictureResult>> pictures_;  // One per file; none when it is unreadable.
  Results results_;  // Skipped files and what is known of the layers.
  int runs_ = 1;
  std::chrono::steady_clock::time_point next_checkpoint_;
  int64_t done_ = 0, total_ = 0;
  bool all_judged_ = false;  // Every model ran on every sample.
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace nbits

#endif  // NBITS_COMPARE_COMPARISON_H_
