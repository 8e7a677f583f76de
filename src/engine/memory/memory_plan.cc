// SPDX-License-Identifier: Apache-2.0
#include "engine/memory/memory_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "engine/memory/memory_groups.h"
#include "engine/memory/memory_placement.h"
#include "engine/memory/workspace.h"

namespace nbits {
namespace {

using graph::Graph;
using graph::TensorId;

constexpr int64_t kPieceAlignment = 64;  // A cache line; also the widest vector.

Body BodyOf(const MemoryGroups& groups, const MemoryGroup& group) {
  Body body;
  for (TensorId member : group.members) {
    const Life& life = groups.lives[member];
    body.pieces.push_back({groups.places[member].offset, AlignedSize(groups.bytes[member]),
                           life.first, std::max(life.first, life.last)});
  }
  return body;
}

class Planner {
 public:
  Planner(const Graph& graph, const MemoryGroups& groups, std::span<const int64_t> workspace_bytes)
      : graph_(graph), groups_(groups), body_of_(groups.groups.size(), -1) {
    CollectTensors();
    CollectWorkspaces(workspace_bytes);
  }

  absl::StatusOr<MemoryPlan> Plan() {
    plan_.arena_bytes = PlaceBodies(bodies_, kPieceAlignment);
    if (plan_.arena_bytes > kMaxArenaBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the network needs ", BytesText(plan_.arena_bytes),
                       " of activations (at most ", BytesText(kMaxArenaBytes), ")"));
    }
    plan_.bound_bytes = LivenessBound(bodies_);
    LocateTensors();
    LocateWorkspaces();
    FindFirstWriters();
    return std::move(plan_);
  }

 private:
  void CollectTensors() {
    for (size_t i = 0; i < groups_.groups.size(); ++i) {
      const MemoryGroup& group = groups_.groups[i];
      if (group.members.empty() || group.input >= 0 || group.output >= 0) continue;
      body_of_[i] = static_cast<int>(bodies_.size());
      bodies_.push_back(BodyOf(groups_, group));
    }
  }

  void CollectWorkspaces(std::span<const int64_t> workspace_bytes) {
    plan_.workspaces.resize(graph_.nodes.size());
    first_workspace_ = bodies_.size();
    for (size_t i = 0; i < workspace_bytes.size(); ++i) {
      if (workspace_bytes[i] == 0) continue;
      const int node = static_cast<int>(i);
      bodies_.push_back({{{0, AlignedSize(workspace_bytes[i]), node, node}}, 0});
    }
  }

  void LocateTensors() {
    plan_.tensors.resize(graph_.tensors.size());
    for (size_t i = 0; i < plan_.tensors.size(); ++i) {
      const GroupPlace& place = groups_.places[i];
      if (place.group < 0) continue;
      const MemoryGroup& group = groups_.groups[place.group];
      Placement& result = plan_.tensors[i];
      result = {group.input, group.output, place.offset};
      const int body = body_of_[place.group];
      if (body < 0) continue;
      result.offset += bodies_[body].offset;
      const Life& life = groups_.lives[i];
      plan_.blocks.push_back({static_cast<TensorId>(i), -1, result.offset, groups_.bytes[i],
                              life.first, std::max(life.first, life.last)});
    }
  }

  void LocateWorkspaces() {
    for (size_t i = first_workspace_; i < bodies_.size(); ++i) {
      const Piece& piece = bodies_[i].pieces[0];
      plan_.workspaces[piece.first] = bodies_[i].offset;
      plan_.blocks.push_back(
          {-1, piece.first, bodies_[i].offset, piece.bytes, piece.first, piece.last});
    }
  }

  void FindFirstWriters() {
    plan_.output_first.assign(graph_.outputs.size(), -1);
    for (const MemoryGroup& group : groups_.groups) {
      if (group.output < 0) continue;
      int& first = plan_.output_first[group.output];
      first = groups_.lives[group.members[0]].first;
      for (TensorId member : group.members) first = std::min(first, groups_.lives[member].first);
    }
  }

  const Graph& graph_;
  const MemoryGroups& groups_;
  std::vector<Body> bodies_;
  std::vector<int> body_of_;  // By group.
  size_t first_workspace_ = 0;
  MemoryPlan plan_;
};

}  // namespace

absl::StatusOr<MemoryPlan> PlanMemory(const Graph& graph, std::span<const Format> formats,
                                      std::span<const int64_t> workspace_bytes) {
  const MemoryGroups groups = GroupTensors(graph, formats);
  return Planner(graph, groups, workspace_bytes).Plan();
}

}  // namespace nbits
