// SPDX-License-Identifier: Apache-2.0
#include "pipeline/trees.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace nbits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TreeNode BranchNode(uint64_t id, Branch branch, double value, uint64_t yes, uint64_t no) {
  TreeNode node;
  node.id = id;
  node.branch = branch;
  node.value = value;
  node.true_id = yes;
  node.false_id = no;
  return node;
}

TreeNode LeafNode(uint64_t id, double value, Trees& trees, uint32_t dimension = 0) {
  TreeNode node;
  node.id = id;
  node.branch = Branch::kLeaf;
  node.first_addition = trees.additions.size();
  node.additions = 1;
  trees.additions.emplace_back(dimension, value);
  return node;
}

// 1 where feature 0 compares so with `value`, 2 where not.
Trees Comparison(Branch branch, double value) {
  Trees trees;
  trees.base = {0};
  trees.nodes = {BranchNode(0, branch, value, 7, 9)};
  trees.nodes.push_back(LeafNode(9, 2, trees));
  trees.nodes.push_back(LeafNode(7, 1, trees));
  return trees;
}

double Answer(Branch branch, double x, bool missing_goes_to_true = false) {
  Trees trees = Comparison(branch, 5);
  trees.nodes[0].missing_goes_to_true = missing_goes_to_true;
  EXPECT_TRUE(trees.Link().ok());
  return (*trees.Evaluate({x}))[0];
}

TEST(Trees, EveryWayToBranch) {
  const std::vector<std::pair<Branch, std::vector<double>>> expected = {
      {Branch::kAtMost, {1, 1, 2}},  {Branch::kLess, {1, 2, 2}},  {Branch::kAtLeast, {2, 1, 1}},
      {Branch::kGreater, {2, 2, 1}}, {Branch::kEqual, {2, 1, 2}}, {Branch::kNotEqual, {1, 2, 1}}};
  for (const auto& [branch, answers] : expected) {
    EXPECT_THAT(std::vector<double>({Answer(branch, 4), Answer(branch, 5), Answer(branch, 6)}),
                ::testing::ElementsAreArray(answers));
    EXPECT_EQ(Answer(branch, std::nan(""), true), 1);
    EXPECT_EQ(Answer(branch, std::nan(""), false), 2);
  }
}

TEST(Trees, LeavesOfAllTreesAddUpOnTheBase) {
  Trees trees = Comparison(Branch::kLess, 5);
  trees.base = {10, 20};
  TreeNode other = LeafNode(3, 100, trees, 1);
  other.tree = 1;
  trees.nodes.push_back(other);
  ASSERT_TRUE(trees.Link().ok());
  EXPECT_THAT(*trees.Evaluate({4}), ElementsAre(11, 120));
}

std::string ErrorOf(Trees trees) { return std::string(trees.Link().message()); }

TEST(Trees, RefusesWhatIsNoTree) {
  Trees cycle = Comparison(Branch::kLess, 5);
  cycle.nodes[0].false_id = 0;
  EXPECT_THAT(ErrorOf(cycle), HasSubstr("node 0: no way leads to it"));
  Trees loop;
  loop.base = {0};
  loop.nodes = {BranchNode(0, Branch::kLess, 0, 1, 2), BranchNode(1, Branch::kLess, 0, 0, 3)};
  loop.nodes.push_back(LeafNode(2, 0, loop));
  loop.nodes.push_back(LeafNode(3, 0, loop));
  EXPECT_THAT(ErrorOf(loop), HasSubstr("0 roots"));
  Trees shared = Comparison(Branch::kLess, 5);
  shared.nodes[0].false_id = 7;
  EXPECT_THAT(ErrorOf(shared), HasSubstr("two parents"));
  Trees missing = Comparison(Branch::kLess, 5);
  missing.nodes[0].true_id = 70;
  EXPECT_THAT(ErrorOf(missing), HasSubstr("no node 70"));
  Trees twice = Comparison(Branch::kLess, 5);
  twice.nodes.push_back(twice.nodes[1]);
  EXPECT_THAT(ErrorOf(twice), HasSubstr("stands twice"));
  Trees beyond = Comparison(Branch::kLess, 5);
  beyond.additions[0].first = 1;
  EXPECT_THAT(ErrorOf(beyond), HasSubstr("dimension 1 of 1"));
}

TEST(Trees, RefusesTooFewFeatures) {
  Trees trees = Comparison(Branch::kLess, 5);
  trees.nodes[0].feature = 3;
  ASSERT_TRUE(trees.Link().ok());
  EXPECT_FALSE(trees.Evaluate({1, 2, 3}).ok());
  EXPECT_TRUE(trees.Evaluate({1, 2, 3, 4}).ok());
}

}  // namespace
}  // namespace nbits
