// SPDX-License-Identifier: Apache-2.0
#include "nbits/target.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "engine/onednn/limit.h"
#include "hwy/highway.h"
#include "hwy/targets.h"

namespace nbits {
namespace {

// One bit each; the lowest is the best.
int64_t TargetsOfMachine() {
  static const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  return targets;
}

// 0: there is none of that name.
int64_t TargetOf(absl::string_view name) {
  for (int64_t rest = TargetsOfMachine(); rest != 0; rest &= rest - 1) {
    if (name == hwy::TargetName(rest & -rest)) return rest & -rest;
  }
  return 0;
}

}  // namespace

std::vector<std::string> VectorTargets() {
  std::vector<std::string> names;
  for (int64_t rest = TargetsOfMachine(); rest != 0; rest &= rest - 1) {
    names.push_back(hwy::TargetName(rest & -rest));
  }
  return names;
}

std::string VectorTarget() {
  TargetsOfMachine();  // Asked before a choice hides the others.
  const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(targets & -targets);
}

absl::Status UseVectorTarget(absl::string_view name) {
  const int64_t target = TargetOf(name);
  if (target == 0) {
    return absl::InvalidArgumentError(absl::StrCat("no vector instructions \"", name,
                                                   "\"; this machine has ",
                                                   absl::StrJoin(VectorTargets(), ", ")));
  }
  if (name == VectorTarget()) return absl::OkStatus();
  NBITS_RETURN_IF_ERROR(onednn::LimitTo(name));
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  return absl::OkStatus();
}

}  // namespace nbits
