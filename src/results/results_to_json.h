// SPDX-License-Identifier: Apache-2.0
// The document of docs/results.md as a JSON value.
#ifndef NBITS_RESULTS_RESULTS_TO_JSON_H_
#define NBITS_RESULTS_RESULTS_TO_JSON_H_

#include <nlohmann/json.hpp>
#include <string>

#include "nbits/results.h"

namespace nbits {

using Json = nlohmann::ordered_json;

Json ToJsonValue(const Results& results);
Json ToJsonValue(const PictureOutput& output);

// Text of `value`; bytes that are not UTF-8 become U+FFFD. `indent` -1: one line.
std::string DumpJson(const Json& value, int indent);

}  // namespace nbits

#endif  // NBITS_RESULTS_RESULTS_TO_JSON_H_
