// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/true_boxes.h"

#include <cmath>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files/file.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

bool IsRelative(double value) { return std::isfinite(value) && value >= -1 && value <= 2; }

std::optional<Detection> ParseBox(absl::string_view line) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
  Detection box;
  box.confidence = 1;
  const bool numbers = parts.size() == 5 && absl::SimpleAtoi(parts[0], &box.class_id) &&
                       absl::SimpleAtod(parts[1], &box.x) && absl::SimpleAtod(parts[2], &box.y) &&
                       absl::SimpleAtod(parts[3], &box.width) &&
                       absl::SimpleAtod(parts[4], &box.height);
  const bool fits = numbers && box.class_id >= 0 && IsRelative(box.x) && IsRelative(box.y) &&
                    IsRelative(box.width) && IsRelative(box.height) && box.width >= 0 &&
                    box.height >= 0;
  return fits ? std::optional<Detection>(box) : std::nullopt;
}

absl::Status Wrong(absl::string_view name, size_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(name, ", line ", line, ": ", what));
}

}  // namespace

absl::StatusOr<std::vector<Detection>> ParseTrueBoxes(absl::string_view text,
                                                      absl::string_view name, size_t classes) {
  std::vector<Detection> boxes;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.find_first_not_of(" \t\r") == absl::string_view::npos) continue;
    const std::optional<Detection> box = ParseBox(line);
    if (!box) return Wrong(name, number, "not \"class x y width height\", relative to the picture");
    if (classes > 0 && static_cast<size_t>(box->class_id) >= classes) {
      return Wrong(name, number,
                   absl::StrCat("class ", box->class_id, "; the model has 0 to ", classes - 1));
    }
    boxes.push_back(*box);
  }
  return boxes;
}

absl::StatusOr<std::optional<std::vector<Detection>>> ReadTrueBoxes(const std::string& folder,
                                                                    const std::string& picture,
                                                                    size_t classes) {
  namespace fs = std::filesystem;
  std::optional<std::vector<Detection>> boxes;
  if (folder.empty()) return boxes;
  const std::string path =
      (fs::path(folder) / fs::path(picture).replace_extension(".txt")).string();
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return boxes;
  NBITS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  NBITS_ASSIGN_OR_RETURN(boxes, ParseTrueBoxes(text, path, classes));
  return boxes;
}

}  // namespace nbits
