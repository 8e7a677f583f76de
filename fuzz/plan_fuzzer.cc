// SPDX-License-Identifier: Apache-2.0
// Any text as a plan, and carried out on a small model.
#include "fuzz/fuzz.h"
#include "fuzz/small_model.h"
#include "nbits/compress.h"

namespace {

using nbits::fuzz::Require;

void CarryOut(const nbits::Plan& plan) {
  auto model = nbits::Model::FromBytes(nbits::fuzz::SmallModelFile(), "small");
  Require(model.ok());
  if (!nbits::PrepareFor(plan, *model).ok()) return;
  auto report = nbits::ApplyPlan(*model, plan);
  if (report.ok()) Require(nbits::MeasureErrors(*model, *report).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto plan = nbits::PlanFromJson(nbits::fuzz::Text(data, size));
  if (!plan.ok()) return 0;
  const std::string json = nbits::PlanToJson(*plan);
  const auto again = nbits::PlanFromJson(json);
  Require(again.ok() && nbits::PlanToJson(*again) == json);
  if (plan->entries.size() <= 8) CarryOut(*plan);
  return 0;
}
