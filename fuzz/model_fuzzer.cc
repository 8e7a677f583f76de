// SPDX-License-Identifier: Apache-2.0
// Any bytes as a model: opened, its weights and their forms checked, one replaced, its size and
// bytes asked for.
#include <string>

#include "fuzz/fuzz.h"
#include "nbits/class_map.h"
#include "nbits/forms.h"
#include "nbits/model.h"

namespace {

using nbits::fuzz::Require;

void ReplaceFirst(nbits::Model& model) {
  if (model.weights().empty()) return;
  nbits::PackedTensor tensor = model.weights()[0].tensor;
  Require(model.ReplaceWeight(0, tensor).ok());
  Require(model.SerializedSize() > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto model = nbits::Model::FromBytes(std::string(nbits::fuzz::Text(data, size)), "fuzz");
  if (!model.ok()) return 0;
  Require(model->SerializedSize() == static_cast<int64_t>(size));
  for (const nbits::WeightRef& weight : model->weights()) {
    Require(nbits::Validate(weight.tensor).ok());
  }
  const nbits::ClassTable table = nbits::ReadClassTable(model->description());
  Require(table.colors.size() >= table.labels.size());
  for (const nbits::FormBreach& breach : nbits::FormBreaches(*model)) {
    Require(!breach.reason.empty());
  }
  ReplaceFirst(*model);
  return 0;
}
