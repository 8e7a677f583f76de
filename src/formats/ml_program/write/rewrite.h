// SPDX-License-Identifier: Apache-2.0
// Writes an ML Program with some of its operations replaced and its blobs at other places. All else
// is copied byte for byte, fields unknown to us included.
#ifndef NBITS_FORMATS_ML_PROGRAM_WRITE_REWRITE_H_
#define NBITS_FORMATS_ML_PROGRAM_WRITE_REWRITE_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "formats/neural_network/wire/wire_reader.h"
#include "proto/mil.pb.h"

namespace nbits {

struct ProgramChanges {
  // What takes the place of an operation; nullopt: it stays, as far as its blobs do.
  std::function<std::optional<schema::mil::Operation>(const std::string& function,
                                                      const schema::mil::Operation& operation)>
      replace;
  // Where a blob stands now; nullopt: where it stood.
  std::function<std::optional<uint64_t>(const schema::mil::Value::BlobFileValue& blob)> move;
  // The opset of all functions, where it is to be another; "": as it is.
  std::string opset;
};

// The body of a Program message after the changes. InvalidArgument for bytes that are none.
absl::StatusOr<std::string> RewriteProgram(ByteSpan program, const ProgramChanges& changes);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_WRITE_REWRITE_H_
