// SPDX-License-Identifier: Apache-2.0
#include "tests/layers/odd_message.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <span>
#include <vector>

#include "formats/neural_network/wire/wire_reader.h"
#include "tests/layers/schema.h"

namespace nbits::testing {
namespace {

using Random = std::minstd_rand;

struct Piece {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t varint = 0;
  std::string payload;
};

std::vector<Piece> Split(const std::string& message) {
  WireReader reader(std::as_bytes(std::span(message)));
  std::vector<Piece> pieces;
  WireField field;
  while (!reader.done() && reader.Next(field).ok()) {
    pieces.push_back(
        {field.number, field.type, field.varint,
         std::string(reinterpret_cast<const char*>(field.payload.data()), field.payload.size())});
  }
  return pieces;
}

std::string Join(const std::vector<Piece>& pieces) {
  std::string message;
  for (const Piece& piece : pieces) {
    AppendTag(piece.number, piece.type, message);
    if (piece.type == WireType::kVarint) AppendVarint(piece.varint, message);
    if (piece.type == WireType::kLengthDelimited) AppendVarint(piece.payload.size(), message);
    message += piece.payload;
  }
  return message;
}

template <typename T, size_t kCount>
T Pick(const T (&values)[kCount], Random& random) {
  return values[random() % kCount];
}

// Small ones more often: they are accepted.
uint64_t OddInteger(Random& random) {
  constexpr uint64_t kSmall[] = {0, 1, 1, 2, 2, 3, 4, 5, 7, 16, 17};
  constexpr uint64_t kOdd[] = {~uint64_t{0},      ~uint64_t{1},      ~uint64_t{2},
                               uint64_t{1} << 32, uint64_t{1} << 62, uint64_t{1} << 63};
  return random() % 4 == 0 ? Pick(kOdd, random) : Pick(kSmall, random);
}

float OddFloat(Random& random) {
  using Limits = std::numeric_limits<float>;
  constexpr float kUsual[] = {0, 1, -1, 0.5f, 2, -0.25f};
  constexpr float kOdd[] = {
      -0.0f, 1e-30f, 1e10f, -1e10f, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()};
  return random() % 4 == 0 ? Pick(kOdd, random) : Pick(kUsual, random);
}

template <typename T>
std::string Bytes(T value) {
  std::string bytes(sizeof(value), '\0');
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

bool IsMessage(const std::string& type) { return ReadSchema().contains(type); }

std::string Odd(const std::string& type, const std::string& message, int depth, Random& random);

// One value, as it stands in a packed list or behind a tag.
std::string OddScalar(const std::string& type, Random& random) {
  if (type == "float") return Bytes(OddFloat(random));
  if (type == "double") return Bytes(static_cast<double>(OddFloat(random)));
  std::string varint;
  AppendVarint(type == "bool" ? random() % 2 : OddInteger(random), varint);
  return varint;
}

// Blobs of the layers in tests/layers/fixtures have such names.
std::string OddText(Random& random) {
  constexpr const char* kNames[] = {"", "x", "y", "a", "b", "in", "out"};
  return Pick(kNames, random);
}

Piece MakePiece(const SchemaField& field, int depth, Random& random) {
  Piece piece{field.number, WireType::kLengthDelimited, 0, {}};
  if (IsMessage(field.type)) {
    piece.payload = Odd(field.type, "", depth + 1, random);
  } else if (field.type == "string" || field.type == "bytes") {
    piece.payload = OddText(random);
  } else if (field.repeated) {
    for (uint64_t rest = random() % 7; rest > 0; --rest) {
      piece.payload += OddScalar(field.type, random);
    }
  } else if (field.type == "float" || field.type == "double") {
    piece.type = field.type == "float" ? WireType::kFixed32 : WireType::kFixed64;
    piece.payload = OddScalar(field.type, random);
  } else {
    piece.varint = field.type == "bool" ? random() % 2 : OddInteger(random);
  }
  return piece;
}

// Another value of a list in place of one of its own.
void ChangeElement(const SchemaField& field, Piece& piece, Random& random) {
  std::vector<std::string> elements;
  const bool fixed = field.type == "float" || field.type == "double";
  const size_t size = field.type == "double" ? 8 : 4;
  for (size_t begin = 0; begin < piece.payload.size();) {
    size_t end = begin;
    while (!fixed && end + 1 < piece.payload.size() && (piece.payload[end] & 0x80) != 0) ++end;
    end = std::min(piece.payload.size(), fixed ? begin + size : end + 1);
    elements.push_back(piece.payload.substr(begin, end - begin));
    begin = end;
  }
  if (elements.empty()) return;
  elements[random() % elements.size()] = OddScalar(field.type, random);
  piece.payload.clear();
  for (const std::string& element : elements) piece.payload += element;
}

void Change(const SchemaField& field, Piece& piece, int depth, Random& random) {
  const bool text = field.type == "string" || field.type == "bytes";
  if (IsMessage(field.type)) {
    piece.payload = Odd(field.type, piece.payload, depth + 1, random);
  } else if (field.repeated && !text && random() % 4 != 0) {
    ChangeElement(field, piece, random);
  } else {
    piece = MakePiece(field, depth, random);
  }
}

std::string Odd(const std::string& type, const std::string& message, int depth, Random& random) {
  constexpr int kDeepest = 6;  // Networks may hold networks.
  const std::vector<SchemaField>& fields = ReadSchema().at(type);
  std::vector<Piece> pieces = Split(message);
  if (fields.empty() || depth > kDeepest) return message;
  for (uint64_t rest = 1 + random() % 3; rest > 0; --rest) {
    const SchemaField& field = fields[random() % fields.size()];
    const auto piece =
        std::ranges::find_if(pieces, [&](const Piece& p) { return p.number == field.number; });
    if (piece == pieces.end()) {
      pieces.push_back(MakePiece(field, depth, random));
    } else if (random() % 4 == 0) {
      pieces.erase(piece);
    } else {
      Change(field, *piece, depth, random);
    }
  }
  return Join(pieces);
}

}  // namespace

std::string MakeOdd(const std::string& type, const std::string& message, Random& random) {
  return Odd(type, message, 0, random);
}

}  // namespace nbits::testing
