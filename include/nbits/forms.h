// SPDX-License-Identifier: Apache-2.0
// Weights in a form that Core ML's own checks refuse.
//
// Source: comments of NeuralNetwork.proto in the Core ML specification, and coremltools' public
// validator (mlmodel/src/Validation of its sources), layer type by layer type; docs/quantize.md has
// the table.
#ifndef NBITS_FORMS_H_
#define NBITS_FORMS_H_

#include <string>
#include <vector>

#include "nbits/export.h"
#include "nbits/model.h"

namespace nbits NBITS_EXPORT {

// No device opens a model that has one of these.
struct FormBreach {
  std::string path;  // Of the weight ("c3/weights"), or of the layer whose weights do not match.
  std::string
      reason;  // "Core ML takes weights of convolution3d layers in Float32 or Float16 only".
};

// All of them, in file order: forms that a layer type does not take (quantized 3-D convolutions,
// layer normalisation other than Float32), Float16 beside Float32 in one layer, quantized weights
// of updatable layers and Float16 in updatable models, int8DynamicQuantize without 8-bit signed
// weights of one scale, wrong numbers of scales or offsets, weights that are missing, and a
// specification version too low for the forms that are there.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   for (const nbits::FormBreach& breach : nbits::FormBreaches(*model)) {
//     std::cout << breach.path << ": " << breach.reason << "\n";
//   }
//   return absl::OkStatus();
std::vector<FormBreach> FormBreaches(const Model& model);

}  // namespace nbits

#endif  // NBITS_FORMS_H_
