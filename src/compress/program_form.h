// SPDX-License-Identifier: Apache-2.0
// Weights of ML Programs: the forms that a plan may give them, and how they are made.
//
// Grids hold 0 exactly. With the weight's own type T (Float16 or Float32) and codes of n bits:
//   linear:    a = min(0, min w), b = max(0, max w), s = T((b - a) / (2^n - 1)),
//              z = rint(-a / s), q = rint(w / s) + z, both clamped to [0, 2^n - 1];
//   symmetric: r = max |w|, s = T(r / (2^(n-1) - 1)), q = rint(w / s) in +-(2^(n-1) - 1);
// the value is T(s * (q - z)). Computed in double and rounded once, where coremltools rounds each
// step to T: of Float16 weights its scales overflow from 32752 on and its zero points from 512 on.
// A scale below Float16's least number is that number.
#ifndef NBITS_COMPRESS_PROGRAM_FORM_H_
#define NBITS_COMPRESS_PROGRAM_FORM_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "nbits/model.h"
#include "nbits/plan.h"
#include "quantize/requantize.h"

namespace nbits {

// Gives the entry a form that the weight's specification version has: grids of 4 (from version 9
// on) or 8 bits, tables of 1, 2, 3 (from 9 on), 4, 6 or 8, blocks (from 9 on) that divide the
// inputs. Where it gets another than was asked for, `entry.refused` says so.
void GiveProgramForm(const WeightRef& weight, PlanEntry& entry);

// The weight's values on a grid, as `entry` says (of mode linear or linear_symmetric).
// FailedPrecondition for values that are infinite or NaN.
absl::StatusOr<Requantized> QuantizeToProgramGrid(const WeightRef& weight, const PlanEntry& entry,
                                                  std::span<const float> values);

// Rounds the entries of a table to Float16, for a weight that is of that type.
void RoundTable(const WeightRef& weight, PackedTensor& tensor);

}  // namespace nbits

#endif  // NBITS_COMPRESS_PROGRAM_FORM_H_
