#include "compare/machine.h"

#include <hwy/targets.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <ctime>
#include <fstream>

namespace nbits {

namespace {

std::string CpuName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown";
}

// A line of /proc/meminfo, "MemTotal: 24576 kB"; 0 when it is not there.
int64_t MemoryBytes(const std::string& name) {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ":", 0) != 0) continue;
    return std::strtoll(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  return 0;
}

}  // namespace

void DescribeMachine(Results& results) {
  results.cpu = CpuName();
  if (const int64_t bytes = MemoryBytes("MemTotal"); bytes > 0) results.memory_bytes = bytes;
  utsname names{};
  if (uname(&names) == 0) results.system = std::string(names.sysname) + " " + names.release;
  const int64_t targets = hwy::SupportedTargets();
  results.instructions = hwy::TargetName(targets & -targets);  // The lowest bit is the best.
}

int64_t AvailableMemoryBytes() { return MemoryBytes("MemAvailable"); }

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text, size);
}

}  // namespace nbits
