// SPDX-License-Identifier: Apache-2.0
// What must be equal for something measured to hold in another run: by content, not by name.
#ifndef NBITS_COMPARE_FINGERPRINT_H_
#define NBITS_COMPARE_FINGERPRINT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "compare/samples.h"
#include "nbits/compare.h"
#include "results/results_to_json.h"

namespace nbits {

struct RunIdentity {
  Json settings;         // The options that change every figure, by name, and the labels' bytes.
  std::string original;  // The original model's bytes.
  std::vector<std::string> variants;  // Each variant's bytes and arithmetic; no two are equal.
  std::vector<std::string> samples;   // SampleKey of each, or NamedOnly of it.
};

// A sample's name and bytes, and those of its mask.
std::string SampleKey(const CompareOptions& options, const Samples& samples, size_t number);
// The same without what has not been read yet.
std::string NamedOnly(absl::string_view key);

// Samples are named only, unless something may be gone on with: all of them would have to be read.
RunIdentity Identify(const CompareOptions& options, const Samples& samples);
// The same without variants and samples.
RunIdentity IdentifySettings(const CompareOptions& options);

// Which of the settings are not equal, for people: "threads was 1 and is 2".
std::vector<std::string> Differences(const Json& before, const Json& now);

}  // namespace nbits

#endif  // NBITS_COMPARE_FINGERPRINT_H_
