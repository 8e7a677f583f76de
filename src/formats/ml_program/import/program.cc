// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/import/program.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/interpreter.h"
#include "formats/ml_program/import/names.h"
#include "formats/neural_network/import/input.h"
#include "formats/neural_network/import/network_view.h"
#include "formats/neural_network/import/output.h"
#include "formats/neural_network/model_impl.h"
#include "graph/prune.h"

namespace nbits::graph::program {
namespace {

absl::StatusOr<int> OpsetNumber(const std::string& name) {
  int number = 0;
  absl::string_view digits = name;
  if (absl::ConsumePrefix(&digits, "CoreML") && absl::SimpleAtoi(digits, &number) && number >= 5) {
    return number;
  }
  return absl::UnimplementedError(absl::StrCat("programs of opset '", name, "' cannot be run"));
}

void AddTypes(const google::protobuf::RepeatedPtrField<mil::NamedValueType>& values,
              std::map<std::string, mil::DataType>& types) {
  for (const auto& value : values) types[value.name()] = value.type().tensortype().datatype();
}

void AddTypesOf(const mil::Block& block, std::map<std::string, mil::DataType>& types) {
  AddTypes(block.inputs(), types);
  for (const mil::Operation& operation : block.operations()) {
    AddTypes(operation.outputs(), types);
    for (const mil::Block& nested : operation.blocks()) AddTypesOf(nested, types);
  }
}

// Pictures come as they are: what scales them is a part of the program.
const NetworkView& PlainInputs() {
  static const google::protobuf::RepeatedPtrField<schema::NeuralNetworkPreprocessing> kNone;
  static const NetworkView kView{nullptr, &kNone, false, false, ""};
  return kView;
}

class ProgramImporter {
 public:
  ProgramImporter(const Model& model, const std::map<std::string, Shape>& shapes, Compiler compile)
      : model_(model), shapes_(shapes), builder_(std::move(compile)) {}

  absl::StatusOr<Graph> Import() {
    const Model::Impl& impl = model_.impl();
    NBITS_ASSIGN_OR_RETURN(function_,
                           FindFunction(impl.skeleton.mlprogram(), model_.description().function));
    NBITS_RETURN_IF_ERROR(CheckSupported(function_.block->operations()));
    NBITS_RETURN_IF_ERROR(MakeContext(impl));
    NBITS_RETURN_IF_ERROR(ImportInputs());
    NBITS_RETURN_IF_ERROR(ImportOperations(function_.block->operations()));
    std::vector<Output> outputs = ListProgramOutputs();
    NBITS_RETURN_IF_ERROR(deferred_.empty() ? AddOutputs(outputs) : CutOff(std::move(outputs)));
    Prune(builder_.graph());
    return std::move(builder_.graph());
  }

 private:
  absl::Status MakeContext(const Model::Impl& impl) {
    NBITS_ASSIGN_OR_RETURN(context_.opset, OpsetNumber(function_.opset));
    context_.blobs = impl.blobs;
    context_.constants = std::make_shared<ProgramConstants>(*impl.blobs);
    auto types = std::make_shared<std::map<std::string, mil::DataType>>();
    AddTypes(function_.function->inputs(), *types);
    AddTypesOf(*function_.block, *types);
    context_.types = std::move(types);
    NBITS_RETURN_IF_ERROR(ForEachOperation(*function_.block, [&](const mil::Operation& operation) {
      return IsConstant(operation) ? AddConstant(operation) : absl::OkStatus();
    }));
    const bool is_only = model_.description().functions.size() == 1;
    const std::string place = is_only ? "" : absl::StrCat(function_.name, "/");
    for (const auto& [path, tensor] : impl.program_edits) {
      absl::string_view name = path;
      if (absl::ConsumePrefix(&name, place)) context_.constants->Replace(std::string(name), tensor);
    }
    return absl::OkStatus();
  }

