// SPDX-License-Identifier: Apache-2.0
// Reads tests/layers/fixtures/*.json.
#ifndef NBITS_TESTS_LAYERS_FIXTURES_H_
#define NBITS_TESTS_LAYERS_FIXTURES_H_

#include <string>
#include <vector>

#include "nbits/tensor.h"

namespace nbits::testing {

struct LayerCase {
  std::string file;                 // "reduce"
  std::string name;                 // Unique within the file.
  std::vector<std::string> layers;  // Layer types in the model, as the schema names them.
  std::string model;                // The bytes of a .mlmodel file.
  TensorMap inputs, outputs;
  double tolerance = 0;  // Error over 1 + |expected value|.
};

// In the order of the files' names. Fails the program when a file is damaged.
std::vector<LayerCase> AllLayerCases();

// File and case with letters, digits and underscores only.
std::string TestName(const LayerCase& example);

// Prints the name when a test fails.
void PrintTo(const LayerCase& example, std::ostream* out);

}  // namespace nbits::testing

#endif  // NBITS_TESTS_LAYERS_FIXTURES_H_
