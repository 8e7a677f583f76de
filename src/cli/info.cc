#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/info_report.h"

namespace nbits::cli {
namespace {

struct InfoArguments {
  std::string path;
  bool each_weight = false;
  bool json = false;
};

absl::Status Info(const InfoArguments& arguments) {
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(arguments.path));
  const std::string report = arguments.json
                                 ? InfoJson(model, arguments.path, arguments.each_weight)
                                 : InfoText(model, arguments.path, arguments.each_weight);
  return Print(report);
}

}  // namespace

void AddInfoCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("info", "Describe a model and its weights");
  static InfoArguments arguments;
  command.add_option("MODEL", arguments.path, "A .mlmodel file")->required();
  command.add_flag("--weights", arguments.each_weight, "List every weight");
  command.add_flag("--json", arguments.json, "Print JSON instead of text");
  SetAction(command, [] { return Info(arguments); });
}

}  // namespace nbits::cli
