#include "base/file.h"
#include "base/status_macros.h"
#include "cli/command.h"

namespace nbits::cli {

void AddInfoCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("info", "Describe a model and its weights");
  static std::string path;
  command.add_option("MODEL", path, "A .mlmodel file")->required();
  SetAction(command, []() -> absl::Status {
    NBITS_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
    std::printf("%zu bytes\n", file->bytes().size());
    return absl::OkStatus();
  });
}

}  // namespace nbits::cli
