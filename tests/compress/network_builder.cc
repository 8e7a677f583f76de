// SPDX-License-Identifier: Apache-2.0
#include "tests/compress/network_builder.h"

#include "nbits/quantize.h"

namespace nbits {

Values WeightValues(const Model& model, const std::string& layer, const std::string& field) {
  for (const WeightRef& weight : model.weights()) {
    if (weight.layer != layer || weight.field != field) continue;
    Values values(static_cast<size_t>(*ElementCount(weight.tensor.shape)));
    EXPECT_TRUE(Dequantize(weight.tensor, values).ok());
    return values;
  }
  return {};
}

}  // namespace nbits
