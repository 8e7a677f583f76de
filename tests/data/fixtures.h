// SPDX-License-Identifier: Apache-2.0
// Files made by make_fixtures.py, and inputs of models.
#ifndef NBITS_TESTS_DATA_FIXTURES_H_
#define NBITS_TESTS_DATA_FIXTURES_H_

#include <string>
#include <utility>

#include "base/files/file.h"
#include "nbits/model.h"

namespace nbits {

inline std::string FixturePath(const std::string& name) {
  return std::string(NBITS_SOURCE_DIR) + "/tests/data/fixtures/" + name;
}

inline std::string FixtureBytes(const std::string& name) {
  return ReadFile(FixturePath(name)).value();
}

inline FeatureDescription ArrayInput(Shape shape) {
  FeatureDescription feature;
  feature.name = "x";
  feature.kind = FeatureKind::kMultiArray;
  feature.shape = std::move(shape);
  return feature;
}

}  // namespace nbits

#endif  // NBITS_TESTS_DATA_FIXTURES_H_
