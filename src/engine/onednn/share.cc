// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/share.h"

#include <algorithm>

#include "graph/window.h"

namespace nbits::onednn {
namespace {

using graph::Convolution;

constexpr int64_t kChannelStep = 16;  // oneDNN computes so many output channels at once.
// A share has this many multiplications at least: some 10 microseconds.
constexpr int64_t kShareMultiplications = 1 << 19;

int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t Multiplications(const Convolution& op, int64_t input_channels) {
  const int64_t taps = op.window.kernel[0] * op.window.kernel[1];
  // A deconvolution's taps meet one another at the places between input pixels.
  const int64_t strides = op.transposed ? op.window.stride[0] * op.window.stride[1] : 1;
  return op.output_channels * (input_channels / op.groups) * taps * op.output[0] * op.output[1] /
         strides;
}

// Between a deconvolution's taps that leave some rows out, a share could have no source at all.
bool CanCutRows(const Convolution& op) {
  return !op.transposed || graph::DilatedKernel(op.window, 0) >= op.window.stride[0];
}

// [0, extent) in `count` ranges of multiples of `step`.
std::vector<Range> Cut(int64_t extent, int64_t step, int64_t count) {
  const int64_t units = DivideUp(extent, step);
  std::vector<Range> ranges;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t begin = units * i / count * step, end = units * (i + 1) / count * step;
    ranges.push_back({begin, std::min(end, extent) - begin});
  }
  return ranges;
}

}  // namespace

std::vector<Share> SharesOf(const Convolution& op, int64_t input_channels, int most) {
  const Share whole = {{0, op.groups}, {0, op.output_channels}, {0, op.output[0]}};
  const int64_t worth = Multiplications(op, input_channels) / kShareMultiplications;
  const int64_t count = std::min<int64_t>(most, worth);
  if (count <= 1) return {whole};
  std::vector<Share> shares;
  if (op.groups >= count) {
    const int64_t outputs = op.output_channels / op.groups;
    for (const Range& r : Cut(op.groups, 1, count)) {
      shares.push_back({r, {r.begin * outputs, r.count * outputs}, whole.rows});
    }
  } else if (op.groups == 1 && op.output_channels >= count * kChannelStep) {
    for (const Range& r : Cut(op.output_channels, kChannelStep, count)) {
      shares.push_back({whole.groups, r, whole.rows});
    }
  } else if (op.output[0] >= count && CanCutRows(op)) {
    for (const Range& r : Cut(op.output[0], 1, count)) {
      shares.push_back({whole.groups, whole.outputs, r});
    }
  } else {
    shares.push_back(whole);
  }
  return shares;
}

Range SourceRows(const Convolution& op, const Share& share, int64_t source_rows) {
  const int64_t stride = op.window.stride[0], pad = op.window.pad_begin[0];
  const int64_t reach = graph::DilatedKernel(op.window, 0);
  const int64_t first = share.rows.begin, last = first + share.rows.count - 1;
  if (share.rows.count == op.output[0]) return {0, source_rows};
  // Output row o meets input rows o * stride - pad + tap; a deconvolution's, those i of which
  // i * stride - pad + tap is o.
  int64_t begin = first * stride - pad, end = last * stride - pad + reach;
  if (op.transposed) {
    begin = DivideUp(std::max<int64_t>(0, first + pad - reach + 1), stride);
    end = (last + pad) / stride + 1;
  }
  begin = std::clamp<int64_t>(begin, 0, source_rows - 1);
  return {begin, std::clamp<int64_t>(end, begin + 1, source_rows) - begin};
}

}  // namespace nbits::onednn
