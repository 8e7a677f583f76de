// SPDX-License-Identifier: Apache-2.0
// A dense array of Float32 values with its shape: what goes into a network and what comes out.
#ifndef NBITS_TENSOR_H_
#define NBITS_TENSOR_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nbits/export.h"

namespace nbits NBITS_EXPORT {

// Extents, outermost first. Rank 0 (empty) is a scalar of one element.
using Shape = std::vector<int64_t>;

// Row-major ("C order"): the last axis varies fastest. Images are [channels, height, width].
//
// Example:
//   nbits::Tensor matrix{{2, 3}, {1, 2, 3, 4, 5, 6}};  // Rows 1 2 3 and 4 5 6.
//   nbits::TensorMap inputs = {{"features", matrix}};
//   assert(inputs.at("features").values[1 * 3 + 2] == 6);  // Row 1, column 2.
struct Tensor {
  Shape shape;
  std::vector<float> values;  // As many as the product of `shape`.
};

// Tensors by feature name, as a model's inputs and outputs are named.
using TensorMap = std::map<std::string, Tensor>;

}  // namespace nbits

#endif  // NBITS_TENSOR_H_
