// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>
#include <numeric>
#include <set>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "base/threads/parallel.h"
#include "compress/accepted_form.h"
#include "compress/convert.h"
#include "formats/neural_network/dynamic_flag.h"
#include "formats/neural_network/layer_facts.h"
#include "nbits/compress.h"

namespace nbits {
namespace {

// Smaller tensors (in elements) never get all cores for themselves.
constexpr int64_t kLargeTensor = int64_t{1} << 20;
// A tensor gets all cores for itself when it is more than this part of a core's share: one core
// would still be at it when the others are done.
constexpr double kPartOfShare = 0.25;

int64_t StoredBytes(const PackedTensor& tensor) {
  return static_cast<int64_t>(tensor.bytes.size()) +
         4 * static_cast<int64_t>(tensor.scale.size() + tensor.offset.size() + tensor.table.size());
}

struct Job {
  size_t weight = 0;
  int64_t elements = 0;
  Conversion conversion;
  WeightReport report;
  bool stored = false;
  absl::Status status;
};

absl::Status Convert(const WeightRef& weight, const PlanEntry& entry, Overflow on_overflow,
                     const TableFunction& table_function, Job& job) {
  NBITS_ASSIGN_OR_RETURN(job.conversion, ConvertWeight(weight, entry, on_overflow, table_function));
  if (!job.conversion.packed) return absl::OkStatus();
  const ValueErrors& errors = job.conversion.errors;
  job.report = {.path = weight.path,
                .layer = weight.layer,
                .layer_type = weight.layer_type,
                .mode = entry.mode,
                .bits = entry.bits,
                .elements = job.elements,
                .bytes_before = StoredBytes(weight.tensor),
                .bytes_after = StoredBytes(*job.conversion.packed),
                .snr_db = errors.SnrDb(),
                .squared_error = errors.squared_error,
                .max_absolute_error = errors.max_absolute_error,
                .zeros_flipped = errors.zeros_flipped};
  return absl::OkStatus();
}

absl::Status CheckPlan(const Model& model, const Plan& plan) {
  const std::span<const WeightRef> weights = model.weights();
  if (plan.entries.size() != weights.size()) {
    return absl::InvalidArgumentError(absl::StrCat("the plan names ", plan.entries.size(),
                                                   " weights, the model has ", weights.size()));
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    if (plan.entries[i].path == weights[i].path) continue;
    return absl::InvalidArgumentError(absl::StrCat("the plan names weight ", plan.entries[i].path,
                                                   " where the model has ", weights[i].path));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Job>> MakeJobs(const Model& model, const Plan& plan) {
  std::vector<Job> jobs;
  for (size_t i = 0; i < plan.entries.size(); ++i) {
    if (plan.entries[i].keep) continue;
    NBITS_ASSIGN_OR_RETURN(const int64_t elements, ElementCount(model.weights()[i].tensor.shape));
    Job& job = jobs.emplace_back();
    job.weight = i;
    job.elements = elements;
  }
  return jobs;
}

// Largest first, so that no core is left alone with a big one at the end.
std::vector<size_t> LargestFirst(const std::vector<Job>& jobs) {
  std::vector<size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&jobs](size_t a, size_t b) { return jobs[a].elements > jobs[b].elements; });
  return order;
}

void RunJobs(const Model& model, const Plan& plan, const ApplyOptions& options,
             std::vector<Job>& jobs) {
  const std::vector<size_t> order = LargestFirst(jobs);
  int64_t total = 0, done = 0;
  for (const Job& job : jobs) total += job.elements;
  std::mutex mutex;
  const auto run = [&](int64_t i) {
    const WeightRef& source = model.weights()[jobs[order[static_cast<size_t>(i)]].weight];
    const absl::Cleanup release = [&] { MappedFile::ReleasePages(source.tensor.bytes); };
    Job& job = jobs[order[static_cast<size_t>(i)]];
    job.status = WithoutThrowing(source.path, [&] {
      return Convert(source, plan.entries[job.weight], plan.on_overflow, options.table_function,
                     job);
    });
    if (!options.progress) return;
    const std::lock_guard<std::mutex> lock(mutex);
    done += job.elements;
    options.progress(done, total);
  };
  const double share = static_cast<double>(total) / DefaultThreads();
  const auto takes_all_cores = [&](int64_t i) {
    const int64_t elements = jobs[order[static_cast<size_t>(i)]].elements;
    return elements >= kLargeTensor && static_cast<double>(elements) > kPartOfShare * share;
  };
  const auto count = static_cast<int64_t>(jobs.size());
  int64_t large = 0;
  while (large < count && takes_all_cores(large)) run(large++);
  ParallelFor(count - large, [&](int64_t i) { run(large + i); });
}

void Keep(PlanEntry& entry, const char* reason) {
  entry.keep = true;
  entry.reason = reason;
}

// Core ML refuses layers that hold Float32 and Float16 side by side: where a weight could not
// become Float16, the layer's others stay with it.
void KeepFloat32Together(const std::vector<LayerFacts>& facts, std::vector<Job>& jobs,
                         std::vector<PlanEntry>& entries) {
  std::set<size_t> layers;
  for (const Job& job : jobs) {
    const bool is_half = entries[job.weight].mode == Mode::kFloat16;
    if (is_half && !job.conversion.packed) layers.insert(facts[job.weight].layer);
  }
  for (Job& job : jobs) {
    const bool is_half = entries[job.weight].mode == Mode::kFloat16;
    if (!is_half || !job.conversion.packed || !layers.contains(facts[job.weight].layer)) continue;
    job.conversion.packed.reset();
    Keep(entries[job.weight], "its layer stays Float32");
  }
}

// What a plan says of forms that were asked for in vain.
void AddRefusals(const Model& model, const std::vector<PlanEntry>& entries,
                 CompressReport& report) {
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].refused.empty()) continue;
    const WeightRef& weight = model.weights()[i];
    const int64_t elements = ElementCount(weight.tensor.shape).value_or(0);
    report.findings.push_back({.trouble = Trouble::kOtherForm,
                               .path = weight.path,
                               .layer = weight.layer,
                               .count = elements,
                               .total = elements,
                               .detail = entries[i].refused,
                               .weight = i});
  }
}

