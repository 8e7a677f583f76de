// SPDX-License-Identifier: Apache-2.0
// Runs operations one after the other, with branches, loops and lists.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_INTERPRETER_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_INTERPRETER_H_

#include <memory>
#include <vector>

#include "formats/ml_program/import/names.h"
#include "formats/neural_network/import/output.h"
#include "graph/dynamic.h"

namespace nbits::graph::program {

// The operations of a function that no graph could take.
struct Code {
  OperationList operations;
  Context context;
  std::vector<Output> outputs;
  OperationNames names;  // Of `operations`; the blobs of `outputs` count as read.
};

// All names of a function are one scope: a program that CheckProgram takes defines none twice where
// both are seen.
std::shared_ptr<const DynamicPart> MakeProgramInterpreter(Code code);

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_INTERPRETER_H_
