// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/segments.h"

#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "graph/prune.h"

namespace nbits::graph {
namespace {

int64_t BytesOf(const Tensor& tensor) {
  return static_cast<int64_t>(tensor.values.size() * sizeof(float));
}

}  // namespace

std::shared_ptr<const Tensor> SegmentRunner::Get(const std::string& blob) const {
  const auto found = values_.find(blob);
  return found == values_.end() ? nullptr : found->second;
}

absl::StatusOr<int> SegmentRunner::Run(const Steps& steps, int begin) {
  try {
    return RunOrBuild(steps, begin);
  } catch (const std::bad_alloc&) {  // Of the tensors' values.
    return steps.NameStep(
        begin, absl::ResourceExhaustedError(absl::StrCat(
                   "no memory beside ", BytesText(HeldBytes()), " of tensors computed before")));
  }
}

int64_t SegmentRunner::HeldBytes() const {
  int64_t bytes = 0;
  for (const auto& [blob, value] : values_) bytes += BytesOf(*value);
  return bytes;
}

absl::StatusOr<int> SegmentRunner::RunOrBuild(const Steps& steps, int begin) {
  const auto known = segments_.find(steps.Key(begin));
  if (known != segments_.end() && Fits(known->second)) {
    NBITS_RETURN_IF_ERROR(Call(known->second));
    return known->second.end;
  }
  NBITS_ASSIGN_OR_RETURN(Segment segment, Build(steps, begin));
  NBITS_RETURN_IF_ERROR(Call(segment));
  const int end = segment.end;
  if (segment.reusable) segments_[steps.Key(begin)] = std::move(segment);
  return end;
}

bool SegmentRunner::Fits(const Segment& segment) const {
  for (const auto& [blob, shape] : segment.inputs) {
    if (values_.at(blob)->shape != shape) return false;
  }
  return true;
}

absl::StatusOr<SegmentRunner::Segment> SegmentRunner::Build(const Steps& steps, int begin) const {
  Segment segment;
  Builder builder(compile_);
  std::multiset<std::string> reads;
  std::set<std::string> writes;
  for (segment.end = begin; segment.end < steps.size(); ++segment.end) {
    if (steps.IsControl(segment.end)) break;
    NBITS_RETURN_IF_ERROR(BindInputs(steps, segment.end, builder, segment));
    const absl::Status status = steps.Import(segment.end, builder);
    // The value that it needs is computed by the steps so far.
    if (NeedsValues(status) && segment.end > begin) break;
    NBITS_RETURN_IF_ERROR(status);
    for (std::string& blob : steps.Reads(segment.end)) reads.insert(std::move(blob));
    for (std::string& blob : steps.Writes(segment.end)) writes.insert(std::move(blob));
  }
  AddResults(reads, writes, builder);
  segment.reusable = !builder.depends_on_values();
  Prune(builder.graph());
  if (builder.graph().outputs.empty()) return segment;
  NBITS_ASSIGN_OR_RETURN(segment.function, compile_(std::move(builder.graph())));
  return segment;
}

// Gives the builder those inputs of the step that were computed before this segment.
absl::Status SegmentRunner::BindInputs(const Steps& steps, int step, Builder& builder,
                                       Segment& segment) const {
  for (const std::string& blob : steps.Reads(step)) {
    const auto value = values_.find(blob);
    if (builder.blobs().contains(blob) || value == values_.end()) continue;
    NBITS_ASSIGN_OR_RETURN(const TensorId tensor, builder.AddKnownInput(blob, *value->second));
    builder.graph().inputs.push_back(ArrayPort(blob, value->second->shape, tensor));
    builder.Bind(blob, tensor);
    segment.inputs[blob] = value->second->shape;
  }
  return absl::OkStatus();
}

// Results that steps outside the segment read, or that replace a value.
void SegmentRunner::AddResults(const std::multiset<std::string>& reads,
                               const std::set<std::string>& writes, Builder& builder) const {
  for (const std::string& blob : writes) {
    const bool read_outside = reads_.count(blob) > reads.count(blob);
    if (!read_outside && !values_.contains(blob)) continue;
    const auto tensor = builder.blobs().find(blob);
    if (tensor == builder.blobs().end()) continue;  // A constant: whoever reads it has it.
    builder.graph().outputs.push_back(
        ArrayPort(blob, builder.ShapeOf(tensor->second), tensor->second));
  }
}

absl::Status SegmentRunner::Call(const Segment& segment) {
  if (segment.function == nullptr) return absl::OkStatus();
  TensorMap inputs;
  for (const auto& [blob, shape] : segment.inputs) {
    const Tensor& value = *values_.at(blob);
    NBITS_RETURN_IF_ERROR(CheckMemory(BytesOf(value), absl::StrCat("'", blob, "'")));
    inputs[blob] = value;
  }
  NBITS_ASSIGN_OR_RETURN(TensorMap results, segment.function(inputs));
  for (auto& [blob, value] : results) {
    values_[blob] = std::make_shared<Tensor>(std::move(value));
  }
  return absl::OkStatus();
}

}  // namespace nbits::graph
