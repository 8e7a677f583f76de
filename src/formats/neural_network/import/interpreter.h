// SPDX-License-Identifier: Apache-2.0
// Runs layers one after the other, with branches and loops.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_INTERPRETER_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_INTERPRETER_H_

#include <memory>
#include <vector>

#include "formats/neural_network/import/layer_list.h"
#include "formats/neural_network/import/output.h"
#include "graph/dynamic.h"
#include "nbits/model.h"

namespace nbits::graph {

struct Program {
  LayerList layers;
  std::vector<WeightRef> weights;  // Of the whole model; views of the mapped file.
  bool rank5 = false;
  std::vector<Output> outputs;
  BlobNames names;  // Of `layers`; the blobs of `outputs` count as read.
};

// Blobs live in one scope, which branches and loops share. A run of layers without control flow and
// without a need for values is compiled as one graph, and used again while the shapes of what it
// reads stay the same.
std::shared_ptr<const DynamicPart> MakeInterpreter(Program program);

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_INTERPRETER_H_
