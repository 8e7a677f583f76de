// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>

#include "base/system.h"

namespace nbits {
namespace {

bool ExchangeInSteps(const std::string& a, const std::string& b) {
  const std::string aside = a + ".old";
  if (std::rename(b.c_str(), aside.c_str()) != 0) return false;
  if (std::rename(a.c_str(), b.c_str()) == 0) return std::rename(aside.c_str(), a.c_str()) == 0;
  const int error = errno;
  std::rename(aside.c_str(), b.c_str());
  errno = error;
  return false;
}

}  // namespace

bool ExchangeFiles(const std::string& a, const std::string& b) {
  return ExchangeAtOnce(a, b) || ExchangeInSteps(a, b);
}

}  // namespace nbits
