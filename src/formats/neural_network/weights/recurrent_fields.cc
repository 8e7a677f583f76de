// SPDX-License-Identifier: Apache-2.0
// The weights of recurrent layers.
#include "absl/strings/str_cat.h"
#include "formats/neural_network/weights/field_list.h"

namespace nbits {
namespace {

using schema::WeightParams;
using enum WeightRole;

template <typename Activations>
void AddActivations(const Activations& activations, absl::string_view name, FieldList& list) {
  for (int i = 0; i < activations.size(); ++i) {
    AddActivation(activations.Get(i), absl::StrCat(name, "[", i, "]."), list);
  }
}

// Adds the weights of recurrent layers, whose sizes are two numbers.
class RecurrentFields {
 public:
  RecurrentFields(uint64_t in, uint64_t out, std::string prefix, FieldList& list)
      : in_(Extent(in)), out_(Extent(out)), prefix_(std::move(prefix)), list_(list) {}
  void Weight(const char* name, const WeightParams& params) {
    list_.Add(prefix_ + name, params, kKernel, Shape{out_, in_}).scales = out_;
  }
  void Recursion(const char* name, const WeightParams& params) {
    list_.Add(prefix_ + name, params, kKernel, Shape{out_, out_}).scales = out_;
  }
  void Vector(const char* name, const WeightParams& params, WeightRole role, bool used) {
    list_.Add(prefix_ + name, params, role, Shape{out_}).used = used;
  }

 private:
  int64_t in_, out_;
  std::string prefix_;
  FieldList& list_;
};

void AddLstmWeights(const schema::LSTMWeightParams& params, const schema::LSTMParams& flags,
                    RecurrentFields fields) {
  const bool biases = flags.hasbiasvectors(), peepholes = flags.haspeepholevectors();
  fields.Weight("inputGateWeightMatrix", params.inputgateweightmatrix());
  fields.Weight("forgetGateWeightMatrix", params.forgetgateweightmatrix());
  fields.Weight("blockInputWeightMatrix", params.blockinputweightmatrix());
  fields.Weight("outputGateWeightMatrix", params.outputgateweightmatrix());
  fields.Recursion("inputGateRecursionMatrix", params.inputgaterecursionmatrix());
  fields.Recursion("forgetGateRecursionMatrix", params.forgetgaterecursionmatrix());
  fields.Recursion("blockInputRecursionMatrix", params.blockinputrecursionmatrix());
  fields.Recursion("outputGateRecursionMatrix", params.outputgaterecursionmatrix());
  fields.Vector("inputGateBiasVector", params.inputgatebiasvector(), kBias, biases);
  fields.Vector("forgetGateBiasVector", params.forgetgatebiasvector(), kBias, biases);
  fields.Vector("blockInputBiasVector", params.blockinputbiasvector(), kBias, biases);
  fields.Vector("outputGateBiasVector", params.outputgatebiasvector(), kBias, biases);
  fields.Vector("inputGatePeepholeVector", params.inputgatepeepholevector(), kOther, peepholes);
  fields.Vector("forgetGatePeepholeVector", params.forgetgatepeepholevector(), kOther, peepholes);
  fields.Vector("outputGatePeepholeVector", params.outputgatepeepholevector(), kOther, peepholes);
}

}  // namespace

void AddSimpleRecurrent(const schema::SimpleRecurrentLayerParams& params, FieldList& list) {
  AddActivation(params.activation(), "activation.", list);
  RecurrentFields fields(params.inputvectorsize(), params.outputvectorsize(), "", list);
  fields.Weight("weightMatrix", params.weightmatrix());
  fields.Recursion("recursionMatrix", params.recursionmatrix());
  fields.Vector("biasVector", params.biasvector(), kBias, params.hasbiasvector());
}

void AddGru(const schema::GRULayerParams& params, FieldList& list) {
  const bool has_biases = params.hasbiasvectors();
  AddActivations(params.activations(), "activations", list);
  RecurrentFields fields(params.inputvectorsize(), params.outputvectorsize(), "", list);
  fields.Weight("updateGateWeightMatrix", params.updategateweightmatrix());
  fields.Weight("resetGateWeightMatrix", params.resetgateweightmatrix());
  fields.Weight("outputGateWeightMatrix", params.outputgateweightmatrix());
  fields.Recursion("updateGateRecursionMatrix", params.updategaterecursionmatrix());
  fields.Recursion("resetGateRecursionMatrix", params.resetgaterecursionmatrix());
  fields.Recursion("outputGateRecursionMatrix", params.outputgaterecursionmatrix());
  fields.Vector("updateGateBiasVector", params.updategatebiasvector(), kBias, has_biases);
  fields.Vector("resetGateBiasVector", params.resetgatebiasvector(), kBias, has_biases);
  fields.Vector("outputGateBiasVector", params.outputgatebiasvector(), kBias, has_biases);
}

void AddUniDirectionalLstm(const schema::UniDirectionalLSTMLayerParams& params, FieldList& list) {
  AddActivations(params.activations(), "activations", list);
  AddLstmWeights(params.weightparams(), params.params(),
                 RecurrentFields(params.inputvectorsize(), params.outputvectorsize(), "", list));
}

void AddBiDirectionalLstm(const schema::BiDirectionalLSTMLayerParams& params, FieldList& list) {
  AddActivations(params.activationsforwardlstm(), "activationsForwardLSTM", list);
  AddActivations(params.activationsbackwardlstm(), "activationsBackwardLSTM", list);
  for (int i = 0; i < params.weightparams_size(); ++i) {
    const std::string prefix = i == 0   ? "forward."
                               : i == 1 ? "backward."
                                        : absl::StrCat("weightParams[", i, "].");
    AddLstmWeights(
        params.weightparams(i), params.params(),
        RecurrentFields(params.inputvectorsize(), params.outputvectorsize(), prefix, list));
  }
}

}  // namespace nbits
