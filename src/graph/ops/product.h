// SPDX-License-Identifier: Apache-2.0
// Windows over images, and products with weights or of matrices.
#ifndef NBITS_GRAPH_OPS_PRODUCT_H_
#define NBITS_GRAPH_OPS_PRODUCT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "graph/ops/common.h"
#include "graph/ops/elementwise.h"
#include "graph/ops/spatial.h"
#include "nbits/tensor.h"

namespace nbits::graph {

struct Window {
  Pair kernel = {1, 1}, stride = {1, 1}, dilation = {1, 1};
  Pair pad_begin = {0, 0}, pad_end = {0, 0};

  // Whether output pixel i reads input pixel i and no other.
  bool is_pixelwise() const {
    constexpr Pair kOnes = {1, 1}, kZeros = {0, 0};
    return kernel == kOnes && stride == kOnes && pad_begin == kZeros && pad_end == kZeros;
  }
};

// Whether a convolution adds a value of its output's shape, and to what.
enum class Addition : uint8_t { kNone, kBeforeActivation, kAfterActivation };

// Input [..., C_in, H, W], output [..., C_out, output[0], output[1]].
// Weights: convolution [C_out, C_in / groups, kh, kw], deconvolution [C_in, C_out / groups, kh,
// kw]. For a deconvolution pad_begin is what is cut from the start of the full result.
struct Convolution {
  Window window;
  Pair output = {1, 1};
  int64_t groups = 1, output_channels = 1;
  bool transposed = false;
  WeightId weight = kNoWeight;
  std::vector<float> bias;   // Empty or output_channels values.
  std::vector<float> scale;  // Empty or output_channels: factors of the weights (folded batchnorm).
  std::optional<Unary> activation;
  // What only fusion fills in. `sources`: the node's first inputs, one an entry, each resized first
  // where the entry has a value, joined along the channels (every one but the last has a multiple
  // of 16). Empty: one input as it is. `depthwise`: the input goes through this convolution of
  // single channels first. `addition`: the node's last input is added.
  std::vector<std::optional<Resize>> sources;
  std::shared_ptr<const Convolution> depthwise;
  Addition addition = Addition::kNone;

  bool adds() const { return addition != Addition::kNone; }
  bool reads_others() const { return !sources.empty() || depthwise != nullptr; }
};

// Inputs (x, weights): a convolution whose weights the network computes. `weight` is kNoWeight.
struct DynamicConvolution {
  Convolution convolution;
};

enum class PoolFunction : uint8_t { kMaximum, kAverage, kL2 };  // kL2: root of the sum of squares.
struct Pool {
  PoolFunction function = PoolFunction::kMaximum;
  Window window;  // Dilation is 1.
  Pair output = {1, 1};
  bool exclude_padding = false;  // kAverage: divide by the input values seen only.
};

// The input seen as [rows, input_channels] times the weights [output_channels, input_channels].
struct InnerProduct {
  int64_t input_channels = 1, output_channels = 1;
  WeightId weight = kNoWeight;
  std::vector<float> bias;
  Shape output_shape;
  std::optional<Unary> activation;
};
// The last two axes of either input are matrices; axes before them broadcast.
struct MatrixProduct {
  bool transpose_a = false, transpose_b = false;
};

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_PRODUCT_H_
