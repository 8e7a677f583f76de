// SPDX-License-Identifier: Apache-2.0
#include "engine/half_range.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "engine/kernels/common/chunks.h"

namespace nbits {
namespace {

using graph::Unary;
using graph::UnaryFunction;

constexpr float kLargestHalf = 65504;
// Other inputs give other values: a tensor that comes so near is not stored in halves either.
constexpr float kWideFrom = kLargestHalf / 2;
constexpr int16_t kInfiniteHalf = 0x7c00;  // NaN is above.

bool IsHalf(const Format& format) { return format.element == Element::kFloat16; }
bool IsBlockedFloat(const Format& format) { return format == kBlockedFormat; }

void SetElement(bool wide, Format& format) {
  if (format.layout != Layout::kBlocked) return;
  format.element = wide ? Element::kFloat32 : Element::kFloat16;
}

void SetEachElement(const graph::Node& node, std::span<const Format> current,
                    const HalfStorage& storage, NodeFormats& formats) {
  for (size_t i = 0; i < formats.inputs.size(); ++i) {
    SetElement(storage.is_wide(node.inputs[i]) || IsBlockedFloat(current[i]), formats.inputs[i]);
  }
  for (size_t i = 0; i < formats.outputs.size(); ++i) {
    SetElement(storage.is_wide(node.outputs[i]), formats.outputs[i]);
  }
}

void SetOneElement(const graph::Node& node, std::span<const Format> current,
                   const HalfStorage& storage, NodeFormats& formats) {
  const auto is_wide = [&](graph::TensorId tensor) { return storage.is_wide(tensor); };
  const bool wide = std::ranges::any_of(node.inputs, is_wide) ||
                    std::ranges::any_of(node.outputs, is_wide) ||
                    std::ranges::any_of(current, IsBlockedFloat);
  for (Format& format : formats.inputs) SetElement(wide, format);
  for (Format& format : formats.outputs) SetElement(wide, format);
}

bool IsBounded(const Unary& op) {
  switch (op.function) {
    case UnaryFunction::kSigmoid:
    case UnaryFunction::kHardSigmoid:
    case UnaryFunction::kTanh:
    case UnaryFunction::kSoftsign:
      return true;
    case UnaryFunction::kClip:
      return std::max(std::abs(op.alpha), std::abs(op.beta)) <= kLargestHalf;
    default:
      return false;
  }
}

bool IsBounded(const graph::Convolution& op) {
  return op.activation && IsBounded(*op.activation) &&
         op.addition != graph::Addition::kAfterActivation;
}

// Moves or averages values.
bool KeepsRange(const graph::Op& op) {
  if (const auto* pool = std::get_if<graph::Pool>(&op)) {
    return pool->function != graph::PoolFunction::kL2;
  }
  return std::holds_alternative<graph::Resize>(op) || std::holds_alternative<graph::Concat>(op);
}

int16_t LargestHalf(const uint16_t* halves, int64_t count) {
  int16_t largest = 0;  // Signed: vectors of every machine know the larger of two.
  for (int64_t i = 0; i < count; ++i) {
    largest = std::max(largest, static_cast<int16_t>(halves[i] & 0x7fff));
  }
  return largest;
}

int64_t CountWide(const float* values, int64_t count) {
  int64_t wide = 0;
  for (int64_t i = 0; i < count; ++i) wide += std::abs(values[i]) <= kWideFrom ? 0 : 1;
  return wide;
}

}  // namespace

void SetElements(const graph::Node& node, std::span<const Format> current,
                 const HalfStorage& storage, NodeFormats& formats) {
  if (!storage.halves) return;
  if (std::holds_alternative<graph::Convolution>(node.op)) {
    SetEachElement(node, current, storage, formats);
  } else {
    SetOneElement(node, current, storage, formats);
  }
}

bool MayLeaveHalfRange(const graph::Node& node, std::span<const Format> inputs) {
  if (const auto* op = std::get_if<graph::Convolution>(&node.op)) return !IsBounded(*op);
  if (const auto* op = std::get_if<Unary>(&node.op)) return !IsBounded(*op);
  return !KeepsRange(node.op) || !std::ranges::all_of(inputs, IsHalf);
}

bool LeavesHalfRange(const Operand& tensor, int threads) {
  std::atomic<bool> leaves = false;
  const int64_t count = StoredElements(tensor.shape, tensor.format.layout);
  ForChunks(count, 1, threads, [&](int64_t begin, int64_t end) {
    if (leaves.load(std::memory_order_relaxed)) return;
    const bool found = IsHalf(tensor.format)
                           ? LargestHalf(tensor.halves() + begin, end - begin) >= kInfiniteHalf
                           : CountWide(tensor.data + begin, end - begin) > 0;
    if (found) leaves.store(true, std::memory_order_relaxed);
  });
  return leaves;
}

}  // namespace nbits
