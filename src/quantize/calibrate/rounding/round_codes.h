// SPDX-License-Identifier: Apache-2.0
// Codes for given grids or a given table.
#ifndef NBITS_QUANTIZE_CALIBRATE_ROUNDING_ROUND_CODES_H_
#define NBITS_QUANTIZE_CALIBRATE_ROUNDING_ROUND_CODES_H_

#include <cstdint>

#include "quantize/calibrate/codebook.h"
#include "quantize/calibrate/layer_problem.h"
#include "quantize/calibrate/moments/striped_matrix.h"

namespace nbits {

// Value less target of every weight.
StripedMatrix<float> ErrorsOf(const LayerProblem& problem, const Codebook& book,
                              const StripedMatrix<uint8_t>& codes);

// Codes from nothing but the target: one column after the other, those with the largest variance
// first, each taking up what the errors before it do (Babai's nearest plane). Up to kFewColumns
// columns the best of all codes instead (sphere_search.h).
StripedMatrix<uint8_t> RoundWithFeedback(const LayerProblem& problem, const Codebook& book);

// Cyclic coordinate descent: up to `sweeps` times each code to the best one with all others held;
// fewer where nothing moves.
void Descend(const LayerProblem& problem, const Codebook& book, int sweeps,
             StripedMatrix<uint8_t>& codes);

// The same with chains of codes within blocks of columns (chain_move.h).
void DescendByChains(const LayerProblem& problem, const Codebook& book, int sweeps,
                     StripedMatrix<uint8_t>& codes);

}  // namespace nbits

#endif  // NBITS_QUANTIZE_CALIBRATE_ROUNDING_ROUND_CODES_H_
