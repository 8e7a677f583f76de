// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/labels.h"

#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "compare/judge/task.h"

namespace nbits {
namespace {

int IndexOf(const std::vector<std::string>& labels, absl::string_view text) {
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == text) return static_cast<int>(i);
  }
  int index = -1;
  if (absl::SimpleAtoi(text, &index)) {
    return index >= 0 && static_cast<size_t>(index) < labels.size() ? index : -1;
  }
  return LabelOfFileName(labels, text);
}

}  // namespace

absl::Status TrueLabels::AddLine(absl::string_view line) {
  const size_t comma = line.find(',');
  absl::string_view name = line.substr(0, comma), label;
  if (comma != absl::string_view::npos) label = absl::StripAsciiWhitespace(line.substr(comma + 1));
  if (label.size() >= 2 && label.front() == '"' && label.back() == '"') {
    label = label.substr(1, label.size() - 2);
  }
  const int index = IndexOf(labels_, label);
  if (index < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", line, "\" is not a picture's name and one of the model's classes"));
  }
  table_[std::string(absl::StripAsciiWhitespace(name))] = index;
  return absl::OkStatus();
}

absl::StatusOr<TrueLabels> TrueLabels::Read(const std::string& table,
                                            const std::vector<std::string>& labels) {
  if (table.empty()) return TrueLabels(labels);
  NBITS_ASSIGN_OR_RETURN(const std::string text, ReadFile(table));
  absl::StatusOr<TrueLabels> result = Parse(text, labels);
  if (result.ok()) return result;
  return absl::Status(result.status().code(), absl::StrCat(table, ": ", result.status().message()));
}

absl::StatusOr<TrueLabels> TrueLabels::Parse(absl::string_view text,
                                             const std::vector<std::string>& labels) {
  TrueLabels result(labels);
  bool first = true;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    const absl::Status added = result.AddLine(line);
    // The first line may name the columns.
    if (!added.ok() && !first) return added;
    first = false;
  }
  if (result.table_.empty()) {
    return absl::InvalidArgumentError("no line \"picture,class\"");
  }
  return result;
}

int TrueLabels::Of(const std::string& picture) const {
  const std::filesystem::path path(picture);
  for (const std::string& name : {picture, path.filename().string(), path.stem().string()}) {
    const auto found = table_.find(name);
    if (found == table_.end()) continue;
    source_ = "table";
    return found->second;
  }
  if (!table_.empty()) return -1;
  const bool has_folder = path.has_parent_path();
  const int index = has_folder ? IndexOf(labels_, path.parent_path().filename().string()) : -1;
  if (index >= 0) {
    source_ = "folders";
    return index;
  }
  const int by_name = LabelOfFileName(labels_, picture);
  if (by_name >= 0) source_ = "file names";
  return by_name;
}

}  // namespace nbits
