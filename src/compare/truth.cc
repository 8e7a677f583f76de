#include "compare/truth.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "nbits/compare.h"
#include "nbits/image.h"

namespace nbits {
namespace {

void Threshold(ClassMap& mask) {
  for (uint8_t& id : mask.ids) id = id > 127 ? 1 : 0;
}

void Translate(ClassMap& mask, const std::vector<std::pair<int, int>>& mask_map) {
  std::array<uint8_t, 256> to;
  std::iota(to.begin(), to.end(), uint8_t{0});
  for (const auto& [from, id] : mask_map) to[static_cast<size_t>(from)] = static_cast<uint8_t>(id);
  for (uint8_t& id : mask.ids) id = to[id];
}

bool ParseId(absl::string_view text, int& id) {
  return absl::SimpleAtoi(text, &id) && id >= 0 && id <= 255;
}

}  // namespace

absl::Status MapIds(ClassMap& mask, int classes, const std::vector<std::pair<int, int>>& mask_map) {
  for (const auto& [from, to] : mask_map) {
    if (from < 0 || from > 255 || to < 0 || to > 255) {
      return absl::InvalidArgumentError("a mask's ids are 0 to 255");
    }
  }
  const bool has_one = std::find(mask.ids.begin(), mask.ids.end(), 1) != mask.ids.end();
  if (!mask_map.empty()) {
    Translate(mask, mask_map);
  } else if (classes == 2 && !has_one) {
    Threshold(mask);
  }
  for (uint8_t id : mask.ids) {
    if (id >= classes && id != kIgnoredClass) {
      return absl::InvalidArgumentError(
          absl::StrCat("the mask holds id ", id, ", the model has the classes 0 to ", classes - 1));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ClassMap>> ReadTruth(const std::string& folder,
                                                  const std::string& picture, int classes,
                                                  const std::vector<std::pair<int, int>>& mask_map,
                                                  int width, int height) {
  namespace fs = std::filesystem;
  if (folder.empty()) return std::optional<ClassMap>();
  const fs::path path = fs::path(folder) / (fs::path(picture).stem().string() + ".png");
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<ClassMap>();
  NBITS_ASSIGN_OR_RETURN(ClassMap mask, ReadMask(path.string()));
  NBITS_RETURN_IF_ERROR(MapIds(mask, classes, mask_map));
  return ResizeClassMap(mask, width, height);
}

absl::StatusOr<std::vector<std::pair<int, int>>> ParseMaskMap(absl::string_view text) {
  std::vector<std::pair<int, int>> pairs;
  if (text.empty()) return pairs;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> sides = absl::StrSplit(part, '=');
    int from = 0, to = kIgnoredClass;
    if (sides.size() != 2 || !ParseId(sides[0], from) ||
        !(sides[1] == "ignore" || ParseId(sides[1], to))) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", part, "\" is not like 10=0 or 255=ignore"));
    }
    pairs.emplace_back(from, to);
  }
  return pairs;
}

}  // namespace nbits
