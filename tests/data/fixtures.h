// SPDX-License-Identifier: Apache-2.0
// Files made by make_fixtures.py.
#ifndef NBITS_TESTS_DATA_FIXTURES_H_
#define NBITS_TESTS_DATA_FIXTURES_H_

#include <string>

#include "base/file.h"

namespace nbits {

inline std::string FixturePath(const std::string& name) {
  return std::string(NBITS_SOURCE_DIR) + "/tests/data/fixtures/" + name;
}

inline std::string FixtureBytes(const std::string& name) {
  return ReadFile(FixturePath(name)).value();
}

}  // namespace nbits

#endif  // NBITS_TESTS_DATA_FIXTURES_H_
