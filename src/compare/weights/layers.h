// SPDX-License-Identifier: Apache-2.0
// The weights of all contenders side by side: how each layer is stored and how far that is from the
// original.
#ifndef NBITS_COMPARE_WEIGHTS_LAYERS_H_
#define NBITS_COMPARE_WEIGHTS_LAYERS_H_

#include "nbits/results.h"

namespace nbits {

// Fills `layers` of every variant and `histograms` from the files that the variants name. A variant
// whose layers were folded is set against the original folded likewise. Files that cannot be read
// leave their entries empty: they have an error already.
void DescribeLayers(Results& results);

}  // namespace nbits

#endif  // NBITS_COMPARE_WEIGHTS_LAYERS_H_
