// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/labels.h"

#include <map>

#include "formats/ml_program/program.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

// The value of an argument: written where it is used, or of a `const` before.
const mil::Value* ValueOf(const mil::Operation& operation, const std::string& name,
                          const std::map<std::string, const mil::Value*>& constants) {
  const auto argument = operation.inputs().find(name);
  if (argument == operation.inputs().end() || argument->second.arguments_size() != 1) {
    return nullptr;
  }
  const auto& binding = argument->second.arguments(0);
  if (binding.has_value()) return &binding.value();
  const auto found = constants.find(binding.name());
  return found == constants.end() ? nullptr : found->second;
}

std::vector<std::string> BlockLabels(const mil::Block& block) {
  std::map<std::string, const mil::Value*> constants;
  BlobStore none("");
  std::vector<std::string> labels;
  for (const mil::Operation& operation : block.operations()) {
    const auto value = operation.attributes().find("val");
    if (operation.type() == "const" && operation.outputs_size() == 1 &&
        value != operation.attributes().end()) {
      constants[operation.outputs(0).name()] = &value->second;
    }
    if (operation.type() != "classify") continue;
    const mil::Value* classes = ValueOf(operation, "classes", constants);
    if (classes == nullptr) continue;
    if (auto texts = TextsOf(*classes, none); texts.ok()) labels = *std::move(texts);
  }
  return labels;
}

}  // namespace

std::vector<std::string> ProgramLabels(const mil::Program& program) {
  const auto function = FindFunction(program, "");
  return function.ok() ? BlockLabels(*function->block) : std::vector<std::string>();
}

}  // namespace nbits
