// SPDX-License-Identifier: Apache-2.0
// Which variant to take: the rule of docs/results.md, "The verdict".
#ifndef NBITS_SRC_COMPARE_VERDICT_H_
#define NBITS_SRC_COMPARE_VERDICT_H_

#include <optional>

#include "nbits/results.h"

namespace nbits {

// Nothing when no measure can be judged. `allowed_loss` in the measure's unit; none: its usual one.
std::optional<Verdict> MakeVerdict(const Results& results, std::optional<double> allowed_loss);

// Whether two times (two peak memories) differ by more than the noise.
bool TimeDiffers(const VariantResult& original, const VariantResult& variant,
                 const NoiseFloor& noise);
bool MemoryDiffers(const VariantResult& original, const VariantResult& variant,
                   const NoiseFloor& noise);

// Loss of a variant in the verdict's measure, larger is worse; none when it was not measured.
std::optional<double> LossOf(const Results& results, const Verdict& verdict,
                             const VariantResult& variant);

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_VERDICT_H_
