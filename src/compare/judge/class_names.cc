// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/class_names.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/files/file.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

constexpr size_t kMostClasses = 255;  // Id 255 stands for pixels that do not count.

absl::Status Wrong(const std::string& file, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", reason));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseClassNames(absl::string_view text) {
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");  // The mark with which some editors begin UTF-8.
  text = absl::StripTrailingAsciiWhitespace(text);
  std::vector<std::string> names;
  if (text.empty()) return absl::InvalidArgumentError("one name a line was expected");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    names.emplace_back(absl::StripAsciiWhitespace(line));
    if (names.back().empty()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", names.size(), " holds no name"));
    }
    if (names.size() > kMostClasses) {
      return absl::InvalidArgumentError(absl::StrCat("more than ", kMostClasses, " names"));
    }
  }
  return names;
}

absl::Status NameClasses(const std::string& file, Task& task) {
  if (file.empty()) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  auto names = ParseClassNames(text);
  if (!names.ok()) return Wrong(file, names.status().message());
  if (task.kind != TaskKind::kSegmentation) {
    return Wrong(file, absl::StrCat("names of classes are for masks, the model's task is ",
                                    TaskName(task.kind)));
  }
  const int count = static_cast<int>(names->size());
  if (task.rule != MapRule::kLabels && count != task.classes) {
    return Wrong(file, absl::StrCat(count, " names for ", task.classes, " classes of the model"));
  }
  SetLabels(*std::move(names), task.table);
  return absl::OkStatus();
}

}  // namespace nbits
