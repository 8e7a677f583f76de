// SPDX-License-Identifier: Apache-2.0
// One model in its own process, asked to run.
#ifndef NBITS_COMPARE_MEASURE_RUNNER_H_
#define NBITS_COMPARE_MEASURE_RUNNER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/measure/process.h"
#include "nbits/engine.h"
#include "nbits/tensor.h"

namespace nbits {

using InputFiles = std::map<std::string, std::string>;  // .npy files by the inputs' names.

class Runner {
 public:
  // Starts the process and waits until the model is loaded for inputs of `shapes` (default ones for
  // those not named). Errors: FailedPrecondition: the model's own, as the process reports them;
  // others: how it ended.
  static absl::StatusOr<Runner> Start(std::vector<std::string> command, const std::string& model,
                                      const EngineOptions& options,
                                      const std::map<std::string, Shape>& shapes);

  // Runs once, on inputs of any shapes; with `save_prefix` the outputs are kept in files that begin
  // with it and returned.
  absl::StatusOr<TensorMap> Run(const InputFiles& inputs, const std::string& save_prefix = "");

  // The vector instructions that the process uses; empty when it does not say.
  const std::string& target() const { return target_; }
  double load_ms() const { return load_ms_; }
  double last_ms() const { return last_ms_; }
  int64_t peak_memory_bytes() const { return peak_memory_bytes_; }

 private:
  explicit Runner(Process process) : process_(std::move(process)) {}

  Process process_;
  double load_ms_ = 0, last_ms_ = 0;
  int64_t peak_memory_bytes_ = 0;
  std::string target_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_MEASURE_RUNNER_H_
