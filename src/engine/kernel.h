// SPDX-License-Identifier: Apache-2.0
// What an executable operation looks like to the engine.
#ifndef NBITS_ENGINE_KERNEL_H_
#define NBITS_ENGINE_KERNEL_H_

#include <memory>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/format.h"
#include "engine/format_pass.h"
#include "engine/memory/workspace.h"
#include "graph/graph.h"
#include "nbits/engine.h"

namespace nbits {

// Values stored in `format`; the shape is the graph's. `data` is to be read as Float16 where the
// format says so.
struct Operand {
  const Shape& shape;
  const float* data;
  Format format = kPlanarFormat;

  const uint16_t* halves() const { return reinterpret_cast<const uint16_t*>(data); }
};
struct Result {
  const Shape& shape;
  float* data;
  Format format = kPlanarFormat;

  uint16_t* halves() const { return reinterpret_cast<uint16_t*>(data); }
};

// One execution of one node. Shapes have passed graph::InferShapes. Inputs and outputs do not
// overlap, except that an output may be an input where CanRunInPlace says so, and that inputs of a
// Concat may already stand at their place in its output.
struct Call {
  std::span<const Operand> inputs;
  std::span<const Result> outputs;
  Workspace& workspace;
  int threads;
};

// A node of the graph made ready to run. Immutable: several threads may run it at once.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual absl::Status Run(const Call& call) const = 0;
  // Bytes of workspace that one Run takes, without ...
  virtual int64_t workspace_bytes() const = 0;
  // ... whole decoded weights: whether Run asks the workspace for them. The engine adds their size.
  virtual bool decodes_whole_weights() const { return true; }
  virtual absl::string_view name() const = 0;
};

// Makes a kernel for a node whose inputs and outputs are in the given formats, or null when it has
// none for it. `options.threads` is the most threads of a Call, not 0.
using KernelFactory = absl::StatusOr<std::unique_ptr<Kernel>> (*)(const graph::Graph& graph,
                                                                  const graph::Node& node,
                                                                  const NodeFormats& formats,
                                                                  const EngineOptions& options);

// The formats in which a family of kernels would run a node whose inputs now are in `current`;
// nothing when it has no kernel for the node. What it answers, its factory accepts.
using FormatChooser = std::optional<NodeFormats> (*)(const graph::Graph& graph,
                                                     const graph::Node& node,
                                                     std::span<const Format> current,
                                                     const EngineOptions& options);

// The answer of the first row of the registry that has one; planar otherwise, and always with
// `options.plain`.
NodeFormats ChooseNodeFormats(const graph::Graph& graph, const graph::Node& node,
                              std::span<const Format> current, const EngineOptions& options);

// Whether a row of the registry has formats for a node that fusion would make.
bool HasFusedKernel(const graph::Graph& graph, const graph::Node& node,
                    const EngineOptions& options);

// Asks the rows of the registry in order: our fast kernels, oneDNN, the plain reference last; with
// `options.plain` only the latter.
absl::StatusOr<std::unique_ptr<Kernel>> MakeKernel(const graph::Graph& graph,
                                                   const graph::Node& node,
                                                   const NodeFormats& formats,
                                                   const EngineOptions& options);

// Whether every kernel of this operation may write its output over input `input` of the same shape
// and format: it reads a value before it writes in its place.
bool CanRunInPlace(const graph::Op& op, size_t input);

// The weights that a node reads when it runs.
std::vector<graph::WeightId> WeightsOf(const graph::Op& op);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNEL_H_
