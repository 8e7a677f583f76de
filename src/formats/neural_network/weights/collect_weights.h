// SPDX-License-Identifier: Apache-2.0
// The weights of a model as its users see them.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_COLLECT_WEIGHTS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_COLLECT_WEIGHTS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "formats/neural_network/wire/wire_tree.h"
#include "nbits/model.h"
#include "proto/model.pb.h"

namespace nbits {

struct CollectedWeights {
  std::vector<WeightRef> weights;
  std::vector<int64_t> scales;  // WeightField::scales of each.
};

// The weights of all networks, in the order of `tree.weights`, each holding on to the storage of
// its bytes. InvalidArgument, naming layer and field, for weights that do not fit their layer, and
// for weights that no reader would find.
absl::StatusOr<CollectedWeights> CollectWeights(const schema::Model& skeleton,
                                                const WireTree& tree);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_COLLECT_WEIGHTS_H_
