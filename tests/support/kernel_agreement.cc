// SPDX-License-Identifier: Apache-2.0
#include "tests/support/kernel_agreement.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "hwy/highway.h"
#include "hwy/targets.h"

namespace nbits::testing {
namespace {

constexpr float kTolerance = 1e-4f;

// What one kind of kernels made of the network.
struct Outcome {
  absl::Status status;
  std::optional<TensorMap> outputs;  // None: it was too large to run, or failed.
};

int64_t PlannedBytes(const Engine& engine) {
  int64_t bytes = engine.memory().arena_bytes;
  for (const auto* features : {&engine.inputs(), &engine.outputs()}) {
    for (const FeatureDescription& feature : *features) {
      int64_t count = 1;
      for (int64_t extent : feature.shape) count *= extent;
      bytes += 4 * count;
    }
  }
  return bytes;
}

Outcome RunKernels(const Model& model, const TensorMap& inputs, bool plain, int64_t most_bytes) {
  std::map<std::string, Shape> shapes;
  for (const auto& [name, tensor] : inputs) shapes[name] = tensor.shape;
  const auto engine = Engine::Create(model, {.threads = 1, .plain = plain}, shapes);
  if (!engine.ok()) return {engine.status(), std::nullopt};
  if (PlannedBytes(*engine) > most_bytes) return {};
  absl::StatusOr<TensorMap> outputs = engine->Run(inputs);
  if (!outputs.ok()) return {outputs.status(), std::nullopt};
  return {absl::OkStatus(), *std::move(outputs)};
}

// Of finite values; 0 when there is none.
float Largest(const Tensor& tensor) {
  float largest = 0;
  for (float value : tensor.values) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  return largest;
}

bool Differ(float a, float b, float tolerance) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) != std::isnan(b);
  if (std::isinf(a) || std::isinf(b)) return a != b;
  return std::abs(a - b) > tolerance;
}

std::string CompareTensors(const Tensor& expected, const Tensor& actual) {
  if (expected.shape != actual.shape) return "another shape";
  const float tolerance = kTolerance * Largest(expected) + 1e-6f;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    if (!Differ(expected.values[i], actual.values[i], tolerance)) continue;
    return absl::StrCat("value ", i, ": ", actual.values[i], " for ", expected.values[i]);
  }
  return "";
}

std::string Compare(const Outcome& plain, const Outcome& fast) {
  if (plain.status.code() != fast.status.code()) {
    return absl::StrCat(fast.status.ToString(), " for ", plain.status.ToString());
  }
  return plain.outputs && fast.outputs ? CompareOutputs(*plain.outputs, *fast.outputs) : "";
}

void SelectTargets(int64_t targets) {
  hwy::SetSupportedTargetsForTest(targets);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace

std::string CompareOutputs(const TensorMap& expected, const TensorMap& actual) {
  for (const auto& [name, tensor] : expected) {
    const auto other = actual.find(name);
    if (other == actual.end()) return absl::StrCat("no output '", name, "'");
    const std::string difference = CompareTensors(tensor, other->second);
    if (!difference.empty()) return absl::StrCat("output '", name, "', ", difference);
  }
  return "";
}

Agreement CompareKernels(const Model& model, const TensorMap& inputs, int64_t most_bytes) {
  const Outcome plain = RunKernels(model, inputs, true, most_bytes);
  Agreement agreement{plain.status, "", plain.outputs.has_value()};
  const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  for (int64_t rest = targets; rest != 0 && agreement.difference.empty(); rest &= rest - 1) {
    SelectTargets(rest & -rest);
    agreement.difference = Compare(plain, RunKernels(model, inputs, false, most_bytes));
    if (!agreement.difference.empty()) {
      absl::StrAppend(&agreement.difference, " (", hwy::TargetName(rest & -rest), ")");
    }
  }
  SelectTargets(targets);
  return agreement;
}

}  // namespace nbits::testing
