// SPDX-License-Identifier: Apache-2.0
// A convolution cut into shares, each of which a thread computes by itself.
#ifndef NBITS_ENGINE_ONEDNN_SHARE_H_
#define NBITS_ENGINE_ONEDNN_SHARE_H_

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace nbits::onednn {

// From `begin` on, so many.
struct Range {
  int64_t begin, count;
};

// Whole groups, or some output channels of the only group, or some rows of the output.
struct Share {
  Range groups, outputs, rows;  // `outputs` are counted among all output channels.
};

// Up to `most` shares of about the same size. One where the operation is too small to be cut.
std::vector<Share> SharesOf(const graph::Convolution& op, int64_t input_channels, int most);

// Of `source_rows` rows, those that the share's rows are made of.
Range SourceRows(const graph::Convolution& op, const Share& share, int64_t source_rows);

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_SHARE_H_
