// SPDX-License-Identifier: Apache-2.0
// Networks of one layer: every type x rank of the inputs x number of inputs x parameters.
#ifndef NBITS_TESTS_LAYERS_GENERATOR_H_
#define NBITS_TESTS_LAYERS_GENERATOR_H_

#include <string>
#include <vector>

#include "nbits/tensor.h"
#include "tests/layers/schema.h"

namespace nbits::testing {

struct GeneratedModel {
  std::string name;   // "rank 2, 1 input, odd parameters 1".
  std::string model;  // The bytes of a .mlmodel file.
  TensorMap inputs;
};

// The name of the only layer.
inline constexpr char kGeneratedLayer[] = "probe";

// All models of one type, the same ones each time. Parameters are absent, those of the type's cases
// in tests/layers/fixtures (plausible: inputs have the case's extents where the rank allows), and
// changed ones of these (odd).
std::vector<GeneratedModel> GenerateModels(const SchemaField& layer);

}  // namespace nbits::testing

#endif  // NBITS_TESTS_LAYERS_GENERATOR_H_
