// SPDX-License-Identifier: Apache-2.0
// Imports operations that make random values.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {
namespace {

// A negative seed leaves the choice to whoever runs the program. Here the output's name decides, so
// that operations differ and runs can be compared. (FNV-1a, 64 bits.)
absl::StatusOr<uint64_t> SeedOf(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const int64_t stated, op.Integer("seed", int64_t{-1}));
  if (stated >= 0) return static_cast<uint64_t>(stated);
  uint64_t hash = 0xcbf29ce484222325u;
  const std::string name = op.proto.outputs_size() == 0 ? "" : op.proto.outputs(0).name();
  for (const unsigned char letter : name) hash = (hash ^ letter) * 0x100000001b3u;
  return hash;
}

absl::Status FinishRandom(const Operation& op, Random random) {
  NBITS_ASSIGN_OR_RETURN(random.shape, op.Integers("shape"));
  NBITS_ASSIGN_OR_RETURN(random.seed, SeedOf(op));
  return op.Finish(std::move(random), {});
}

absl::Status ImportUniform(Operation& op) {
  Random random;
  random.distribution = Random::Distribution::kUniform;
  NBITS_ASSIGN_OR_RETURN(random.a, op.Float("low", 0));
  NBITS_ASSIGN_OR_RETURN(random.b, op.Float("high", 1));
  return FinishRandom(op, std::move(random));
}

absl::Status ImportNormal(Operation& op) {
  Random random;
  random.distribution = Random::Distribution::kNormal;
  NBITS_ASSIGN_OR_RETURN(random.a, op.Float("mean", 0));
  NBITS_ASSIGN_OR_RETURN(random.b, op.Float("stddev", 1));
  return FinishRandom(op, std::move(random));
}

absl::Status ImportBernoulli(Operation& op) {
  Random random;
  random.distribution = Random::Distribution::kBernoulli;
  NBITS_ASSIGN_OR_RETURN(random.a, op.Float("prob", 0.5f));
  return FinishRandom(op, std::move(random));
}

absl::Status ImportCategorical(Operation& op) {
  Categorical categorical;
  NBITS_ASSIGN_OR_RETURN(const std::string mode, op.Text("mode", "logits"));
  if (mode != "logits" && mode != "probs") {
    return absl::InvalidArgumentError(absl::StrCat("unknown mode '", mode, "'"));
  }
  categorical.logits = mode == "logits";
  NBITS_ASSIGN_OR_RETURN(categorical.samples, op.Integer("size", int64_t{1}));
  NBITS_ASSIGN_OR_RETURN(categorical.seed, SeedOf(op));
  return op.FinishOn(categorical);
}

}  // namespace

std::span<const OperationKind> RandomOperations() {
  static constexpr OperationKind kKinds[] = {
      {"random_bernoulli", ImportBernoulli},
      {"random_categorical", ImportCategorical},
      {"random_normal", ImportNormal},
      {"random_uniform", ImportUniform},
  };
  return kKinds;
}

}  // namespace nbits::graph::program
