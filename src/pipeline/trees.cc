// SPDX-License-Identifier: Apache-2.0
#include "pipeline/trees.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

absl::Status Wrong(const TreeNode& node, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("tree ", node.tree, ", node ", node.id, ": ", what));
}

std::pair<uint64_t, uint64_t> KeyOf(const TreeNode& node) { return {node.tree, node.id}; }

// A missing value goes where the node says; NaN compares as false to everything.
bool IsTrue(const TreeNode& node, double x) {
  if (std::isnan(x)) return node.missing_goes_to_true;
  switch (node.branch) {
    case Branch::kAtMost:
      return x <= node.value;
    case Branch::kLess:
      return x < node.value;
    case Branch::kAtLeast:
      return x >= node.value;
    case Branch::kGreater:
      return x > node.value;
    case Branch::kEqual:
      return x == node.value;
    default:
      return x != node.value;
  }
}

absl::Status Sort(std::vector<TreeNode>& nodes) {
  if (nodes.size() >= std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError("there are too many nodes");
  }
  std::sort(nodes.begin(), nodes.end(),
            [](const TreeNode& a, const TreeNode& b) { return KeyOf(a) < KeyOf(b); });
  for (size_t i = 1; i < nodes.size(); ++i) {
    if (KeyOf(nodes[i - 1]) == KeyOf(nodes[i])) return Wrong(nodes[i], "it stands twice");
  }
  return absl::OkStatus();
}

// Where child `id` of `node` stands; notes that it has a parent.
absl::StatusOr<uint32_t> Child(const std::vector<TreeNode>& nodes, const TreeNode& node,
                               uint64_t id, std::vector<bool>& has_parent) {
  const std::pair<uint64_t, uint64_t> key(node.tree, id);
  const auto found =
      std::lower_bound(nodes.begin(), nodes.end(), key,
                       [](const TreeNode& a, const auto& wanted) { return KeyOf(a) < wanted; });
  if (found == nodes.end() || KeyOf(*found) != key) {
    return Wrong(node, absl::StrCat("there is no node ", id, " below it"));
  }
  const auto index = static_cast<uint32_t>(found - nodes.begin());
  if (has_parent[index]) return Wrong(*found, "it has two parents");
  has_parent[index] = true;
  return index;
}

// With one parent each, and none of the root, a way down never comes to a node again.
absl::Status CheckReached(const Trees& trees) {
  std::vector<bool> reached(trees.nodes.size());
  std::vector<uint32_t> waiting = trees.roots;
  while (!waiting.empty()) {
    const uint32_t index = waiting.back();
    const TreeNode& node = trees.nodes[index];
    waiting.pop_back();
    reached[index] = true;
    if (node.branch == Branch::kLeaf) continue;
    waiting.push_back(node.true_index);
    waiting.push_back(node.false_index);
  }
  const auto missed = std::find(reached.begin(), reached.end(), false);
  if (missed == reached.end()) return absl::OkStatus();
  return Wrong(trees.nodes[static_cast<size_t>(missed - reached.begin())], "no way leads to it");
}

absl::Status CheckLeaf(const Trees& trees, const TreeNode& leaf) {
  for (size_t i = 0; i < leaf.additions; ++i) {
    const uint32_t dimension = trees.additions[leaf.first_addition + i].first;
    if (dimension >= trees.base.size()) {
      return Wrong(leaf,
                   absl::StrCat("it adds to dimension ", dimension, " of ", trees.base.size()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Trees::Link() {
  NBITS_RETURN_IF_ERROR(Sort(nodes));
  std::vector<bool> has_parent(nodes.size());
  for (TreeNode& node : nodes) {
    if (node.branch == Branch::kLeaf) {
      NBITS_RETURN_IF_ERROR(CheckLeaf(*this, node));
      continue;
    }
    NBITS_ASSIGN_OR_RETURN(node.true_index, Child(nodes, node, node.true_id, has_parent));
    NBITS_ASSIGN_OR_RETURN(node.false_index, Child(nodes, node, node.false_id, has_parent));
    features = std::max(features, node.feature + 1);
  }
  for (size_t begin = 0, end = 0; begin < nodes.size(); begin = end) {
    const size_t known = roots.size();
    for (end = begin; end < nodes.size() && nodes[end].tree == nodes[begin].tree; ++end) {
      if (!has_parent[end]) roots.push_back(static_cast<uint32_t>(end));
    }
    if (roots.size() != known + 1) {
      return Wrong(nodes[begin], absl::StrCat("its tree has ", roots.size() - known, " roots"));
    }
  }
  return CheckReached(*this);
}

absl::StatusOr<std::vector<double>> Trees::Evaluate(const std::vector<double>& x) const {
  if (x.size() < features) {
    return absl::InvalidArgumentError(
        absl::StrCat("the inputs hold ", x.size(), " numbers, the trees look at ", features));
  }
  std::vector<double> sums = base;
  for (const uint32_t root : roots) {
    const TreeNode* node = &nodes[root];
    while (node->branch != Branch::kLeaf) {
      node = &nodes[IsTrue(*node, x[node->feature]) ? node->true_index : node->false_index];
    }
    for (size_t i = 0; i < node->additions; ++i) {
      const auto& [dimension, value] = additions[node->first_addition + i];
      sums[dimension] += value;
    }
  }
  return sums;
}

}  // namespace nbits
