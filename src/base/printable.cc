// SPDX-License-Identifier: Apache-2.0
#include "base/printable.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace nbits {
namespace {

// The character at the beginning of `text`, and the bytes that it takes; a byte that begins no
// UTF-8 sequence stands for itself.
struct Character {
  uint32_t code = 0;
  size_t bytes = 1;
};

Character First(absl::string_view text) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = at(0);
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (bytes == 1 || lead > 0xf4 || text.size() < bytes) return {lead, 1};
  uint32_t code = lead & (0x7f >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {lead, 1};
    code = code << 6 | (at(i) & 0x3f);
  }
  return {code, bytes};
}

bool Steers(uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool separator = code == 0x2028 || code == 0x2029;
  const bool mark = code == 0x061c || code == 0x200e || code == 0x200f;
  return control || separator || mark || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

size_t SteeringCharacter(absl::string_view text) {
  if (text.empty()) return 0;
  const Character first = First(text);
  return Steers(first.code) ? first.bytes : 0;
}

namespace {

// `text` with what `replace` gives for each character that steers.
template <typename Function>
std::string Replaced(absl::string_view text, Function replace) {
  std::string result;
  size_t copied = 0, at = 0;
  while (at < text.size()) {
    const Character first = First(text.substr(at));
    if (Steers(first.code)) {
      absl::StrAppend(&result, text.substr(copied, at - copied), replace(first.code));
      copied = at + first.bytes;
    }
    at += first.bytes;
  }
  absl::StrAppend(&result, text.substr(copied));
  return result;
}

}  // namespace

std::string Printable(absl::string_view text, char replacement) {
  return Replaced(text, [&](uint32_t) { return std::string(1, replacement); });
}

std::string EscapedJson(absl::string_view json) {
  return Replaced(json, [](uint32_t code) {
    return code == '\n' ? std::string("\n") : absl::StrFormat("\\u%04x", code);
  });
}

}  // namespace nbits
