#include "cli/comparison.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/progress.h"
#include "nbits/report.h"

namespace nbits::cli {
namespace {

bool ColorsWanted() { return isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

void PrintTable(const Results& results) {
  std::printf("%s", ResultsTable(results, {.color = ColorsWanted()}).c_str());
  std::printf("%zu pictures; two processes of the original differ by %.1f %% in time\n",
              results.pictures.size(), 100 * results.time_ratio_spread);
  for (const SkippedFile& skipped : results.skipped) {
    std::fprintf(stderr, "nbits: skipped %s: %s\n", skipped.file.c_str(), skipped.reason.c_str());
  }
}

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(folder, ": ", error.message()));
}

}  // namespace

void AddComparisonOptions(CLI::App& command, ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  command.add_option("--images", options.images, "Folder of JPEG and PNG pictures")->required();
  command.add_option("--masks", options.masks,
                     "Folder of PNG masks with the pictures' names: class ids (255 is ignored), or "
                     "grey above 127 for a person");
  command.add_option("--mask-map", arguments.mask_map,
                     "Ids of the masks to classes of the model, like 10=0,11=ignore");
  command.add_option("-o,--output", options.output, "Folder for the results")->required();
  command.add_option("--limit", options.limit, "At most so many pictures")
      ->check(CLI::PositiveNumber);
  command.add_option("--runs", options.runs, "Timed runs per picture (default: ten in all)")
      ->check(CLI::Range(1, 10000));
  command.add_option("--threads", options.threads, "Threads (default: one per core)")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--json", arguments.json, "Print the results as JSON instead of a table");
}

absl::Status RunComparison(ComparisonArguments& arguments) {
  CompareOptions& options = arguments.options;
  NBITS_ASSIGN_OR_RETURN(options.mask_map, ParseMaskMap(arguments.mask_map));
  NBITS_RETURN_IF_ERROR(MakeFolder(options.output));
  options.worker_command = {std::filesystem::read_symlink("/proc/self/exe").string(),
                            "internal-measure"};
  options.nbits_version = NBITS_VERSION;
  Progress progress("Comparing", 0);
  options.progress = [&](int64_t done, int64_t total) { progress.Set(done, total); };
  NBITS_ASSIGN_OR_RETURN(const Results results, Compare(options));
  const absl::Status written = WriteReports(results, options.output);
  progress.Clear();
  if (arguments.json) {
    std::printf("%s", ResultsToJson(results).c_str());
    return written;
  }
  PrintTable(results);
  NBITS_RETURN_IF_ERROR(written);
  std::printf("%s\n", (std::filesystem::path(options.output) / "report.html").string().c_str());
  return absl::OkStatus();
}

}  // namespace nbits::cli
