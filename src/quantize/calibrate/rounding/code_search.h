// SPDX-License-Identifier: Apache-2.0
// Codes and their values together: what rounding, descent and least squares make of a start.
#ifndef NBITS_QUANTIZE_CALIBRATE_ROUNDING_CODE_SEARCH_H_
#define NBITS_QUANTIZE_CALIBRATE_ROUNDING_CODE_SEARCH_H_

#include <cstdint>
#include <vector>

#include "quantize/calibrate/codebook.h"
#include "quantize/calibrate/codebook_fit.h"
#include "quantize/calibrate/grid_map.h"
#include "quantize/calibrate/layer_problem.h"
#include "quantize/calibrate/moments/striped_matrix.h"

namespace nbits {

struct CodeSolution {
  Codebook book;
  StripedMatrix<uint8_t> codes;
  std::vector<double> errors;     // Under H, by grid.
  std::vector<uint8_t> is_start;  // By grid: still as the search was given it.
};

// Improves `best`, grid by grid, beginning anew with the values of `book`; each round begins with
// those of the best so far.
void SearchCodes(const LayerProblem& problem, const GridMap& map, const CodebookFit& fit,
                 Codebook book, CodeSolution& best);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_ROUNDING_CODE_SEARCH_H_
