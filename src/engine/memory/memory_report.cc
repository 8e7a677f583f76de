// SPDX-License-Identifier: Apache-2.0
#include "engine/memory/memory_report.h"

#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

std::string FormatText(const Format& format) {
  return absl::StrCat(format.layout == Layout::kBlocked ? "blocked" : "planar",
                      format.element == Element::kFloat16 ? " Float16" : " Float32");
}

PlannedMemory Describe(const Prepared& prepared, const PlannedBlock& block) {
  PlannedMemory memory;
  memory.offset = block.offset;
  memory.bytes = block.bytes;
  memory.first_layer = block.first;
  memory.last_layer = block.last;
  if (block.tensor < 0) {
    memory.name = prepared.graph.nodes[block.node].name;
    memory.format = "workspace";
    return memory;
  }
  const graph::TensorInfo& tensor = prepared.graph.tensors[block.tensor];
  memory.name = tensor.name;
  memory.format = FormatText(prepared.formats[block.tensor]);
  memory.shape = tensor.shape;
  return memory;
}

}  // namespace

MemoryReport ReportMemory(const Prepared& prepared) {
  MemoryReport report;
  report.arena_bytes = prepared.plan.arena_bytes;
  report.bound_bytes = prepared.plan.bound_bytes;
  report.kept_bytes = prepared.kept_bytes;
  for (const PackedTensor& weight : prepared.graph.weights) {
    report.weight_bytes += static_cast<int64_t>(weight.bytes.size());
  }
  for (const graph::Node& node : prepared.graph.nodes) report.layers.push_back(node.name);
  for (const PlannedBlock& block : prepared.plan.blocks) {
    report.blocks.push_back(Describe(prepared, block));
  }
  return report;
}

}  // namespace nbits
