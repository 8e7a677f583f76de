// SPDX-License-Identifier: Apache-2.0
// What the tables of layers' weights are written with
// (formats/neural_network/weights/weight_fields.h).
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_FIELD_LIST_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_FIELD_LIST_H_

#include <limits>
#include <string>
#include <utility>

#include "formats/neural_network/weights/weight_fields.h"

namespace nbits {

// -1 for what no shape can hold.
inline int64_t Extent(uint64_t value) {
  return value > std::numeric_limits<int64_t>::max() ? -1 : static_cast<int64_t>(value);
}

class FieldList {
 public:
  explicit FieldList(bool with_absent) : with_absent_(with_absent) {}

  // The field that was added; what is done to one that is not listed has no effect.
  WeightField& Add(std::string name, const schema::WeightParams& params, WeightRole role,
                   std::optional<Shape> shape, int channel_axis = 0) {
    const bool is_absent = params.nbits_weight_index() == 0;
    if (is_absent && !(with_absent_ && shape)) return unlisted_;
    WeightField field{std::move(name), is_absent ? kNoWeight : params.nbits_weight_index() - 1,
                      role, std::move(shape), channel_axis};
    if (!field.shape) field.scales = 0;
    return fields.emplace_back(std::move(field));
  }
  std::vector<WeightField> fields;

 private:
  bool with_absent_;
  WeightField unlisted_;
};

void AddActivation(const schema::ActivationParams& params, const std::string& prefix,
                   FieldList& list);
// The recurrent layers.
void AddSimpleRecurrent(const schema::SimpleRecurrentLayerParams& params, FieldList& list);
void AddGru(const schema::GRULayerParams& params, FieldList& list);
void AddUniDirectionalLstm(const schema::UniDirectionalLSTMLayerParams& params, FieldList& list);
void AddBiDirectionalLstm(const schema::BiDirectionalLSTMLayerParams& params, FieldList& list);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_FIELD_LIST_H_
