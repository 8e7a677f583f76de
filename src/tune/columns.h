// SPDX-License-Identifier: Apache-2.0
// What a weighted layer reads for one of its output positions.
#ifndef NBITS_TUNE_COLUMNS_H_
#define NBITS_TUNE_COLUMNS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "graph/graph.h"
#include "nbits/tensor.h"
#include "quantize/calibrate/moments/matrix_layout.h"

namespace nbits {

// A layer as a product y = W x + b of its weights with columns of its input. Positions are those of
// the output without its channels: batch, then depth, height and width; of an inner product, rows.
// The column of a position has the values of group after group, each K = inputs x taps in the order
// of the layout. Taps that fall into padding are 0; so are those of a transposed convolution that
// fall between its input's values (it is a convolution over its input with zeros put in between).
class ColumnReader {
 public:
  // Nothing for a node that is no such product.
  static std::optional<ColumnReader> For(const graph::Graph& graph, const graph::Node& node);

  const MatrixLayout& layout() const { return layout_; }
  int64_t positions() const { return positions_; }
  int64_t column_size() const { return layout_.groups * layout_.columns(); }

  // `input` has the shape that the graph says, `column` column_size() values.
  void Read(std::span<const float> input, int64_t position, std::span<float> column) const;

 private:
  // How output and input are connected along depth, height or width.
  struct Axis {
    int64_t kernel = 1, stride = 1, dilation = 1, pad = 0;
    int64_t input = 1, output = 1;
    // The input's index that the tap reads at an output index; -1: none, it is 0.
    int64_t IndexAt(int64_t at, int64_t tap, bool transposed) const;
  };

  static ColumnReader OfWindow(const Shape& input, std::span<const Axis> axes, int64_t groups,
                               int64_t output_channels, bool transposed);
  static ColumnReader Of(const graph::Convolution& op, const Shape& input);
  static ColumnReader Of(const graph::Convolution3d& op, const Shape& input);
  static ColumnReader Of(const graph::InnerProduct& op, const Shape& input);
  void ReadChannel(std::span<const float> channel, const std::array<int64_t, 3>& at,
                   float* column) const;

  MatrixLayout layout_;
  int64_t positions_ = 0;
  int64_t channels_ = 0;  // Of the input.
  std::array<Axis, 3> axes_ = {};
  bool transposed_ = false;
};

}  // namespace nbits

#endif  // NBITS_TUNE_COLUMNS_H_
