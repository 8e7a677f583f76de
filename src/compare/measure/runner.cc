// SPDX-License-Identifier: Apache-2.0
#include "compare/measure/runner.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "nbits/npy.h"

namespace nbits {
namespace {

using Message = nlohmann::json;

absl::StatusOr<Message> Receive(Process& process) {
  NBITS_ASSIGN_OR_RETURN(const std::string line, process.Receive());
  Message answer = Message::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) return absl::InternalError("the model's process gave no answer");
  if (answer.contains("error")) {
    return absl::FailedPreconditionError(answer.value("error", "the model's process failed"));
  }
  return answer;
}

// Reads the files and removes them: a hundred pictures' outputs would fill a small disk.
absl::StatusOr<TensorMap> TakeOutputs(const Message& files) {
  TensorMap outputs;
  for (const auto& [name, file] : files.items()) {
    const std::string path = file.get<std::string>();
    NBITS_ASSIGN_OR_RETURN(outputs[name], ReadNpy(path));
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  return outputs;
}

}  // namespace

absl::StatusOr<Runner> Runner::Start(std::vector<std::string> command, const std::string& model,
                                     const EngineOptions& options,
                                     const std::map<std::string, Shape>& shapes) {
  // Absolute: a name that begins with '-' would be taken for an option.
  command.push_back(std::filesystem::absolute(model).string());
  command.push_back(absl::StrCat(options.threads));
  if (options.compute == Compute::kInt8) command.push_back("int8");
  if (!shapes.empty()) {
    command.push_back("--shapes");
    command.push_back(Message(shapes).dump(-1, ' ', false, Message::error_handler_t::replace));
  }
  NBITS_ASSIGN_OR_RETURN(Process process, Process::Start(command));
  Runner runner(std::move(process));
  NBITS_ASSIGN_OR_RETURN(const Message answer, Receive(runner.process_));
  runner.load_ms_ = answer.value("load_ms", 0.0);
  runner.target_ = answer.value("target", "");
  return runner;
}

absl::StatusOr<TensorMap> Runner::Run(const InputFiles& inputs, const std::string& save_prefix) {
  Message request = {{"inputs", inputs}, {"save", nullptr}};
  if (!save_prefix.empty()) request["save"] = save_prefix;
  NBITS_RETURN_IF_ERROR(
      process_.Send(request.dump(-1, ' ', false, Message::error_handler_t::replace)));
  NBITS_ASSIGN_OR_RETURN(const Message answer, Receive(process_));
  last_ms_ = answer.value("ms", 0.0);
  peak_memory_bytes_ = answer.value("peak_memory_bytes", int64_t{0});
  return TakeOutputs(answer.value("outputs", Message::object()));
}

}  // namespace nbits