  absl::Status AddConstant(const mil::Operation& operation) {
    for (const auto& output : operation.outputs()) {
      if (context_.constants->Find(output.name()) == nullptr) continue;
      return NameOperation(
          operation, absl::UnimplementedError("another block has a constant of the same name"));
    }
    return context_.constants->Add(operation);
  }

  // ---- Inputs -----------------------------------------------------------------------------------

  absl::Status CheckShapeNames() const {
    const auto& inputs = model_.description().inputs;
    for (const auto& given : shapes_) {
      const std::string& name = given.first;
      if (std::none_of(inputs.begin(), inputs.end(),
                       [&](const FeatureDescription& input) { return input.name == name; })) {
        return absl::InvalidArgumentError(absl::StrCat("the model has no input '", name, "'"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ImportInputs() {
    NBITS_RETURN_IF_ERROR(CheckShapeNames());
    for (const FeatureDescription& feature : model_.description().inputs) {
      const auto given = shapes_.find(feature.name);
      NBITS_RETURN_IF_ERROR(
          NameFeature("input", feature.name,
                      ImportInput(feature, PlainInputs(),
                                  given == shapes_.end() ? nullptr : &given->second, builder_)));
    }
    for (const mil::NamedValueType& input : function_.function->inputs()) {
      NBITS_RETURN_IF_ERROR(NameFeature("input", input.name(), CheckInput(input)));
    }
    return absl::OkStatus();
  }

  // Every input of the function is one of the model's, of a shape that the function takes, or a
  // state.
  absl::Status CheckInput(const mil::NamedValueType& input) {
    if (input.type().has_statetype()) return AddState(input);
    const absl::StatusOr<TensorId> tensor = builder_.Find(input.name());
    if (!tensor.ok()) return absl::InvalidArgumentError("the model does not describe it");
    const auto& dimensions = input.type().tensortype().dimensions();
    const Shape shape = builder_.ShapeOf(*tensor);
    bool fits = static_cast<size_t>(dimensions.size()) == shape.size();
    for (int i = 0; fits && i < dimensions.size(); ++i) {
      fits = !dimensions[i].has_constant() ||
             dimensions[i].constant().size() == static_cast<uint64_t>(shape[i]);
    }
    if (fits) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the program takes another shape than ", ShapeText(shape)));
  }

  absl::Status AddState(const mil::NamedValueType& input) {
    NBITS_ASSIGN_OR_RETURN(const TensorTypeOf type,
                           FixedType(input.type().statetype().wrappedtype()));
    builder_.BeginLayer(input.name(), "state");
    NBITS_ASSIGN_OR_RETURN(const TensorId tensor, builder_.AddInput(input.name(), type.shape));
    Port port = ArrayPort(input.name(), type.shape, tensor);
    port.feature.kind = FeatureKind::kState;
    builder_.graph().inputs.push_back(std::move(port));
    builder_.Bind(input.name(), tensor);
    states_.push_back(input.name());
    return absl::OkStatus();
  }

  // ---- Operations -------------------------------------------------------------------------------

  absl::Status ImportOperations(const OperationList& operations) {
    for (const mil::Operation& operation : operations) {
      if (IsConstant(operation)) continue;
      const absl::Status status = MustBePutOff(operation) ? ValuesNeededError("another one")
                                  : operation.type() == "cond"
                                      ? ImportBranch(operation)
                                      : ImportOperation(operation, context_, builder_);
      if (!NeedsValues(status)) {
        NBITS_RETURN_IF_ERROR(status);
      } else {
        *deferred_.Add() = operation;
        deferred_names_.Add(operation);
      }
    }
    return absl::OkStatus();
  }

  // Whether the operation must come after one that has been put off.
  bool MustBePutOff(const mil::Operation& operation) const {
    OperationNames names;
    names.Add(operation);
    const auto& writes = deferred_names_.writes;
    return std::any_of(names.reads.begin(), names.reads.end(),
                       [&](const std::string& name) { return writes.contains(name); }) ||
           std::any_of(names.writes.begin(), names.writes.end(), [&](const std::string& name) {
             return writes.contains(name) || deferred_names_.reads.contains(name);
           });
  }

  // A branch that constants decide leaves no trace.
  absl::Status ImportBranch(const mil::Operation& operation) {
    const Operation branch(operation, context_, builder_);
    if (operation.blocks_size() != 2) {
      return NameOperation(operation, absl::InvalidArgumentError("other than two blocks"));
    }
    auto condition = branch.Floats("pred");
    if (!condition.ok()) return NameOperation(operation, condition.status());
    const mil::Block& block = operation.blocks(condition->at(0) != 0 ? 0 : 1);
    const int put_off = deferred_.size();
    NBITS_RETURN_IF_ERROR(ImportOperations(block.operations()));
    // What a branch leaves to the interpreter takes the branch along.
    if (deferred_.size() > put_off) {
      return absl::UnimplementedError("a branch with values that are known only while it runs");
    }
    for (int i = 0; i < std::min(block.outputs_size(), operation.outputs_size()); ++i) {
      NBITS_ASSIGN_OR_RETURN(const TensorId tensor, TensorOf(block.outputs(i)));
      builder_.Bind(operation.outputs(i).name(), tensor);
    }
    return absl::OkStatus();
  }

  // A computed value, or a constant.
  absl::StatusOr<TensorId> TensorOf(const std::string& name) {
    if (const auto tensor = builder_.Find(name); tensor.ok()) return tensor;
    mil::Operation reader;
    (*reader.mutable_inputs())["x"].add_arguments()->set_name(name);
    return Operation(reader, context_, builder_).Input("x");
  }

  // ---- Outputs ----------------------------------------------------------------------------------

  // Labels follow from the probabilities.
  std::vector<Output> ListProgramOutputs() const {
    std::vector<Output> outputs;
    for (const FeatureDescription& feature : model_.description().outputs) {
      if (feature.kind == FeatureKind::kString || feature.kind == FeatureKind::kInt64) continue;
      Output output{feature, feature.kind == FeatureKind::kDictionary, feature.name};
      if (feature.kind != FeatureKind::kImage) output.feature.kind = FeatureKind::kMultiArray;
      outputs.push_back(std::move(output));
    }
    for (const std::string& state : states_) {
      Output& output = outputs.emplace_back(Output{{}, false, state});
      output.feature.name = state;
      output.feature.kind = FeatureKind::kState;
    }
    return outputs;
  }

  absl::Status AddOutputs(const std::vector<Output>& outputs) {
    for (const Output& output : outputs) {
      const absl::StatusOr<TensorId> tensor = TensorOf(output.blob);
      if (!tensor.ok()) return NameFeature("output", output.feature.name, tensor.status());
      Port port{output.feature, *tensor};
      port.feature.shape = OutsideShape(output, builder_.ShapeOf(*tensor), false);
      builder_.graph().outputs.push_back(std::move(port));
    }
    return absl::OkStatus();
  }

  // The static graph gives what the operations put off, and the outputs, read of it.
  absl::Status CutOff(std::vector<Output> outputs) {
    for (const Output& output : outputs) deferred_names_.reads.insert(output.blob);
    for (const auto& [name, tensor] : builder_.blobs()) {
      if (!deferred_names_.reads.contains(name)) continue;
      builder_.graph().outputs.push_back(ArrayPort(name, builder_.ShapeOf(tensor), tensor));
    }
    builder_.graph().dynamic = MakeProgramInterpreter(
        {std::move(deferred_), context_, std::move(outputs), std::move(deferred_names_)});
    return absl::OkStatus();
  }

  const Model& model_;
  const std::map<std::string, Shape>& shapes_;
  Builder builder_;
  ProgramFunction function_;
  Context context_;
  std::vector<std::string> states_;
  OperationList deferred_;
  OperationNames deferred_names_;
};

}  // namespace

absl::StatusOr<Graph> ImportProgram(const Model& model, const std::map<std::string, Shape>& shapes,
                                    const Compiler& compile) {
  return ProgramImporter(model, shapes, compile).Import();
}

}  // namespace nbits::graph::program
