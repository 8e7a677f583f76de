// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/weights.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/neural_network/members.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

// Who reads a value first.
struct Reader {
  const mil::Operation* operation = nullptr;
  std::string argument;
};
using Readers = std::map<std::string, Reader>;

absl::Status AddReaders(const mil::Block& block, Readers& readers) {
  return ForEachOperation(block, [&](const mil::Operation& operation) {
    if (IsConstant(operation)) return absl::OkStatus();
    for (const auto& [argument, bindings] : operation.inputs()) {
      for (const mil::Argument::Binding& binding : bindings.arguments()) {
        if (binding.has_value()) continue;
        Reader& reader = readers[binding.name()];
        // Arguments are in no order: of several the first by name.
        const bool is_first = reader.operation == nullptr ||
                              (reader.operation == &operation && argument < reader.argument);
        if (is_first) reader = {&operation, argument};
      }
    }
    return absl::OkStatus();
  });
}

bool IsNormalization(absl::string_view type) {
  return type == "batch_norm" || type == "instance_norm" || type == "layer_norm";
}

WeightRole RoleOf(const Reader& reader) {
  if (reader.operation == nullptr) return WeightRole::kConstant;
  const std::string& type = reader.operation->type();
  const std::string& argument = reader.argument;
  if (absl::StartsWith(argument, "weight")) return WeightRole::kKernel;
  if (type == "matmul" || type == "einsum") return WeightRole::kKernel;
  if (argument == "x" && type == "gather") return WeightRole::kKernel;
  if (absl::StartsWith(argument, "bias") || argument == "input_bias") return WeightRole::kBias;
  if (IsNormalization(type)) return WeightRole::kNormalize;
  if (argument == "alpha" || argument == "beta" || absl::StartsWith(argument, "peephole")) {
    return WeightRole::kOther;
  }
  return WeightRole::kConstant;
}

bool IsTransposed(const mil::Operation& operation, const std::string& flag,
                  const ProgramConstants& constants) {
  const auto argument = operation.inputs().find(flag);
  if (argument == operation.inputs().end() || argument->second.arguments_size() != 1) return false;
  const auto& binding = argument->second.arguments(0);
  if (binding.has_value()) {
    const auto& values = binding.value().immediatevalue().tensor().bools().values();
    return !values.empty() && values[0];
  }
  const ProgramConstant* constant = constants.Find(binding.name());
  return constant != nullptr && constant->value.count == 1 && !constant->value.bytes.empty() &&
         NumberAt(constant->value, 0) != 0;
}

// Along which axis the outputs of the operation lie, as coremltools has it.
int OutputAxis(const Reader& reader, size_t rank, const ProgramConstants& constants) {
  if (reader.operation == nullptr || rank < 2) return 0;
  const std::string& type = reader.operation->type();
  const int last = static_cast<int>(rank) - 1;
  if (type == "conv_transpose") return 1;
  if (type != "matmul") return 0;
  const bool is_second = reader.argument == "y";
  const bool transposed =
      IsTransposed(*reader.operation, is_second ? "transpose_y" : "transpose_x", constants);
  return is_second != transposed ? last : last - 1;
}

bool IsFloatType(const ProgramConstant& constant) {
  const mil::DataType type = constant.value.type->type;
  return type == mil::FLOAT16 || type == mil::FLOAT32;
}

// Names that only constants read: parts of other weights.
std::set<std::string> PartsOf(const mil::Block& block) {
  std::set<std::string> parts;
  const auto add = [&](const mil::Operation& operation) {
    if (!IsConstant(operation)) return absl::OkStatus();
    for (const auto& [name, argument] : operation.inputs()) {
      for (const auto& binding : argument.arguments()) {
        if (!binding.has_value()) parts.insert(binding.name());
      }
    }
    return absl::OkStatus();
  };
  ForEachOperation(block, add).IgnoreError();  // `add` returns none.
  return parts;
}

class Collector {
 public:
  Collector(const ProgramEntry& entry, const ProgramFunction& function, std::string path,
            BlobStore& blobs, ProgramWeights& collected)
      : entry_(entry),
        function_(function),
        path_(std::move(path)),
        constants_(blobs),
        collected_(collected) {}

