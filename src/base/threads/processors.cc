// SPDX-License-Identifier: Apache-2.0
#include "base/threads/processors.h"

#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace nbits {
namespace {

int BoundProcessors() {
#ifdef __linux__
  // A set of fixed size is refused on machines with more than its 1024 processors.
  for (size_t processors = 1024; processors <= (size_t{1} << 20); processors *= 4) {
    cpu_set_t* set = CPU_ALLOC(processors);
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(processors);
    const bool known = sched_getaffinity(0, bytes, set) == 0;
    const int count = known ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (known) return count;
  }
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

std::string Read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The least quota of the process' control group and of those around it.
std::optional<double> GroupQuota() {
  std::optional<double> least;
  std::string group;
  for (absl::string_view line : absl::StrSplit(Read("/proc/self/cgroup"), '\n')) {
    if (absl::ConsumePrefix(&line, "0::")) group = std::string(line);
  }
  for (;;) {
    const auto quota = ProcessorQuota(Read(absl::StrCat("/sys/fs/cgroup", group, "/cpu.max")));
    if (quota) least = std::min(least.value_or(*quota), *quota);
    if (group.empty()) return least;
    group.resize(group.find_last_of('/') == std::string::npos ? 0 : group.find_last_of('/'));
  }
}

}  // namespace

std::optional<double> ProcessorQuota(absl::string_view cpu_max) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(cpu_max, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  double quota = 0, period = 0;
  if (words.size() != 2 || !absl::SimpleAtod(words[0], &quota) ||
      !absl::SimpleAtod(words[1], &period) || !(quota > 0) || !(period > 0)) {
    return std::nullopt;
  }
  return quota / period;
}

int CurrentProcessor() {
#ifdef __linux__
  return sched_getcpu();
#else
  return -1;
#endif
}

void LeaveProcessor(int processor) {
#ifdef __linux__
  cpu_set_t usable;  // Of machines with up to 1024 processors; on larger ones threads meet less.
  if (processor < 0 || processor >= CPU_SETSIZE) return;
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return;
  cpu_set_t others = usable;
  CPU_CLR(processor, &others);
  if (CPU_COUNT(&others) == 0) return;
  if (sched_setaffinity(0, sizeof others, &others) != 0) return;
  sched_setaffinity(0, sizeof usable, &usable);
#else
  (void)processor;
#endif
}

int UsableProcessors() {
  const int bound = std::max(1, BoundProcessors());
  const std::optional<double> quota = GroupQuota();
  if (!quota || *quota >= bound) return bound;
  return std::max(1, static_cast<int>(std::ceil(*quota)));
}

}  // namespace nbits
