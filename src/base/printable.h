// SPDX-License-Identifier: Apache-2.0
// Text from files and names that is safe to print: nothing that a terminal would obey.
#ifndef NBITS_BASE_PRINTABLE_H_
#define NBITS_BASE_PRINTABLE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace nbits {

// How many bytes at the beginning of `text` are one character that steers a terminal or turns what
// follows around: C0 and C1 controls, DEL (also as bytes that are not UTF-8), line and paragraph
// separators, bidirectional embeddings, overrides and isolates. 0: none.
size_t SteeringCharacter(absl::string_view text);

// `text` with each such character replaced.
std::string Printable(absl::string_view text, char replacement = '?');

// `json` with each such character but line ends as an escape, which means the same in JSON.
std::string EscapedJson(absl::string_view json);

}  // namespace nbits

#endif  // NBITS_BASE_PRINTABLE_H_
