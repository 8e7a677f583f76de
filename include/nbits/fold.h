// SPDX-License-Identifier: Apache-2.0
// Folding: two layers that follow each other and are linear become one, before weights are stored
// in fewer bits.
#ifndef NBITS_FOLD_H_
#define NBITS_FOLD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/export.h"
#include "nbits/model.h"

namespace nbits NBITS_EXPORT {

// Which layers are folded before weights are quantized (see FoldLayers).
struct FoldPlan {
  enum class Kind : uint8_t {
    kNone,
    kCoremltools,  // The pairs that coremltools 7.2 folds.
    kFull,         // All that can be.
  };
  Kind kind = Kind::kNone;
  std::vector<std::string> skip = {};  // Patterns of layers and weights that stay as they are.
};

// Merges a layer into the one before it, wherever it is that layer's only reader: batch
// normalisation, scale and bias layers after a convolution, grouped and transposed ones too; scale
// and bias layers, and with kFull batch normalisation, after an inner product; scale layers, and
// with kFull bias layers, after batch normalisation. With kFull, batch normalisation that is left
// becomes a scale layer, which says the same with two vectors instead of four. Arithmetic in
// double, stored as Float32.
//
// Not folded: layers that FoldPlan::skip names, layers whose parameters are not Float32 or whose
// folded parameters would not be finite, updatable layers and models, instance normalisation, an
// inner product whose channels need not be the second layer's, and anything whose intermediate
// result is an output of the model or read elsewhere, nested networks included. Returns the number
// of layers that went away. Weight indices change. kCoremltools: the pairs and the arithmetic of
// coremltools 7.2 (optimization_utils.py). A model that Open accepted gives no error.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   auto folded = nbits::FoldLayers(*model);
//   if (!folded.ok()) return folded.status();
//   std::cout << *folded << " layers went away\n";
//   return model->Save("model-folded.mlmodel");
absl::StatusOr<int> FoldLayers(Model& model, const FoldPlan& fold = {FoldPlan::Kind::kFull});

}  // namespace nbits

#endif  // NBITS_FOLD_H_
