// SPDX-License-Identifier: Apache-2.0
// From an ML Program to a Graph.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_PROGRAM_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_PROGRAM_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "graph/dynamic.h"
#include "graph/graph.h"
#include "nbits/model.h"

namespace nbits::graph::program {

// As ImportModel (graph/import/import.h), of the function that the model describes. States are
// inputs and outputs of the graph, after the others, with the kind kState.
absl::StatusOr<Graph> ImportProgram(const Model& model, const std::map<std::string, Shape>& shapes,
                                    const Compiler& compile);

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_PROGRAM_H_
