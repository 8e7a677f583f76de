// SPDX-License-Identifier: Apache-2.0
// Parsing of messages without the lines that the generated classes would print themselves, such as
// about text that is not UTF-8.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WIRE_PARSE_QUIETLY_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WIRE_PARSE_QUIETLY_H_

#include <google/protobuf/stubs/common.h>
#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <google/protobuf/stubs/logging.h>
#endif

#include <limits>

#include "formats/neural_network/wire/wire_reader.h"

namespace nbits {

// False when the bytes are no such message.
template <typename Message>
bool ParseQuietly(ByteSpan bytes, Message& message) {
#if GOOGLE_PROTOBUF_VERSION < 4022000
  const google::protobuf::LogSilencer silencer;
#endif
  return bytes.size() <= static_cast<size_t>(std::numeric_limits<int>::max()) &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WIRE_PARSE_QUIETLY_H_
