// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/figures.h"
#include "results/change.h"
#include "results/words.h"

namespace nbits {

std::string TimeWords(const VariantResult& original, const VariantResult& variant,
                      const NoiseFloor& noise) {
  if (!original.median_ms || !variant.median_ms) return "";
  const std::string before = MillisecondsText(*original.median_ms);
  const std::string after = MillisecondsText(*variant.median_ms);
  switch (TimeChange(original, variant, noise)) {
    case Change::kLess:
    case Change::kMore:
      if (before == after) return absl::StrCat("Time hardly changed (", after, ")");
      return absl::StrCat("Time went from ", before, " to ", after);
    case Change::kSame:
      return absl::StrCat("Time did not change beyond noise (", before, ", ", after, ")");
    case Change::kNoisy:
      return absl::StrCat("The machine was too busy to compare times (", before, ", ", after, ")");
    case Change::kUnknown:
      break;
  }
  return absl::StrCat("Too few timed runs to compare times (", before, ", ", after, ")");
}

std::string MemoryWords(const VariantResult& original, const VariantResult& variant,
                        const NoiseFloor& noise) {
  const Change change = MemoryChange(original, variant, noise);
  if (change == Change::kUnknown) return "";
  const std::string before = BytesText(*original.peak_memory_bytes);
  const std::string after = BytesText(*variant.peak_memory_bytes);
  if (change != Change::kSame) return absl::StrCat("memory went from ", before, " to ", after);
  return absl::StrCat("memory did not change beyond noise (", before, ", ", after, ")");
}

}  // namespace nbits