// int8DynamicQuantize demands 8-bit signed weights, which those that were changed are no more.
void ClearFlags(const std::vector<Job>& jobs, Model& model) {
  std::set<size_t> changed;
  for (const Job& job : jobs) {
    if (job.stored) changed.insert(job.weight);
  }
  ClearDynamicInt8(model, [&changed](const LayerWeights& layer) {
    return layer.kernel && changed.contains(*layer.kernel);
  });
}

// Puts the results into the model; weights that had to stay become so in `entries`.
absl::Status StoreResults(std::vector<Job>& jobs, Model& model, std::vector<PlanEntry>& entries,
                          CompressReport& report) {
  for (Job& job : jobs) {
    for (Finding& finding : job.conversion.findings) {
      finding.weight = job.weight;
      report.findings.push_back(std::move(finding));
    }
    if (!job.conversion.packed) {
      PlanEntry& entry = entries[job.weight];
      if (!entry.keep) Keep(entry, "values that its form cannot hold");
      continue;
    }
    NBITS_RETURN_IF_ERROR(model.ReplaceWeight(job.weight, *std::move(job.conversion.packed)));
    report.changed.push_back(std::move(job.report));
    job.stored = true;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CompressReport> ApplyPlan(Model& model, const Plan& plan,
                                         const ApplyOptions& options) {
  NBITS_RETURN_IF_ERROR(CheckPlan(model, plan));
  const std::vector<LayerFacts> facts = FactsOfWeights(model);
  NBITS_RETURN_IF_ERROR(CheckForms(model, facts, plan.entries));
  NBITS_ASSIGN_OR_RETURN(std::vector<Job> jobs, MakeJobs(model, plan));
  CompressReport report;
  report.bytes_before = model.SerializedSize();
  RunJobs(model, plan, options, jobs);
  for (const Job& job : jobs) NBITS_RETURN_IF_ERROR(job.status);
  for (const WeightRef& weight : model.weights()) report.originals.push_back(weight.tensor);
  std::vector<PlanEntry> entries = plan.entries;
  KeepFloat32Together(facts, jobs, entries);
  AddRefusals(model, entries, report);
  NBITS_RETURN_IF_ERROR(StoreResults(jobs, model, entries, report));
  ClearFlags(jobs, model);
  for (PlanEntry& entry : entries) {
    if (entry.keep) report.kept.push_back(std::move(entry));
  }
  for (const WeightRef& weight : model.weights()) report.stored.push_back(weight.tensor);
  report.bytes_after = model.SerializedSize();
  return report;
}

}  // namespace nbits
