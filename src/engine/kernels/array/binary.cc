// SPDX-License-Identifier: Apache-2.0
// Two values to one, broadcast against each other.
#include <algorithm>
#include <cmath>

#include "engine/kernels/common/extremes.h"
#include "engine/kernels/common/strided.h"
#include "engine/kernels/plain.h"

namespace nbits {
namespace {

using B = graph::BinaryOperation;

// Strides along a row are 0 or 1 but for transposed views, which broadcasting does not make.
template <typename Function>
void MapRow(const float* a, int64_t step_a, const float* b, int64_t step_b, float* out,
            int64_t count, const Function& f) {
  if (step_a == 1 && step_b == 1) {
    for (int64_t i = 0; i < count; ++i) out[i] = f(a[i], b[i]);
  } else if (step_a == 1) {
    const float y = *b;
    for (int64_t i = 0; i < count; ++i) out[i] = f(a[i], y);
  } else {
    for (int64_t i = 0; i < count; ++i) out[i] = f(*a, b[i * step_b]);
  }
}

template <typename Function>
void Map(const Call& call, const Function& f) {
  const Operand &a = call.inputs[0], &b = call.inputs[1];
  const Result& out = call.outputs[0];
  const Walk walk = Walk::Make(
      out.shape, {BroadcastStrides(a.shape, out.shape), BroadcastStrides(b.shape, out.shape)});
  const int64_t step_a = walk.strides[0].back(), step_b = walk.strides[1].back();
  // A cut of the rows lets a single long row use all threads.
  const auto row = [&](const float* x, const float* y, float* to, int64_t count) {
    ForChunks(count, 1, walk.extents.size() == 1 ? call.threads : 1,
              [&](int64_t begin, int64_t end) {
                MapRow(x + begin * step_a, step_a, y + begin * step_b, step_b, to + begin,
                       end - begin, f);
              });
  };
  ForRows(walk, call.threads,
          [&](std::span<const int64_t> offsets, int64_t output_offset, int64_t length) {
            row(a.data + offsets[0], b.data + offsets[1], out.data + output_offset, length);
          });
}

// The sign of the divisor, as Python has it.
float Modulo(float a, float b) {
  const float rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

void MapArithmetic(B operation, const Call& call) {
  switch (operation) {
    case B::kAdd:
      return Map(call, [](float a, float b) { return a + b; });
    case B::kSubtract:
      return Map(call, [](float a, float b) { return a - b; });
    case B::kMultiply:
      return Map(call, [](float a, float b) { return a * b; });
    case B::kDivide:
      return Map(call, [](float a, float b) { return a / b; });
    case B::kFloorDivide:
      return Map(call, [](float a, float b) { return std::floor(a / b); });
    case B::kMod:
      return Map(call, Modulo);
    case B::kPower:
      return Map(call, [](float a, float b) { return std::pow(a, b); });
    case B::kMinimum:
      return Map(call, [](float a, float b) { return SmallerOf(a, b); });
    case B::kMaximum:
      return Map(call, [](float a, float b) { return LargerOf(a, b); });
    default:
      return;
  }
}

void MapLogic(B operation, const Call& call) {
  const auto truth = [&](const auto& f) {
    Map(call, [&f](float a, float b) { return f(a, b) ? 1.0f : 0.0f; });
  };
  switch (operation) {
    case B::kEqual:
      return truth([](float a, float b) { return a == b; });
    case B::kNotEqual:
      return truth([](float a, float b) { return a != b; });
    case B::kLess:
      return truth([](float a, float b) { return a < b; });
    case B::kLessEqual:
      return truth([](float a, float b) { return a <= b; });
    case B::kGreater:
      return truth([](float a, float b) { return a > b; });
    case B::kGreaterEqual:
      return truth([](float a, float b) { return a >= b; });
    case B::kLogicalAnd:
      return truth([](float a, float b) { return a != 0 && b != 0; });
    case B::kLogicalOr:
      return truth([](float a, float b) { return a != 0 || b != 0; });
    case B::kLogicalXor:
      return truth([](float a, float b) { return (a != 0) != (b != 0); });
    default:
      return;
  }
}

}  // namespace

void RunPlain(const graph::Binary& op, const Call& call) {
  if (op.operation < B::kEqual) {
    MapArithmetic(op.operation, call);
  } else {
    MapLogic(op.operation, call);
  }
}

}  // namespace nbits
