// SPDX-License-Identifier: Apache-2.0
#include "compare/heading.h"

#include <filesystem>
#include <string>

#include "base/threads/parallel.h"
#include "compare/measure/machine.h"

namespace nbits {

void FillHeading(const CompareOptions& options, const ModelDescription& model, const Task& task,
                 Results& results) {
  results.created = UtcNow();
  results.nbits_version = options.nbits_version;
  if (!options.commit.empty()) results.commit = options.commit;
  if (!options.command.empty()) results.command = options.command;
  DescribeMachine(results);
  results.cores = DefaultThreads();
  results.threads = options.threads > 0 ? options.threads : DefaultThreads();
  results.model_name = std::filesystem::path(options.original.file).stem().string();
  results.model_type = model.type;
  if (!task.output.empty()) results.output = task.output;
  results.task = std::string(TaskName(task.kind));
  results.labels = task.labels;
  if (task.kind != TaskKind::kSegmentation) return;
  results.judged_class = options.mask_map.grey;
  results.rule = std::string(RuleName(task.rule));
  results.labels = task.table.labels;
  for (const Color& color : task.table.colors) results.colors.push_back(ToHex(color));
  results.background_id = task.table.background_id;
}

}  // namespace nbits
