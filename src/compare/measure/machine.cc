// SPDX-License-Identifier: Apache-2.0
#include "compare/measure/machine.h"

#include <sys/utsname.h>

#include <ctime>

#include "base/system.h"
#include "nbits/target.h"

namespace nbits {

void DescribeMachine(Results& results) {
  results.cpu = ProcessorName();
  if (const int64_t bytes = MachineMemoryBytes(); bytes > 0) results.memory_bytes = bytes;
  utsname names{};
  if (uname(&names) == 0) results.system = std::string(names.sysname) + " " + names.release;
  results.instructions = VectorTarget();
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, size);
}

}  // namespace nbits
