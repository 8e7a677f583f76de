// SPDX-License-Identifier: Apache-2.0
// Operations on lists, which have values and no graph.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_LISTS_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_LISTS_H_

#include "absl/status/statusor.h"
#include "formats/ml_program/import/scope.h"

namespace nbits::graph::program {

// make_list, list_read, list_write, list_gather, list_scatter or list_length: its result. Writing
// gives a list of its own. InvalidArgument for an element that is not there or was never written.
absl::StatusOr<Slot> RunListOperation(const mil::Operation& operation, const ProgramScope& scope);

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_LISTS_H_
