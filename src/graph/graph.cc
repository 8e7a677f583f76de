// SPDX-License-Identifier: Apache-2.0
#include "graph/graph.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nbits::graph {

Port ArrayPort(std::string name, Shape shape, TensorId tensor) {
  Port port;
  port.feature.name = std::move(name);
  port.feature.kind = FeatureKind::kMultiArray;
  port.feature.shape = std::move(shape);
  port.tensor = tensor;
  return port;
}

absl::StatusOr<int64_t> CheckedElementCount(const Shape& shape) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 1) {
      return absl::InvalidArgumentError(absl::StrCat("empty tensor of shape ", ShapeText(shape)));
    }
    if (__builtin_mul_overflow(count, extent, &count) || count > kMaxElements) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor of shape ", ShapeText(shape), " has more than 2^31 elements"));
    }
  }
  return count;
}

int64_t Product(const Shape& shape, size_t begin, size_t end) {
  int64_t product = 1;
  for (size_t i = begin; i < end; ++i) product *= shape[i];
  return product;
}

}  // namespace nbits::graph
