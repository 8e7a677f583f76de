// SPDX-License-Identifier: Apache-2.0
// Finds the next pair of layers of a network that can be folded into one.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_SEARCH_H_
#define NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_SEARCH_H_

#include <functional>
#include <optional>
#include <vector>

#include "formats/neural_network/layer_edit.h"
#include "nbits/fold.h"

namespace nbits {

// Layer `second` (batchnorm, scale or bias) is to be folded into layer `first`.
struct FoldCandidate {
  size_t network = 0, first = 0, second = 0;
};

// Looks through `networks` in the order of coremltools 7.2, which decides the rounding of chains:
// all convolutions, then all inner products, then all batch normalisations, each in layer order.
// Layers that are null are gone. A pair counts when the first layer's only result is read by the
// second layer alone, does not leave the network (NetworkRef::output_names), and when `foldable`
// accepts it. FoldPlan::Kind says which kinds of layers make a pair.
std::optional<FoldCandidate> FindFold(const std::vector<NetworkRef>& networks, FoldPlan::Kind kind,
                                      const std::function<bool(const FoldCandidate&)>& foldable);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_FOLD_FOLD_SEARCH_H_
