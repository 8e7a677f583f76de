// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/interpreter.h"

#include <limits>
#include <map>
#include <new>

#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "graph/prune.h"

namespace nbits::graph {
namespace {

using schema::NeuralNetworkLayer;

// Iterations of all loops in one run. More comes from loops that never end.
constexpr int64_t kMaxIterations = 1 << 20;

enum class Flow : uint8_t { kNext, kBreak, kContinue };

bool IsControl(const NeuralNetworkLayer& layer) {
  return layer.has_branch() || layer.has_loop() || layer.has_loopbreak() ||
         layer.has_loopcontinue();
}

// Layers compiled as one graph.
struct Segment {
  int end = 0;                          // Index behind its last layer.
  std::map<std::string, Shape> inputs;  // Blobs that it reads.
  bool reusable = false;                // It holds for all inputs of these shapes.
  Function function;                    // Null: it has no results that matter.
};

// One run of a program.
class Execution {
 public:
  Execution(const Program& program, const Compiler& compile, const TensorMap& values)
      : program_(program), compile_(compile) {
    for (const auto& [name, value] : values) values_[name] = std::make_shared<Tensor>(value);
  }

  absl::StatusOr<TensorMap> Run() {
    NBITS_ASSIGN_OR_RETURN(const Flow flow, RunLayers(program_.layers));
    if (flow != Flow::kNext) {
      return NameLayer(*left_by_, absl::InvalidArgumentError("outside of a loop"));
    }
    TensorMap results;
    for (const Output& output : program_.outputs) {
      const auto value = values_.find(output.blob);
      if (value == values_.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat("output '", output.feature.name, "' is not produced in this run"));
      }
      results[output.feature.name] = {OutsideShape(output, value->second->shape, program_.rank5),
                                      value->second->values};
    }
    return results;
  }

 private:
  absl::StatusOr<Flow> RunLayers(const LayerList& layers) {
    for (int i = 0; i < layers.size();) {
      if (IsControl(layers[i])) {
        NBITS_ASSIGN_OR_RETURN(const Flow flow, RunControl(layers[i]));
        if (flow != Flow::kNext) return flow;
        ++i;
      } else {
        NBITS_ASSIGN_OR_RETURN(i, RunSegment(layers, i));
      }
    }
    return Flow::kNext;
  }

  // ---- Control flow -----------------------------------------------------------------------------

  absl::StatusOr<Flow> RunControl(const NeuralNetworkLayer& layer) {
    if (layer.has_loopbreak() || layer.has_loopcontinue()) {
      left_by_ = &layer;
      return layer.has_loopbreak() ? Flow::kBreak : Flow::kContinue;
    }
    return layer.has_branch() ? RunBranch(layer) : RunLoop(layer);
  }

  absl::StatusOr<float> Scalar(const NeuralNetworkLayer& layer, const std::string& blob) const {
    const auto value = values_.find(blob);
    if (value != values_.end() && value->second->values.size() == 1) {
      return value->second->values[0];
    }
    return NameLayer(layer,
                     absl::InvalidArgumentError(absl::StrCat(
                         "'", blob, value == values_.end() ? "' has no value" : "' is no scalar")));
  }

  absl::StatusOr<Flow> RunBranch(const NeuralNetworkLayer& layer) {
    const std::string blob = layer.input_size() == 1 ? layer.input(0) : "";
    NBITS_ASSIGN_OR_RETURN(const float condition, Scalar(layer, blob));
    const schema::BranchLayerParams& branch = layer.branch();
    return RunLayers((IsTrue(condition) ? branch.ifbranch() : branch.elsebranch()).layers());
  }

  // Files may hold an empty condition network; only with a name does it decide.
  static bool HasCondition(const schema::LoopLayerParams& loop) {
    return !loop.conditionvar().empty();
  }

  // How often the body runs at most; infinite: until the condition fails.
  absl::StatusOr<double> IterationLimit(const NeuralNetworkLayer& layer) const {
    if (layer.input_size() > 0) return Scalar(layer, layer.input(0));
    const uint64_t limit = layer.loop().maxloopiterations();
    const bool endless = limit == 0 && HasCondition(layer.loop());
    return endless ? std::numeric_limits<double>::infinity() : static_cast<double>(limit);
  }

  absl::StatusOr<bool> EvaluateCondition(const NeuralNetworkLayer& layer) {
    const schema::LoopLayerParams& loop = layer.loop();
    if (!HasCondition(loop)) return true;
    NBITS_RETURN_IF_ERROR(RunLayers(loop.conditionnetwork().layers()).status());
    NBITS_ASSIGN_OR_RETURN(const float condition, Scalar(layer, loop.conditionvar()));
    return IsTrue(condition);
  }

  absl::StatusOr<Flow> RunLoop(const NeuralNetworkLayer& layer) {
    NBITS_ASSIGN_OR_RETURN(const double limit, IterationLimit(layer));
    for (double count = 0;; ++count) {
      NBITS_ASSIGN_OR_RETURN(const bool go_on, EvaluateCondition(layer));
      if (!go_on || !(count < limit)) return Flow::kNext;
      if (++iterations_ > kMaxIterations) {
        return NameLayer(layer, absl::ResourceExhaustedError(
                                    absl::StrCat("more than ", kMaxIterations, " iterations")));
      }
      NBITS_ASSIGN_OR_RETURN(const Flow flow, RunLayers(layer.loop().bodynetwork().layers()));
      if (flow == Flow::kBreak) return Flow::kNext;
    }
  }

  // ---- Segments ---------------------------------------------------------------------------------

