// SPDX-License-Identifier: Apache-2.0
#include "fuzz/wire_message.h"

namespace nbits::fuzz {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  bool AtEnd() const { return rest_.empty(); }

  std::optional<uint64_t> Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return std::nullopt;
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  std::optional<std::string> Take(uint64_t bytes) {
    if (bytes > rest_.size()) return std::nullopt;
    std::string taken(rest_.substr(0, bytes));
    rest_.remove_prefix(bytes);
    return taken;
  }

 private:
  std::string_view rest_;
};

std::optional<std::string> TakeBytes(int type, Reader& reader) {
  if (type == 1) return reader.Take(8);
  if (type == 5) return reader.Take(4);
  if (type != 2) return std::nullopt;
  const auto length = reader.Varint();
  return length ? reader.Take(*length) : std::nullopt;
}

std::optional<WireField> TakeField(Reader& reader) {
  const auto tag = reader.Varint();
  if (!tag || *tag >> 3 == 0 || *tag >> 32 != 0) return std::nullopt;
  WireField field{static_cast<uint32_t>(*tag >> 3), static_cast<int>(*tag & 7), 0, {}};
  if (field.type == 0) {
    const auto value = reader.Varint();
    if (!value) return std::nullopt;
    field.varint = *value;
    return field;
  }
  auto bytes = TakeBytes(field.type, reader);
  if (!bytes) return std::nullopt;
  field.bytes = *std::move(bytes);
  return field;
}

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

}  // namespace

std::optional<WireMessage> ParseMessage(std::string_view bytes) {
  Reader reader(bytes);
  WireMessage message;
  while (!reader.AtEnd()) {
    auto field = TakeField(reader);
    if (!field) return std::nullopt;
    message.push_back(*std::move(field));
  }
  return message;
}

std::string EncodeMessage(const WireMessage& message) {
  std::string out;
  for (const WireField& field : message) {
    AppendVarint(uint64_t{field.number} << 3 | static_cast<uint64_t>(field.type), out);
    if (field.type == 0) AppendVarint(field.varint, out);
    if (field.type == 2) AppendVarint(field.bytes.size(), out);
    out += field.bytes;
  }
  return out;
}

}  // namespace nbits::fuzz
