// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/limit.h"

#include <optional>

#include "absl/strings/match.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace nbits::onednn {
namespace {

// Nothing where oneDNN has no such sets, and for those that it needs no limit to keep to.
std::optional<dnnl::cpu_isa> InstructionsOf(absl::string_view target) {
  if (target == "AVX3_ZEN4") return dnnl::cpu_isa::avx512_core_bf16;
  if (target == "AVX3_DL") return dnnl::cpu_isa::avx512_core_vnni;
  if (target == "AVX3") return dnnl::cpu_isa::avx512_core;
  if (target == "AVX2") return dnnl::cpu_isa::avx2;
  for (const char* older : {"SSE", "SSSE", "EMU128", "SCALAR"}) {
    if (absl::StartsWith(target, older)) return dnnl::cpu_isa::sse41;
  }
  return std::nullopt;
}

}  // namespace

absl::Status LimitTo(absl::string_view target) {
  const auto instructions = InstructionsOf(target);
  if (!instructions) return absl::OkStatus();
  const dnnl::status status = dnnl::set_max_cpu_isa(*instructions);
  // Arm's oneDNN has no sets to choose from.
  if (status == dnnl::status::success || status == dnnl::status::unimplemented) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "vector instructions can be chosen once, before the first engine is made");
}

}  // namespace nbits::onednn
