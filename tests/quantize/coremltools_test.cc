// SPDX-License-Identifier: Apache-2.0
// Bit for bit what coremltools 7.2 makes of the same tensors (see make_fixtures.py).
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "nbits/quantize.h"

namespace nbits {
namespace {

using Json = nlohmann::json;

Json Fixtures() {
  std::ifstream file(NBITS_SOURCE_DIR "/tests/quantize/fixtures/coremltools.json");
  return Json::parse(file);
}

std::string Hex(std::span<const std::byte> bytes) {
  std::string text;
  for (std::byte byte : bytes) {
    text += "0123456789abcdef"[std::to_integer<int>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<int>(byte) & 15];
  }
  return text;
}

std::string HexOfFloats(const std::vector<float>& values) {
  return Hex(std::as_bytes(std::span(values)));
}

std::vector<float> FloatsOfHex(const std::string& text) {
  std::vector<float> values(text.size() / 8);
  auto* bytes = reinterpret_cast<unsigned char*>(values.data());
  for (size_t i = 0; i < text.size() / 2; ++i) {
    bytes[i] = static_cast<unsigned char>(std::stoi(text.substr(2 * i, 2), nullptr, 16));
  }
  return values;
}

void CheckCase(const Json& fixture, const Json& expected) {
  SCOPED_TRACE(fixture["name"].get<std::string>() + ", " + expected["mode"].get<std::string>() +
               ", " + std::to_string(expected["bits"].get<int>()) + " bits");
  const std::vector<float> values = FloatsOfHex(fixture["values"]);
  QuantizeOptions options;
  options.mode = ParseMode(expected["mode"].get<std::string>()).value();
  options.bits = expected["bits"];
  options.channel_axis = fixture["axis"];
  options.per_channel = fixture["per_channel"];
  options.range = Range::kCoremltools;
  const auto packed = Quantize(values, fixture["shape"].get<Shape>(), options);
  ASSERT_TRUE(packed.ok()) << packed.status();
  ASSERT_TRUE(Validate(*packed).ok()) << Validate(*packed);
  EXPECT_EQ(Hex(packed->bytes), expected["bytes"].get<std::string>());
  if (options.bits == 16) return;
  EXPECT_EQ(HexOfFloats(packed->scale), expected["scale"].get<std::string>());
  EXPECT_EQ(HexOfFloats(packed->offset), expected["offset"].get<std::string>());
  EXPECT_EQ(HexOfFloats(packed->table), expected["table"].get<std::string>());
  std::vector<float> decoded(values.size());
  ASSERT_TRUE(Dequantize(*packed, decoded).ok());
  EXPECT_EQ(HexOfFloats(decoded), expected["dequantized"].get<std::string>());
}

TEST(Coremltools, EveryModeAndWidthIsBitEqual) {
  const Json fixtures = Fixtures();
  int cases = 0;
  for (const Json& fixture : fixtures) {
    for (const Json& expected : fixture["cases"]) {
      CheckCase(fixture, expected);
      ++cases;
    }
  }
  EXPECT_GE(cases, 170);
}

}  // namespace
}  // namespace nbits
