// SPDX-License-Identifier: Apache-2.0
#include <istream>

#include "absl/strings/str_cat.h"
#include "base/system.h"

namespace nbits {
namespace {

// What follows the colon of "model name	: Intel(R) ..." if the line begins with this word.
bool ValueOf(const std::string& line, const char* word, std::string& value) {
  const size_t colon = line.find(": ");
  if (line.rfind(word, 0) != 0 || colon == std::string::npos) return false;
  value = line.substr(colon + 2);
  return true;
}

}  // namespace

std::string ProcessorNameIn(std::istream& cpuinfo) {
  std::string name, implementer, part;
  for (std::string line; std::getline(cpuinfo, line);) {
    if (ValueOf(line, "model name", name)) return name;
    ValueOf(line, "CPU implementer", implementer);
    ValueOf(line, "CPU part", part);
  }
  if (implementer.empty() || part.empty()) return "";
  return absl::StrCat("Arm, implementer ", implementer, ", part ", part);
}

}  // namespace nbits
