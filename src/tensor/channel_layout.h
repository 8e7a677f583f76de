// SPDX-License-Identifier: Apache-2.0
// Which channel an element of a row-major tensor belongs to, and walking a range of elements in
// runs of one channel.
#ifndef NBITS_TENSOR_CHANNEL_LAYOUT_H_
#define NBITS_TENSOR_CHANNEL_LAYOUT_H_

#include <algorithm>
#include <cstdint>

#include "nbits/tensor.h"

namespace nbits {

// The channel of element i is (i / inner) % channels: `inner` is the product of the extents after
// the channel axis.
struct ChannelLayout {
  int64_t channels = 1;
  int64_t inner = 1;
};

// `elements` is the product of `shape`; with `per_channel` false everything is channel 0.
inline ChannelLayout LayoutOf(const Shape& shape, int channel_axis, bool per_channel,
                              int64_t elements) {
  if (!per_channel || elements == 0) return {1, std::max<int64_t>(elements, 1)};
  ChannelLayout layout{shape[channel_axis], 1};
  for (size_t i = channel_axis + 1; i < shape.size(); ++i) layout.inner *= shape[i];
  return layout;
}

// Calls visit(run_begin, run_end) for the runs of one channel among `elements` elements, in order.
template <typename Visit>
void ForEachRunOf(const ChannelLayout& layout, int64_t channel, int64_t elements,
                  const Visit& visit) {
  const int64_t stride = layout.channels * layout.inner;
  for (int64_t begin = channel * layout.inner; begin < elements; begin += stride) {
    visit(begin, begin + layout.inner);
  }
}

// Calls visit(channel, run_begin, run_end) for consecutive runs that together are [begin, end).
template <typename Visit>
void ForEachRun(const ChannelLayout& layout, int64_t begin, int64_t end, const Visit& visit) {
  if (begin >= end) return;
  int64_t channel = begin / layout.inner % layout.channels;
  int64_t run_end = begin - begin % layout.inner + layout.inner;
  while (begin < end) {
    visit(channel, begin, std::min(run_end, end));
    begin = run_end;
    run_end += layout.inner;
    if (++channel == layout.channels) channel = 0;
  }
}

}  // namespace nbits

#endif  // NBITS_TENSOR_CHANNEL_LAYOUT_H_
