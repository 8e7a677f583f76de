// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "nbits/class_map.h"

namespace nbits {
namespace {

constexpr char kParametersKey[] = "com.apple.coreml.model.preview.params";
constexpr size_t kMaxLabels = 256;

// The strings of the array `key`; empty when it is missing, too long or holds anything else.
std::vector<std::string> Strings(const nlohmann::json& parameters, const char* key) {
  const auto found = parameters.find(key);
  if (found == parameters.end() || !found->is_array() || found->size() > kMaxLabels) return {};
  std::vector<std::string> strings;
  for (const auto& value : *found) {
    if (!value.is_string()) return {};
    strings.push_back(value.get<std::string>());
  }
  return strings;
}

std::vector<Color> ParseColors(const std::vector<std::string>& texts) {
  std::vector<Color> colors;
  for (const std::string& text : texts) {
    const absl::StatusOr<Color> color = ParseColor(text);
    if (!color.ok()) return {};
    colors.push_back(*color);
  }
  return colors;
}

int FindBackground(const std::vector<std::string>& labels) {
  const auto found = std::find_if(labels.begin(), labels.end(), [](const std::string& label) {
    return absl::EqualsIgnoreCase(label, "background");
  });
  return found == labels.end() ? 0 : static_cast<int>(found - labels.begin());
}

// Bit `bit` of each of the three colours of `index` comes from bits 3 * k.. of the index.
Color DefaultColor(int index) {
  Color color;
  for (int bit = 7; bit >= 0; --bit, index >>= 3) {
    color.red = static_cast<uint8_t>(color.red | (index & 1) << bit);
    color.green = static_cast<uint8_t>(color.green | (index >> 1 & 1) << bit);
    color.blue = static_cast<uint8_t>(color.blue | (index >> 2 & 1) << bit);
  }
  return color;
}

int Distance(Color a, Color b) {
  return std::max(
      {std::abs(a.red - b.red), std::abs(a.green - b.green), std::abs(a.blue - b.blue)});
}

// A palette that went through a colour profile is off by a few steps: what is everywhere near the
// default one is meant to be that, in which colours can be looked up.
bool IsNearly(const std::vector<Color>& colors, const std::vector<Color>& defaults) {
  constexpr int kNear = 8;
  for (size_t i = 0; i < colors.size(); ++i) {
    if (Distance(colors[i], defaults[i]) > kNear) return false;
  }
  return true;
}

}  // namespace

std::string ToHex(Color color) {
  return absl::StrFormat("#%02x%02x%02x", color.red, color.green, color.blue);
}

absl::StatusOr<Color> ParseColor(absl::string_view text) {
  absl::string_view digits = text;
  const bool marked = absl::ConsumePrefix(&digits, "#") || absl::ConsumePrefix(&digits, "0x");
  uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!marked || !whole || (digits.size() != 6 && digits.size() != 8)) {
    return absl::InvalidArgumentError(absl::StrCat(text, " is no colour (#rrggbb)"));
  }
  if (digits.size() == 8) value >>= 8;
  return Color{static_cast<uint8_t>(value >> 16), static_cast<uint8_t>(value >> 8),
               static_cast<uint8_t>(value)};
}

std::vector<Color> DefaultColors() {
  std::vector<Color> colors;
  for (int index = 0; index < 256; ++index) colors.push_back(DefaultColor(index));
  return colors;
}

ClassTable ReadClassTable(const ModelDescription& model, int classes) {
  ClassTable table;
  const auto found = model.user_defined.find(kParametersKey);
  if (found != model.user_defined.end()) {
    const auto parameters =
        nlohmann::json::parse(found->second, nullptr, /*allow_exceptions=*/false);
    if (parameters.is_object()) {
      table.labels = Strings(parameters, "labels");
      table.colors = ParseColors(Strings(parameters, "colors"));
    }
  }
  const std::vector<Color> defaults = DefaultColors();
  if (IsNearly(table.colors, defaults)) {
    std::copy_n(defaults.begin(), table.colors.size(), table.colors.begin());
  }
  const size_t wanted = std::min<size_t>(
      kMaxLabels, std::max<size_t>(table.labels.size(), static_cast<size_t>(std::max(classes, 2))));
  while (table.colors.size() < wanted) table.colors.push_back(defaults[table.colors.size()]);
  table.background_id = FindBackground(table.labels);
  return table;
}

void SetLabels(std::vector<std::string> labels, ClassTable& table) {
  table.labels = std::move(labels);
  const std::vector<Color> defaults = DefaultColors();
  while (table.colors.size() < std::min(kMaxLabels, table.labels.size())) {
    table.colors.push_back(defaults[table.colors.size()]);
  }
  table.background_id = FindBackground(table.labels);
}

}  // namespace nbits
