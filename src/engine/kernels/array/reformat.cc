// SPDX-License-Identifier: Apache-2.0
// Between the formats in which a tensor can be stored, value by value.
#include "engine/kernels/common/chunks.h"
#include "engine/kernels/plain.h"
#include "tensor/half.h"

namespace nbits {
namespace {

// Index of a value of batch entry 0 in a layout.
int64_t IndexOf(Layout layout, const ImageExtents& e, int64_t channel, int64_t pixel) {
  if (layout == Layout::kPlanar) return channel * e.pixels() + pixel;
  const int64_t block = channel / kChannelBlock, lane = channel % kChannelBlock;
  return (block * e.pixels() + pixel) * kChannelBlock + lane;
}

int64_t EntryElements(Layout layout, const ImageExtents& e) {
  return layout == Layout::kPlanar ? e.channels * e.pixels() : e.blocked_elements();
}

float Load(const Operand& operand, int64_t index) {
  if (operand.format.element == Element::kFloat32) return operand.data[index];
  return FloatFromHalf(operand.halves()[index]);
}

void Store(const Result& result, int64_t index, float value) {
  if (result.format.element == Element::kFloat32) {
    result.data[index] = value;
  } else {
    result.halves()[index] = HalfFromFloat(value);
  }
}

// One channel of one batch entry; channels from e.channels on are padding.
void ReformatChannel(const Operand& from, const Result& to, const ImageExtents& e, int64_t entry,
                     int64_t channel) {
  const int64_t source = entry * EntryElements(from.format.layout, e);
  const int64_t target = entry * EntryElements(to.format.layout, e);
  for (int64_t pixel = 0; pixel < e.pixels(); ++pixel) {
    const float value = channel < e.channels
                            ? Load(from, source + IndexOf(from.format.layout, e, channel, pixel))
                            : 0.0f;
    Store(to, target + IndexOf(to.format.layout, e, channel, pixel), value);
  }
}

}  // namespace

void RunPlain(const graph::Reformat&, const Call& call) {
  const Operand& from = call.inputs[0];
  const Result& to = call.outputs[0];
  const ImageExtents e = ImageExtentsOf(from.shape);
  const int64_t channels =
      to.format.layout == Layout::kPlanar ? e.channels : e.blocks() * kChannelBlock;
  ForChunks(e.batch * channels, e.pixels(), call.threads, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      ReformatChannel(from, to, e, i / channels, i % channels);
    }
  });
}

}  // namespace nbits
