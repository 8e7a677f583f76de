// SPDX-License-Identifier: Apache-2.0
// The forms that Core ML takes a layer's weights in, each alone and beside its partners. Its own
// checks refuse a file that has others, and no device opens it.
//
// Source: comments of NeuralNetwork.proto (WeightParams, QuantizationParams, int8DynamicQuantize);
// coremltools' validator, mlmodel/src/Validation, layer type by layer type:
// NeuralNetwork/NeuralNetworkLayerValidator.cpp and NeuralNetworkValidatorUtils.hpp,
// QuantizationValidationUtils.cpp, NeuralNetwork/UpdatableNeuralNetworkValidator.cpp.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_FORMS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_FORMS_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "nbits/packed_tensor.h"

namespace nbits {

enum class WeightForm : uint8_t {
  kAbsent,
  kFloat32,
  kFloat16,
  kQuantized,  // rawValue: 1 to 8 bits, with scales or a table.
  kInt8,       // int8RawValue, for products with activations quantized at run time.
};

// What the used weights of one layer have to be beside each other.
enum class Together : uint8_t {
  kFree,
  kOneFloat,  // No Float16 beside Float32; what is quantized goes with both.
  // The same, unless one of its two matrices is quantized.
  kOneFloatUnlessQuantized,
  // kOneFloat is what the other recurrent layers ask for; the check looks at another layer's.
  kOneFloatUnchecked,
  kOneForm,
};

struct LayerForms {
  absl::string_view type;     // As in the schema.
  uint8_t forms = 0;          // 1 << WeightForm for each that its weights may have.
  bool int8_weights = false;  // Its field "weights" may be kInt8 too.
  bool complete = false;      // Its used weights may not be absent.
  Together together = Together::kFree;
};

// Of a layer type that has no weights, or that the format does not know: everything goes.
const LayerForms& LayerFormsOf(absl::string_view layer_type);

WeightForm FormOf(const PackedTensor& tensor);
absl::string_view FormName(WeightForm form);  // "Float32", "quantized", ...

// Why a weight of that layer type and field cannot have that form; "" when it can.
std::string FormRefusal(absl::string_view layer_type, absl::string_view field, WeightForm form);

// Why a weight of an updatable model cannot have that form; `in_updatable_layer`: of a layer that
// is trained further itself. "" when it can.
std::string UpdatableRefusal(bool in_updatable_layer, WeightForm form);

// Whether the layer's used weights, of which each has its own form, are refused together.
bool AreRefusedTogether(absl::string_view layer_type, std::span<const WeightForm> forms,
                        bool matrix_is_quantized);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_WEIGHTS_WEIGHT_FORMS_H_
