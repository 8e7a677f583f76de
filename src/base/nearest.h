// SPDX-License-Identifier: Apache-2.0
// Which known names a mistyped one may have meant.
#ifndef NBITS_BASE_NEAREST_H_
#define NBITS_BASE_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nbits {

// The fewest letters to be replaced, left out, added or swapped with their neighbour that make one
// word of the other (optimal string alignment). Capitals count as small letters, '-' and ' ' as
// '_'. Only the first 64 bytes of each count: names in a file may be of any length.
int LetterDistance(absl::string_view a, absl::string_view b);

// Of `known`, those that a slip of the finger makes `word`, or that `word` begins or abbreviates
// ("bit" for "bits", "kmeans" for "kmeans_lut"): at most `most`, the nearest first.
std::vector<std::string> LikelyMeant(absl::string_view word, const std::vector<std::string>& known,
                                     size_t most);

// The `most` names of `known` that are nearest to `word`, however far away; a name that contains it
// or is contained in it is nearer than any other. Looks at the first 10000 names.
std::vector<std::string> NearestNames(absl::string_view word, const std::vector<std::string>& known,
                                      size_t most);

}  // namespace nbits

#endif  // NBITS_BASE_NEAREST_H_
