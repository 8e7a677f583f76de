// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/truth.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "nbits/compare.h"
#include "nbits/image.h"

namespace nbits {
namespace {

constexpr int kGreyThreshold = 127;  // Above it a grey mask marks its class.
constexpr size_t kMostCandidates = 40;

// `marked` where the mask is above the threshold, `rest` elsewhere.
void Threshold(ClassMap& mask, uint8_t marked, uint8_t rest) {
  for (uint8_t& id : mask.ids) id = id > kGreyThreshold ? marked : rest;
}

void Translate(ClassMap& mask, const std::vector<std::pair<int, int>>& ids) {
  std::array<uint8_t, 256> to;
  std::iota(to.begin(), to.end(), uint8_t{0});
  for (const auto& [from, id] : ids) to[static_cast<size_t>(from)] = static_cast<uint8_t>(id);
  for (uint8_t& id : mask.ids) id = to[id];
}

bool IsId(int id) { return id >= 0 && id <= 255; }

bool ParseId(absl::string_view text, int& id) { return absl::SimpleAtoi(text, &id) && IsId(id); }

// "person=15"; nullopt for anything else.
std::optional<JudgedClass> ParseClass(absl::string_view text) {
  const std::vector<absl::string_view> sides = absl::StrSplit(text, '=');
  JudgedClass judged;
  int number = 0;
  const bool named = sides.size() == 2 && !sides[0].empty() && !absl::SimpleAtoi(sides[0], &number);
  if (!named || !ParseId(sides[1], judged.id)) return std::nullopt;
  judged.label = std::string(sides[0]);
  return judged;
}

// "background=0, aeroplane=1, ...".
std::string Candidates(const std::vector<std::string>& labels) {
  std::string text;
  for (size_t i = 0; i < std::min(labels.size(), kMostCandidates); ++i) {
    absl::StrAppend(&text, i > 0 ? ", " : "", labels[i], "=", i);
  }
  if (labels.size() > kMostCandidates) absl::StrAppend(&text, ", ...");
  return text;
}

absl::Status CheckIds(const ClassMap& mask, int classes) {
  for (uint8_t id : mask.ids) {
    if (id >= classes && id != kIgnoredClass) {
      return absl::InvalidArgumentError(
          absl::StrCat("the mask holds id ", id, ", the model has the classes 0 to ", classes - 1));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckJudgedClass(const Task& task, const JudgedClass& judged) {
  const std::string wanted = absl::StrCat(judged.label, "=", judged.id);
  if (task.kind != TaskKind::kSegmentation) {
    return absl::InvalidArgumentError(
        absl::StrCat("masks of ", wanted, ": the model does no segmentation"));
  }
  if (judged.id < 0 || judged.id >= task.classes) {
    return absl::InvalidArgumentError(
        absl::StrCat("masks of ", wanted, ": the model has the classes 0 to ", task.classes - 1));
  }
  const std::vector<std::string>& labels = task.table.labels;
  const size_t id = static_cast<size_t>(judged.id);
  if (labels.empty() || (id < labels.size() && absl::EqualsIgnoreCase(labels[id], judged.label))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("masks of ", wanted, ": the model's classes are ", Candidates(labels)));
}

absl::Status MapIds(ClassMap& mask, const Task& task, const MaskMap& mask_map) {
  for (const auto& [from, to] : mask_map.ids) {
    if (!IsId(from) || !IsId(to)) return absl::InvalidArgumentError("a mask's ids are 0 to 255");
  }
  const bool has_one = std::find(mask.ids.begin(), mask.ids.end(), 1) != mask.ids.end();
  if (mask_map.grey) {
    const int marked = mask_map.grey->id, background = task.table.background_id;
    Threshold(mask, static_cast<uint8_t>(marked),
              marked == background ? kIgnoredClass : static_cast<uint8_t>(background));
  } else if (!mask_map.ids.empty()) {
    Translate(mask, mask_map.ids);
  } else if (task.classes == 2 && !has_one) {
    Threshold(mask, 1, 0);
  }
  return CheckIds(mask, task.classes);
}

std::string MaskFile(const std::string& folder, const std::string& picture) {
  namespace fs = std::filesystem;
  return (fs::path(folder) / (fs::path(picture).stem().string() + ".png")).string();
}

absl::StatusOr<std::optional<ClassMap>> ReadTruth(const std::string& folder,
                                                  const std::string& picture, const Task& task,
                                                  const MaskMap& mask_map, int width, int height) {
  namespace fs = std::filesystem;
  if (folder.empty()) return std::optional<ClassMap>();
  const fs::path path = MaskFile(folder, picture);
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<ClassMap>();
  NBITS_ASSIGN_OR_RETURN(ClassMap mask, ReadMask(path.string()));
  NBITS_RETURN_IF_ERROR(MapIds(mask, task, mask_map));
  return ResizeClassMap(mask, width, height);
}

absl::StatusOr<MaskMap> ParseMaskMap(absl::string_view text) {
  MaskMap map;
  if (text.empty()) return map;
  map.grey = ParseClass(text);
  if (map.grey) return map;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> sides = absl::StrSplit(part, '=');
    int from = 0, to = kIgnoredClass;
    if (sides.size() != 2 || !ParseId(sides[0], from) ||
        !(sides[1] == "ignore" || ParseId(sides[1], to))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", part, "\" is not like 10=0 or 255=ignore, nor, alone, like person=15"));
    }
    map.ids.emplace_back(from, to);
  }
  return map;
}

}  // namespace nbits
