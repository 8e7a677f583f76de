#include <unistd.h>

#include <string>

#include "cli/command.h"
#include "nbits/compare.h"

namespace nbits::cli {

void AddInternalMeasureCommand(CLI::App& program) {
  CLI::App& command = *program.add_subcommand("internal-measure", "Used by compare and sweep");
  command.group("");  // Hidden.
  static std::string model;
  static int threads = 0;
  command.add_option("MODEL", model)->required();
  command.add_option("THREADS", threads)->required();
  SetAction(command, [] { return ServeMeasurements(model, threads, STDIN_FILENO, STDOUT_FILENO); });
}

}  // namespace nbits::cli
