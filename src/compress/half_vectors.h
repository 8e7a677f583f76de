// SPDX-License-Identifier: Apache-2.0
// The vectors that Policy::kBulk does not quantize, in half their bytes.
#ifndef NBITS_COMPRESS_HALF_VECTORS_H_
#define NBITS_COMPRESS_HALF_VECTORS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "formats/neural_network/layer_facts.h"
#include "nbits/plan.h"

namespace nbits {

// Biases, batch normalisation, scale and bias layers and peephole vectors of layer types that
// coremltools stores in Float16 too, and the biases of 3-D convolutions.
bool IsHalfVector(const WeightRef& weight);

// Whether Float16 holds all values of the weight with an SNR of kHalfVectorSnrDb or more, and a
// variance as precisely as the others. Errors of Dequantize.
absl::StatusOr<bool> FitsFloat16(const WeightRef& weight);

// Tables of 7 and 8 bits: coremltools stores most vectors in tables that hold each of their values,
// without loss and in more bytes than Float32 takes. Beside them vectors stay Float32.
bool IsFineTable(const WeightFormat& format);

// Has the Float32 weights with `may_be_half` stored in Float16, layer by layer:
//  * all of a layer's or none: Core ML refuses layers that hold Float32 and Float16 side by side
//    (quantized weights go with both);
//  * none when one would not fit: values beyond Float16's range, an error of more than
//    kHalfVectorSnrDb below the vector, a variance that is not as precise as the others are;
//  * all, whatever their values, when the layer's kernel is stored in Float16.
absl::Status UseHalfVectors(const Model& model, const std::vector<LayerFacts>& facts,
                            const std::vector<bool>& may_be_half, std::vector<PlanEntry>& entries);

// Far below the error of any quantized kernel (about 50 dB at 8 bits), and reached by vectors that
// are not mostly below Float16's normal numbers (2^-14): those have 70 dB and more.
inline constexpr double kHalfVectorSnrDb = 60;

}  // namespace nbits

#endif  // NBITS_COMPRESS_HALF_VECTORS_H_