  absl::Status Run() {
    NBITS_RETURN_IF_ERROR(AddReaders(*function_.block, readers_));
    const std::set<std::string> parts = PartsOf(*function_.block);
    std::vector<const mil::Operation*> operations;
    NBITS_RETURN_IF_ERROR(ForEachOperation(*function_.block, [&](const mil::Operation& operation) {
      if (!IsConstant(operation)) return absl::OkStatus();
      operations.push_back(&operation);
      return constants_.Add(operation);
    }));
    // Blocks beside each other may use one name for two values; these are left alone.
    std::map<std::string, int> uses;
    for (const mil::Operation* operation : operations) ++uses[operation->outputs(0).name()];
    for (const mil::Operation* operation : operations) {
      const std::string& name = operation->outputs(0).name();
      if (uses[name] > 1 || (parts.contains(name) && !readers_.contains(name))) continue;
      Add(*operation);
    }
    return absl::OkStatus();
  }

 private:
  void Add(const mil::Operation& operation) {
    const std::string& name = operation.outputs(0).name();
    const ProgramConstant& constant = *constants_.Find(name);
    if (!constant.is_packed || ShapeOf(constant).empty() || !IsFloatType(constant)) return;
    if (operation.outputs_size() != 1) return;  // A mask and its values.
    const Reader reader = readers_.contains(name) ? readers_[name] : Reader();
    WeightRef weight;
    weight.path = absl::StrCat(path_, name);
    weight.layer = reader.operation == nullptr || reader.operation->outputs().empty()
                       ? name
                       : reader.operation->outputs(0).name();
    weight.layer_type = reader.operation == nullptr ? operation.type() : reader.operation->type();
    weight.field = reader.operation == nullptr ? "val" : reader.argument;
    weight.role = RoleOf(reader);
    weight.program_version = entry_.model->specificationversion();
    weight.is_half = constant.value.type->type == mil::FLOAT16;
    weight.tensor = constant.packed;
    if (weight.tensor.scale.size() <= 1) {
      weight.tensor.channel_axis = OutputAxis(reader, weight.tensor.shape.size(), constants_);
    }
    collected_.weights.push_back(std::move(weight));
    collected_.places.push_back({entry_.node, function_.name, name, &operation,
                                 constant.value.type->type, entry_.model->specificationversion()});
  }

  const ProgramEntry& entry_;
  const ProgramFunction& function_;
  const std::string path_;
  ProgramConstants constants_;
  Readers readers_;
  ProgramWeights& collected_;
};

void AppendPrograms(const schema::Model& model, const WireNode& node, const std::string& path,
                    std::vector<ProgramEntry>& programs) {
  if (model.has_mlprogram()) programs.push_back({path, &model, const_cast<WireNode*>(&node)});
  const schema::Pipeline* pipeline = PipelineOf(model);
  if (pipeline == nullptr) return;
  const std::vector<const WireNode*> nodes = MembersOf(node);
  const size_t count = std::min<size_t>(nodes.size(), pipeline->models_size());
  for (size_t i = 0; i < count; ++i) {
    AppendPrograms(pipeline->models(static_cast<int>(i)), *nodes[i],
                   absl::StrCat(path, "models[", i, "]/"), programs);
  }
}

}  // namespace

std::vector<ProgramEntry> ListPrograms(const schema::Model& skeleton, const WireNode& root) {
  std::vector<ProgramEntry> programs;
  AppendPrograms(skeleton, root, "", programs);
  return programs;
}

absl::Status CollectProgramWeights(const ProgramEntry& entry, BlobStore& blobs,
                                   ProgramWeights& collected) {
  const mil::Program& program = entry.model->mlprogram();
  NBITS_RETURN_IF_ERROR(CheckProgram(program));
  NBITS_ASSIGN_OR_RETURN(const std::vector<ProgramFunction> functions, FunctionsOf(program));
  for (const ProgramFunction& function : functions) {
    const std::string path =
        functions.size() == 1 ? entry.path : absl::StrCat(entry.path, function.name, "/");
    NBITS_RETURN_IF_ERROR(Collector(entry, function, path, blobs, collected).Run());
  }
  return absl::OkStatus();
}

}  // namespace nbits
