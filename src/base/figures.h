// SPDX-License-Identifier: Apache-2.0
// Counts, sizes and shapes as people read them, in messages, tables and reports alike.
#ifndef NBITS_BASE_FIGURES_H_
#define NBITS_BASE_FIGURES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "nbits/tensor.h"

namespace nbits {

// "1 picture", "2 pictures".
std::string CountText(int64_t count, absl::string_view noun);

// "950 bytes", "117 kB", "4.27 MB", "12.3 GB": three digits, in units of 1000, as the report's page
// (web/src/format.ts) has them.
std::string BytesText(int64_t bytes);

// "3 x 224 x 224", "scalar".
std::string ShapeText(const Shape& shape);

}  // namespace nbits

#endif  // NBITS_BASE_FIGURES_H_
