// SPDX-License-Identifier: Apache-2.0
// Formats of weights as users write them.
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compress/weight_format.h"

namespace nbits {
namespace {

absl::Status NotAFormat(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", std::string(text),
      "\" is no format: BITS:MODE like 4:linear, BITS, float16, float32, custom_lut or keep"));
}

// The formats that have no number; nullopt for all others.
std::optional<WeightFormat> Word(absl::string_view text) {
  if (text == "keep") return WeightFormat{.keep = true};
  if (text == "16" || text == "float16") return WeightFormat{.mode = Mode::kFloat16, .bits = 16};
  if (text == "float32" || text == "dequantize") {
    return WeightFormat{.mode = Mode::kFloat32, .bits = 32};
  }
  if (text == "custom_lut") return WeightFormat{.mode = Mode::kCustomLut, .bits = 0};
  return std::nullopt;
}

}  // namespace

absl::Status CheckFormat(const WeightFormat& format) {
  int least = 1, most = 8;
  if (format.keep || format.mode == Mode::kFloat32) return absl::OkStatus();
  if (format.mode == Mode::kCustomLut && format.bits == 0) return absl::OkStatus();
  if (format.mode == Mode::kFloat16) least = most = 16;
  if (format.bits >= least && format.bits <= most) return absl::OkStatus();
  const std::string range =
      least == most ? absl::StrCat(least, " bits") : absl::StrCat(least, " to ", most, " bits");
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(ModeName(format.mode)), " takes ", range, ", not ", format.bits));
}

absl::StatusOr<WeightFormat> ParseWeightFormat(absl::string_view text, Mode mode) {
  if (const auto word = Word(text)) return *word;
  WeightFormat format{.mode = mode};
  const size_t colon = text.find(':');
  if (!absl::SimpleAtoi(text.substr(0, colon), &format.bits)) return NotAFormat(text);
  if (colon != absl::string_view::npos) {
    const std::optional<Mode> named = ParseMode(text.substr(colon + 1));
    if (!named || *named == Mode::kFloat32) return NotAFormat(text);
    format.mode = *named;
  }
  if (const absl::Status status = CheckFormat(format); !status.ok()) return status;
  return format;
}

std::string WeightFormatName(const WeightFormat& format) {
  if (format.keep) return "keep";
  if (format.mode == Mode::kFloat16) return "float16";
  if (format.mode == Mode::kFloat32) return "float32";
  return absl::StrCat(format.bits, ":", std::string(ModeName(format.mode)));
}

}  // namespace nbits
