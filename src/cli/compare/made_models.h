// SPDX-License-Identifier: Apache-2.0
// Which of a sweep's models an earlier run into the same folder has made already.
#ifndef NBITS_CLI_COMPARE_MADE_MODELS_H_
#define NBITS_CLI_COMPARE_MADE_MODELS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nbits::cli {

// The file FOLDER/made.json: for each model the bytes that it was made from, by which nbits, and
// its own bytes, as hashes.
class MadeModels {
 public:
  // Reads it when `resume`; an unreadable one is empty.
  static absl::StatusOr<MadeModels> Read(const std::string& folder, const std::string& original,
                                         bool resume);

  // Whether `file` is what Add was told of under this name, from this original and by this nbits.
  bool Has(const std::string& name, const std::string& file) const;
  absl::Status Add(const std::string& name, const std::string& file);

 private:
  std::string path_, origin_;
  std::map<std::string, std::string> made_;  // Name: origin and hash.
};

}  // namespace nbits::cli

#endif  // NBITS_CLI_COMPARE_MADE_MODELS_H_
