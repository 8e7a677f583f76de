#include "engine/memory_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/kernel.h"
#include "engine/workspace.h"

namespace nbits {
namespace {

using graph::Graph;
using graph::Node;
using graph::TensorId;

// A block of memory and the nodes between which it is in use.
struct Block {
  int64_t bytes = 0;
  int first = 0, last = 0;
  int64_t offset = 0;
};

class Planner {
 public:
  Planner(const Graph& graph, std::span<const Format> formats)
      : graph_(graph),
        formats_(formats),
        last_reader_(graph.tensors.size(), -1),
        block_of_(graph.tensors.size(), -1) {
    plan_.tensors.resize(graph.tensors.size());
    const int end = static_cast<int>(graph.nodes.size());
    for (int i = 0; i < end; ++i) {
      for (TensorId input : graph.nodes[i].inputs) last_reader_[input] = i;
    }
    for (const graph::Port& output : graph.outputs) last_reader_[output.tensor] = end;
    for (size_t i = 0; i < graph.inputs.size(); ++i) {
      plan_.tensors[graph.inputs[i].tensor].input = static_cast<int>(i);
    }
  }

  absl::StatusOr<MemoryPlan> Plan() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) VisitNode(static_cast<int>(i));
    PlaceBlocks();
    if (plan_.arena_bytes > kMaxArenaBytes) {
      return absl::ResourceExhaustedError(absl::StrCat("the network needs ", plan_.arena_bytes,
                                                       " bytes of activations (at most 2^35)"));
    }
    for (size_t i = 0; i < block_of_.size(); ++i) {
      if (block_of_[i] >= 0) plan_.tensors[i].offset = blocks_[block_of_[i]].offset;
    }
    return std::move(plan_);
  }

 private:
  void VisitNode(int index) {
    const Node& node = graph_.nodes[index];
    for (TensorId output : node.outputs) {
      if (!ShareInput(node, index, output)) NewBlock(index, output);
    }
  }

  // Whether the output takes over the memory of the node's first input.
  bool ShareInput(const Node& node, int index, TensorId output) {
    if (node.inputs.empty()) return false;
    const TensorId input = node.inputs[0];
    const int block = block_of_[input];
    const bool reshape = std::holds_alternative<graph::Reshape>(node.op);
    if (block < 0) {
      if (reshape) plan_.tensors[output].input = plan_.tensors[input].input;
      return reshape;
    }
    if (!reshape && !CanOverwrite(node, index, output)) return false;
    block_of_[output] = block;
    blocks_[block].last = std::max(blocks_[block].last, last_reader_[output]);
    return true;
  }

  bool CanOverwrite(const Node& node, int index, TensorId output) const {
    const TensorId input = node.inputs[0];
    return CanRunInPlace(node.op) && blocks_[block_of_[input]].last == index &&
           std::count(node.inputs.begin(), node.inputs.end(), input) == 1 &&
           !ReadTwice(node, block_of_[input]) &&
           graph_.tensors[input].shape == graph_.tensors[output].shape &&
           FormatOf(input) == FormatOf(output);
  }

  Format FormatOf(TensorId tensor) const {
    return formats_.empty() ? kPlanarFormat : formats_[tensor];
  }

  // Another input of the node is a reshape of the same memory.
  bool ReadTwice(const Node& node, int block) const {
    return std::count_if(node.inputs.begin(), node.inputs.end(),
                         [&](TensorId input) { return block_of_[input] == block; }) > 1;
  }

  void NewBlock(int index, TensorId output) {
    block_of_[output] = static_cast<int>(blocks_.size());
    const int64_t bytes = AlignedSize(StoredBytes(graph_.tensors[output].shape, FormatOf(output)));
    blocks_.push_back({bytes, index, std::max(index, last_reader_[output])});
  }

  // In order of creation, each into the lowest gap among the blocks alive at the same time.
  void PlaceBlocks() {
    std::vector<const Block*> alive;  // By offset.
    for (Block& block : blocks_) {
      std::erase_if(alive, [&](const Block* other) { return other->last < block.first; });
      for (const Block* other : alive) {
        if (block.offset + block.bytes <= other->offset) break;
        block.offset = std::max(block.offset, other->offset + other->bytes);
      }
      alive.insert(
          std::upper_bound(alive.begin(), alive.end(), &block,
                           [](const Block* a, const Block* b) { return a->offset < b->offset; }),
          &block);
      plan_.arena_bytes = std::max(plan_.arena_bytes, block.offset + block.bytes);
      if (plan_.arena_bytes > kMaxArenaBytes) return;
    }
  }

  const Graph& graph_;
  std::span<const Format> formats_;
  std::vector<int> last_reader_;
  std::vector<int> block_of_;
  std::vector<Block> blocks_;
  MemoryPlan plan_;
};

}  // namespace

absl::StatusOr<MemoryPlan> PlanMemory(const Graph& graph, std::span<const Format> formats) {
  return Planner(graph, formats).Plan();
}

}  // namespace nbits
