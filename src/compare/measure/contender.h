// SPDX-License-Identifier: Apache-2.0
// One model of a comparison: its process while it can run, its row of the table always.
#ifndef NBITS_COMPARE_MEASURE_CONTENDER_H_
#define NBITS_COMPARE_MEASURE_CONTENDER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/measure/runner.h"
#include "nbits/compare.h"
#include "nbits/results.h"
#include "nbits/tensor.h"

namespace nbits {

class Contender {
 public:
  Contender(const CompareModel& model, const std::string& name);

  // Loads the model in a process of its own, for inputs of `shapes`. A failure is row().error.
  void Start(const std::vector<std::string>& command, int threads,
             const std::map<std::string, Shape>& shapes);
  // The untimed run. A failure is returned and kept as row().error.
  absl::Status WarmUp(const InputFiles& inputs);
  // One timed run, after an untimed one when it is the first. A failure is returned and kept as
  // row().error; a contender that has failed answers so without running.
  absl::StatusOr<TensorMap> Measure(const InputFiles& inputs, const std::string& save_prefix);
  // Runs of an earlier process, from the journal.
  void Restore(const std::vector<double>& times_ms, double load_ms, int64_t peak_memory_bytes);
  // Ends the process and takes the contender out of the comparison.
  void Fail(const absl::Status& status);
  // What it gives for an input, untimed; its failure is returned only.
  absl::StatusOr<TensorMap> Answer(const InputFiles& inputs, const std::string& save_prefix);
  // Ends the process.
  void Stop() { runner_.reset(); }

  // The vector instructions that its process used last; empty when it did not say.
  const std::string& target() const { return target_; }
  VariantResult& row() { return row_; }
  const VariantResult& row() const { return row_; }
  // The row with its statistics of time.
  VariantResult Finished() const;

 private:
  void Describe(const CompareModel& model);

  VariantResult row_;
  Compute compute_;
  std::optional<Runner> runner_;
  std::string target_;
  bool warm_ = false;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_MEASURE_CONTENDER_H_
