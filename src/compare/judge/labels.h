// SPDX-License-Identifier: Apache-2.0
// Which class each picture shows, for classifiers.
#ifndef NBITS_COMPARE_JUDGE_LABELS_H_
#define NBITS_COMPARE_JUDGE_LABELS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nbits {

// Where the classes come from, the first that applies: a table, the folder a picture lies in, the
// picture's name (see LabelOfFileName).
class TrueLabels {
 public:
  // `table`: a CSV file with lines "picture,class" where class is a label (or one of its synonyms,
  // separated by commas within quotes) or its index; empty: none. InvalidArgument with the line
  // that is wrong.
  static absl::StatusOr<TrueLabels> Read(const std::string& table,
                                         const std::vector<std::string>& labels);

  // The same from the text of such a file; errors do not name it.
  static absl::StatusOr<TrueLabels> Parse(absl::string_view text,
                                          const std::vector<std::string>& labels);

  // Index of the true label of "folder/name.jpg" or "name.jpg"; -1 when it is not known.
  int Of(const std::string& picture) const;
  // "table", "folders" or "file names": of the last label that was found; empty before.
  const std::string& source() const { return source_; }

 private:
  explicit TrueLabels(const std::vector<std::string>& labels) : labels_(labels) {}
  absl::Status AddLine(absl::string_view line);

  std::vector<std::string> labels_;
  std::map<std::string, int> table_;
  mutable std::string source_;
};

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_LABELS_H_
