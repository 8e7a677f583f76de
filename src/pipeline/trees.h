// SPDX-License-Identifier: Apache-2.0
// Decision trees whose leaves add up.
#ifndef NBITS_PIPELINE_TREES_H_
#define NBITS_PIPELINE_TREES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace nbits {

enum class Branch : uint8_t { kAtMost, kLess, kAtLeast, kGreater, kEqual, kNotEqual, kLeaf };

struct TreeNode {
  uint64_t tree = 0, id = 0;
  Branch branch = Branch::kAtMost;
  bool missing_goes_to_true = false;
  uint32_t feature = 0;
  double value = 0;                    // What the feature is compared with.
  uint64_t true_id = 0, false_id = 0;  // Of the same tree.
  uint32_t true_index = 0, false_index = 0;
  size_t first_addition = 0, additions = 0;  // Of a leaf.
};

struct Trees {
  std::vector<TreeNode> nodes;
  std::vector<std::pair<uint32_t, double>> additions;  // Dimension and what is added to it.
  std::vector<double> base;                            // One per dimension.
  std::vector<uint32_t> roots;
  uint32_t features = 0;  // So many the nodes look at.

  // Sorts the nodes, finds children and roots. InvalidArgument, with tree and node: a node that
  // stands twice, a child that is missing or has two parents, a tree without a root or with two, a
  // node that no way leads to, a dimension that `base` does not have.
  absl::Status Link();

  // The sums of all trees. NaN is a missing value. InvalidArgument: too few features.
  absl::StatusOr<std::vector<double>> Evaluate(const std::vector<double>& features) const;
};

}  // namespace nbits

#endif  // NBITS_PIPELINE_TREES_H_
