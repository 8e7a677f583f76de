// SPDX-License-Identifier: Apache-2.0
#include "compare/measure/contender.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "base/status_macros.h"
#include "compare/judge/statistics.h"
#include "nbits/model.h"

namespace nbits {
namespace {

struct Storage {
  int bits = 0;
  std::string scheme;
  auto operator<=>(const Storage&) const = default;
};

// How most of the kernels' elements are stored (of all weights when there are no kernels).
std::optional<Storage> MostCommonStorage(const Model& model) {
  std::map<Storage, int64_t> elements, kernels;
  for (const WeightRef& weight : model.weights()) {
    const auto count = ElementCount(weight.tensor.shape);
    if (!count.ok()) continue;
    const Storage storage{weight.tensor.bits, std::string(TraitsOf(weight.tensor.scheme).name)};
    elements[storage] += *count;
    if (weight.role == WeightRole::kKernel) kernels[storage] += *count;
  }
  const auto& counts = kernels.empty() ? elements : kernels;
  if (counts.empty()) return std::nullopt;
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace

Contender::Contender(const CompareModel& model, const std::string& name) : compute_(model.compute) {
  row_.name = name;
  row_.file = model.file;
  row_.bits = model.bits;
  row_.mode = model.mode;
  row_.policy = model.policy;
  row_.error = model.error;
  if (!row_.error) Describe(model);
}

void Contender::Describe(const CompareModel& model) {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(model.file, ignored);
  if (!ignored) row_.bytes = static_cast<int64_t>(size);
  const auto opened = Model::Open(model.file);
  if (!opened.ok()) return Fail(opened.status());
  row_.bytes = opened->file_size();
  if (const auto storage = MostCommonStorage(*opened)) {
    if (!row_.bits) row_.bits = storage->bits;
    if (!row_.mode) row_.mode = storage->scheme;
  }
}

void Contender::Start(const std::vector<std::string>& command, int threads,
                      const std::map<std::string, Shape>& shapes) {
  if (row_.error) return;
  auto runner =
      Runner::Start(command, row_.file, {.threads = threads, .compute = compute_}, shapes);
  if (!runner.ok()) return Fail(runner.status());
  runner_ = *std::move(runner);
  row_.load_ms = runner_->load_ms();
  target_ = runner_->target();
}

absl::Status Contender::WarmUp(const InputFiles& inputs) {
  if (!runner_) return absl::FailedPreconditionError(row_.error.value_or("it is not running"));
  if (warm_) return absl::OkStatus();
  const absl::Status status = runner_->Run(inputs).status();
  if (!status.ok()) {
    Fail(status);
    return status;
  }
  warm_ = true;
  row_.peak_memory_bytes =
      std::max(row_.peak_memory_bytes.value_or(0), runner_->peak_memory_bytes());
  return absl::OkStatus();
}

absl::StatusOr<TensorMap> Contender::Measure(const InputFiles& inputs,
                                             const std::string& save_prefix) {
  NBITS_RETURN_IF_ERROR(WarmUp(inputs));
  auto outputs = runner_->Run(inputs, save_prefix);
  if (!outputs.ok()) {
    Fail(outputs.status());
    return outputs.status();
  }
  row_.times_ms.push_back(runner_->last_ms());
  row_.peak_memory_bytes =
      std::max(row_.peak_memory_bytes.value_or(0), runner_->peak_memory_bytes());
  return outputs;
}

void Contender::Restore(const std::vector<double>& times_ms, double load_ms,
                        int64_t peak_memory_bytes) {
  row_.times_ms.insert(row_.times_ms.end(), times_ms.begin(), times_ms.end());
  if (!row_.load_ms) row_.load_ms = load_ms;
  row_.peak_memory_bytes = std::max(row_.peak_memory_bytes.value_or(0), peak_memory_bytes);
}

void Contender::Fail(const absl::Status& status) {
  row_.error = std::string(status.message());
  runner_.reset();
}

absl::StatusOr<TensorMap> Contender::Answer(const InputFiles& inputs,
                                            const std::string& save_prefix) {
  if (!runner_) return absl::FailedPreconditionError(row_.error.value_or("it is not running"));
  return runner_->Run(inputs, save_prefix);
}

VariantResult Contender::Finished() const {
  VariantResult row = row_;
  if (row.times_ms.empty()) return row;
  row.median_ms = Median(row.times_ms);
  row.min_ms = *std::min_element(row.times_ms.begin(), row.times_ms.end());
  // Fewer runs show nothing of how much times scatter.
  if (row.times_ms.size() >= 3) row.spread_ms = InterquartileRange(row.times_ms);
  return row;
}

}  // namespace nbits
