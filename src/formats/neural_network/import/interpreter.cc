// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/interpreter.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/import/segments.h"

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

// The layers of one list.
class LayerSteps : public Steps {
 public:
  LayerSteps(const LayerList& layers, const Program& program)
      : layers_(layers), program_(program) {}

  int size() const override { return layers_.size(); }
  bool IsControl(int step) const override { return graph::IsControl(layers_[step]); }
  std::vector<std::string> Reads(int step) const override {
    const auto& blobs = layers_[step].input();
    return {blobs.begin(), blobs.end()};
  }
  std::vector<std::string> Writes(int step) const override {
    const auto& blobs = layers_[step].output();
    return {blobs.begin(), blobs.end()};
  }
  const void* Key(int step) const override { return &layers_[step]; }
  absl::Status Import(int step, Builder& builder) const override {
    return ImportLayer(layers_[step], {program_.weights, program_.rank5}, builder);
  }
  absl::Status NameStep(int step, const absl::Status& status) const override {
    return NameLayer(layers_[step], status);
  }

 private:
  const LayerList& layers_;
  const Program& program_;
};

// One run of a program.
class Execution {
 public:
  Execution(const Program& program, const Compiler& compile, const TensorMap& values)
      : program_(program), runner_(program.names.reads, compile) {
    for (const auto& [name, value] : values) runner_.Set(name, std::make_shared<Tensor>(value));
  }

  absl::StatusOr<TensorMap> Run() {
    NBITS_ASSIGN_OR_RETURN(const Flow flow, RunLayers(program_.layers));
    if (flow != Flow::kNext) {
      return NameLayer(*left_by_, absl::InvalidArgumentError("outside of a loop"));
    }
    TensorMap results;
    for (const Output& output : program_.outputs) {
      const std::shared_ptr<const Tensor> value = runner_.Get(output.blob);
      if (value == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat("output '", output.feature.name, "' is not produced in this run"));
      }
      results[output.feature.name] = {OutsideShape(output, value->shape, program_.rank5),
                                      value->values};
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
        NBITS_ASSIGN_OR_RETURN(i, runner_.Run(LayerSteps(layers, program_), i));
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
    const std::shared_ptr<const Tensor> value = runner_.Get(blob);
    if (value != nullptr && value->values.size() == 1) return value->values[0];
    return NameLayer(layer,
                     absl::InvalidArgumentError(absl::StrCat(
                         "'", blob, value == nullptr ? "' has no value" : "' is no scalar")));
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

  const Program& program_;
  SegmentRunner runner_;
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
