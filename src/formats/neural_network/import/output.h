// SPDX-License-Identifier: Apache-2.0
// Outputs of a network: which blobs they are, and the shapes that callers see.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_OUTPUT_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_OUTPUT_H_

#include <string>
#include <vector>

#include "formats/neural_network/import/network_view.h"
#include "nbits/model.h"

namespace nbits::graph {

struct Output {
  // As the model describes it; a dictionary of probabilities or a number is an array. `shape` is
  // what the file declares and may be empty.
  FeatureDescription feature;
  bool probabilities = false;
  std::string blob;
};

// All outputs but predicted labels, which follow from the probabilities.
std::vector<Output> ListOutputs(const ModelDescription& description, const NetworkView& network);

// What the caller sees of a blob of shape `inside`: images [C, H, W]; probabilities one axis;
// arrays as the file declares them, or without the sequence and batch axes of older networks when
// these are 1.
Shape OutsideShape(const Output& output, const Shape& inside, bool rank5_arrays);

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_OUTPUT_H_
