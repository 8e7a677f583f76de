// SPDX-License-Identifier: Apache-2.0
// Grids and tables by least squares, with the codes held.
#ifndef NBITS_QUANTIZE_CALIBRATE_CODEBOOK_FIT_H_
#define NBITS_QUANTIZE_CALIBRATE_CODEBOOK_FIT_H_

#include <memory>
#include <vector>

#include "quantize/calibrate/codebook.h"
#include "quantize/calibrate/grid_map.h"
#include "quantize/calibrate/layer_problem.h"
#include "quantize/calibrate/moments/striped_matrix.h"

namespace nbits {

struct FittedBook {
  Codebook book;
  std::vector<double> errors;  // Under H, by grid.
};

class CodebookFit {
 public:
  virtual ~CodebookFit() = default;
  // Values for these codes with a lower error under H, or the same as before. A table may come out
  // in another order; codes are changed with it.
  virtual FittedBook Fit(const Codebook& book, StripedMatrix<uint8_t>& codes) const = 0;
};

// Scale and offset of each grid.
std::unique_ptr<CodebookFit> MakeGridFit(const LayerProblem& problem, const GridMap& map,
                                         const GridForm& form);
// The entries of the table, unless they are `fixed`.
std::unique_ptr<CodebookFit> MakeTableFit(const LayerProblem& problem, bool fixed);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_CODEBOOK_FIT_H_
