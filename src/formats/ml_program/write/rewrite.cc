// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/write/rewrite.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <array>
#include <span>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/blobs/value.h"
#include "formats/neural_network/wire/parse_quietly.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

// The messages on the way to operations and blobs.
enum class Part : uint8_t {
  kProgram,
  kFunctionEntry,
  kFunction,
  kBlockEntry,
  kBlock,
  kOperation,
  kArgumentEntry,
  kArgument,
  kBinding,
  kAttributeEntry,
  kValue,
  kImmediate,
  kValues,
  kBlob,
};

struct PartRule {
  Part parent;
  uint32_t field;
  Part child;
};

// Numbers: proto/mil.proto. A map is a list of entries of key 1 and value 2.
constexpr auto kPartRules = std::to_array<PartRule>({
    {Part::kProgram, 2, Part::kFunctionEntry},
    {Part::kProgram, 4, Part::kAttributeEntry},
    {Part::kFunctionEntry, 2, Part::kFunction},
    {Part::kFunction, 3, Part::kBlockEntry},
    {Part::kFunction, 4, Part::kAttributeEntry},
    {Part::kBlockEntry, 2, Part::kBlock},
    {Part::kBlock, 3, Part::kOperation},
    {Part::kBlock, 4, Part::kAttributeEntry},
    {Part::kOperation, 2, Part::kArgumentEntry},
    {Part::kOperation, 4, Part::kBlock},
    {Part::kOperation, 5, Part::kAttributeEntry},
    {Part::kArgumentEntry, 2, Part::kArgument},
    {Part::kArgument, 1, Part::kBinding},
    {Part::kBinding, 2, Part::kValue},
    {Part::kAttributeEntry, 2, Part::kValue},
    {Part::kValue, 3, Part::kImmediate},
    {Part::kValue, 5, Part::kBlob},
    {Part::kImmediate, 2, Part::kValues},
    {Part::kImmediate, 3, Part::kValues},
    {Part::kValues, 1, Part::kValue},
});

const PartRule* FindPartRule(Part parent, const WireField& field) {
  if (field.type != WireType::kLengthDelimited) return nullptr;
  for (const PartRule& rule : kPartRules) {
    if (rule.parent == parent && rule.field == field.number) return &rule;
  }
  return nullptr;
}

void AppendBytes(ByteSpan bytes, std::string& out) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void AppendMessage(uint32_t number, const std::string& body, std::string& out) {
  AppendTag(number, WireType::kLengthDelimited, out);
  AppendVarint(body.size(), out);
  out += body;
}

// Maps in the order of their keys, so that the same model comes out the same.
std::string Serialized(const mil::Operation& operation) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  operation.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

class Rewriter {
 public:
  explicit Rewriter(const ProgramChanges& changes) : changes_(changes) {}

  absl::Status Copy(Part part, ByteSpan body, std::string& out) {
    WireReader reader(body);
    while (!reader.done()) {
      WireField field;
      NBITS_RETURN_IF_ERROR(reader.Next(field));
      if (part == Part::kFunctionEntry && field.number == 1) function_ = TextOf(field);
      const PartRule* rule = FindPartRule(part, field);
      if (rule != nullptr) {
        NBITS_RETURN_IF_ERROR(CopyChild(*rule, field, out));
      } else if (IsOpset(part, field)) {
        AppendMessage(field.number, changes_.opset, out);
      } else {
        AppendBytes(field.bytes, out);
      }
    }
    return absl::OkStatus();
  }

 private:
  static std::string TextOf(const WireField& field) {
    return std::string(reinterpret_cast<const char*>(field.payload.data()), field.payload.size());
  }

  bool IsOpset(Part part, const WireField& field) const {
    if (changes_.opset.empty()) return false;
    return (part == Part::kFunction && field.number == 2) ||
           (part == Part::kBlockEntry && field.number == 1);
  }

  absl::Status CopyChild(const PartRule& rule, const WireField& field, std::string& out) {
    std::string child;
    if (rule.child == Part::kBlob) {
      NBITS_RETURN_IF_ERROR(MoveBlob(field.payload, child));
    } else if (rule.child == Part::kOperation) {
      NBITS_RETURN_IF_ERROR(CopyOperation(field.payload, child));
    } else {
      NBITS_RETURN_IF_ERROR(Copy(rule.child, field.payload, child));
    }
    const bool same = std::ranges::equal(std::as_bytes(std::span(child)), field.payload);
    if (same) {
      AppendBytes(field.bytes, out);
    } else {
      AppendMessage(field.number, child, out);
    }
    return absl::OkStatus();
  }

  absl::Status CopyOperation(ByteSpan body, std::string& out) {
    mil::Operation operation;
    if (!ParseQuietly(body, operation)) return BadProgram("an operation that cannot be read");
    const std::optional<mil::Operation> other = changes_.replace(function_, operation);
    if (!other) return Copy(Part::kOperation, body, out);
    out = Serialized(*other);
    return absl::OkStatus();
  }

  absl::Status MoveBlob(ByteSpan body, std::string& out) {
    mil::Value::BlobFileValue blob;
    if (!ParseQuietly(body, blob)) return BadProgram("the place of a blob that cannot be read");
    const std::optional<uint64_t> place = changes_.move(blob);
    if (!place || *place == blob.offset()) {
      AppendBytes(body, out);
      return absl::OkStatus();
    }
    blob.set_offset(*place);
    out = blob.SerializeAsString();
    return absl::OkStatus();
  }

  const ProgramChanges& changes_;
  std::string function_;
};

}  // namespace

absl::StatusOr<std::string> RewriteProgram(ByteSpan program, const ProgramChanges& changes) {
  std::string out;
  NBITS_RETURN_IF_ERROR(Rewriter(changes).Copy(Part::kProgram, program, out));
  return out;
}

}  // namespace nbits
