// SPDX-License-Identifier: Apache-2.0
// Puts the pictures of a results document into the document.
#ifndef NBITS_REPORT_INLINE_PICTURES_H_
#define NBITS_REPORT_INLINE_PICTURES_H_

#include <string>

#include "absl/status/status.h"
#include "results/results_to_json.h"

namespace nbits {

// Replaces every path by the file, read from `folder`, as a data: URI. Photographs (the outputs of
// image to image models) are encoded as JPEG. When all together would take more than
// `budget_bytes`, the pictures with the least damage are left out: null in place of each of theirs.
absl::Status InlinePictures(Json& document, const std::string& folder, size_t budget_bytes);

}  // namespace nbits

#endif  // NBITS_REPORT_INLINE_PICTURES_H_
