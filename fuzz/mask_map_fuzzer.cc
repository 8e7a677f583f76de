// SPDX-License-Identifier: Apache-2.0
// Any text as a mask map, applied to a mask of every id.
#include <numeric>

#include "compare/judge/truth.h"
#include "fuzz/fuzz.h"
#include "nbits/compare.h"

namespace {

nbits::Task Segmentation() {
  nbits::Task task;
  task.kind = nbits::TaskKind::kSegmentation;
  task.classes = 21;
  task.table.labels = {"background", "person"};
  return task;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const nbits::Task task = Segmentation();
  const auto map = nbits::ParseMaskMap(nbits::fuzz::Text(data, size));
  if (!map.ok()) return 0;
  if (map->grey) nbits::CheckJudgedClass(task, *map->grey).IgnoreError();
  nbits::ClassMap mask{16, 16, std::vector<uint8_t>(256)};
  std::iota(mask.ids.begin(), mask.ids.end(), uint8_t{0});
  if (!nbits::MapIds(mask, task, *map).ok()) return 0;
  for (const uint8_t id : mask.ids) {
    nbits::fuzz::Require(id < task.classes || id == nbits::kIgnoredClass);
  }
  return 0;
}