  // Returns the index of the first layer that has not run.
  absl::StatusOr<int> RunSegment(const LayerList& layers, int begin) {
    try {
      return RunOrBuildSegment(layers, begin);
    } catch (const std::bad_alloc&) {  // Of the tensors' values.
      return NameLayer(layers[begin], absl::ResourceExhaustedError(
                                          absl::StrCat("no memory beside ", BytesText(HeldBytes()),
                                                       " of tensors computed before")));
    }
  }

  static int64_t BytesOf(const Tensor& tensor) {
    return static_cast<int64_t>(tensor.values.size() * sizeof(float));
  }

  int64_t HeldBytes() const {
    int64_t bytes = 0;
    for (const auto& [blob, value] : values_) bytes += BytesOf(*value);
    return bytes;
  }

  absl::StatusOr<int> RunOrBuildSegment(const LayerList& layers, int begin) {
    const auto known = segments_.find(&layers[begin]);
    if (known != segments_.end() && Fits(known->second)) {
      NBITS_RETURN_IF_ERROR(Call(known->second));
      return known->second.end;
    }
    NBITS_ASSIGN_OR_RETURN(Segment segment, BuildSegment(layers, begin));
    NBITS_RETURN_IF_ERROR(Call(segment));
    const int end = segment.end;
    if (segment.reusable) segments_[&layers[begin]] = std::move(segment);
    return end;
  }

  bool Fits(const Segment& segment) const {
    for (const auto& [blob, shape] : segment.inputs) {
      if (values_.at(blob)->shape != shape) return false;
    }
    return true;
  }

  absl::StatusOr<Segment> BuildSegment(const LayerList& layers, int begin) const {
    Segment segment;
    Builder builder(compile_);
    BlobNames names;
    for (segment.end = begin; segment.end < layers.size(); ++segment.end) {
      const NeuralNetworkLayer& layer = layers[segment.end];
      if (IsControl(layer)) break;
      NBITS_RETURN_IF_ERROR(BindInputs(layer, builder, segment));
      const absl::Status status = ImportLayer(layer, {program_.weights, program_.rank5}, builder);
      // The value that it needs is computed by the layers so far.
      if (NeedsValues(status) && segment.end > begin) break;
      NBITS_RETURN_IF_ERROR(status);
      names.Add(layer);
    }
    AddResults(names, builder);
    segment.reusable = !builder.depends_on_values();
    Prune(builder.graph());
    if (builder.graph().outputs.empty()) return segment;
    NBITS_ASSIGN_OR_RETURN(segment.function, compile_(std::move(builder.graph())));
    return segment;
  }

  // Gives the builder those inputs of the layer that were computed before this segment.
  absl::Status BindInputs(const NeuralNetworkLayer& layer, Builder& builder,
                          Segment& segment) const {
    for (const std::string& blob : layer.input()) {
      const auto value = values_.find(blob);
      if (builder.blobs().contains(blob) || value == values_.end()) continue;
      NBITS_ASSIGN_OR_RETURN(const TensorId tensor, builder.AddKnownInput(blob, *value->second));
      builder.graph().inputs.push_back(ArrayPort(blob, value->second->shape, tensor));
      builder.Bind(blob, tensor);
      segment.inputs[blob] = value->second->shape;
    }
    return absl::OkStatus();
  }

  // Results that layers outside the segment read, or that replace a value.
  void AddResults(const BlobNames& names, Builder& builder) const {
    for (const std::string& blob : names.writes) {
      const bool read_outside = program_.names.reads.count(blob) > names.reads.count(blob);
      if (!read_outside && !values_.contains(blob)) continue;
      const TensorId tensor = builder.blobs().at(blob);
      builder.graph().outputs.push_back(ArrayPort(blob, builder.ShapeOf(tensor), tensor));
    }
  }

  absl::Status Call(const Segment& segment) {
    if (segment.function == nullptr) return absl::OkStatus();
    TensorMap inputs;
    for (const auto& [blob, shape] : segment.inputs) {
      const Tensor& value = *values_.at(blob);
      NBITS_RETURN_IF_ERROR(CheckMemory(BytesOf(value), absl::StrCat("'", blob, "'")));
      inputs[blob] = value;
    }
    NBITS_ASSIGN_OR_RETURN(TensorMap results, segment.function(inputs));
    for (auto& [blob, value] : results) {
      values_[blob] = std::make_shared<Tensor>(std::move(value));
    }
    return absl::OkStatus();
  }

  const Program& program_;
  const Compiler& compile_;
  std::map<std::string, std::shared_ptr<const Tensor>> values_;  // By blob.
  std::map<const NeuralNetworkLayer*, Segment> segments_;        // By their first layer.
  int64_t iterations_ = 0;
  const NeuralNetworkLayer* left_by_ = nullptr;  // The last loopBreak or loopContinue.
};

class Interpreter : public DynamicPart {
 public:
  explicit Interpreter(Program program) : program_(std::move(program)) {
    for (const Output& output : program_.outputs) outputs_.push_back(output.feature);
  }

  const std::vector<FeatureDescription>& outputs() const override { return outputs_; }

  absl::StatusOr<TensorMap> Run(const TensorMap& values, const Compiler& compile) const override {
    return Execution(program_, compile, values).Run();
  }

 private:
  Program program_;
  std::vector<FeatureDescription> outputs_;
};

}  // namespace

std::shared_ptr<const DynamicPart> MakeInterpreter(Program program) {
  return std::make_shared<Interpreter>(std::move(program));
}

}  // namespace nbits::graph
