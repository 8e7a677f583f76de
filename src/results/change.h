// SPDX-License-Identifier: Apache-2.0
// Whether times and memory of two rows differ by more than noise: the rules of docs/results.md.
#ifndef NBITS_RESULTS_CHANGE_H_
#define NBITS_RESULTS_CHANGE_H_

#include "nbits/results.h"

namespace nbits {

enum class Change {
  kUnknown,  // Not measured, or too seldom to know how much it scatters.
  kNoisy,    // The machine was too busy to tell.
  kSame,     // Within the noise.
  kLess,
  kMore,
};

// "less", "same", ... as results.json says it.
const char* ChangeName(Change change);

Change TimeChange(const VariantResult& original, const VariantResult& variant,
                  const NoiseFloor& noise);
Change MemoryChange(const VariantResult& original, const VariantResult& variant,
                    const NoiseFloor& noise);

// How far apart times of this model may be by chance, as a share of the median.
double TimeScatter(const VariantResult& row, const NoiseFloor& noise);

// The original's row; null when there is none.
const VariantResult* OriginalOf(const Results& results);

}  // namespace nbits

#endif  // NBITS_RESULTS_CHANGE_H_
