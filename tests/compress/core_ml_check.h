// SPDX-License-Identifier: Apache-2.0
// What Core ML's own checks refuse in the weights of a file, written a second time, from the text
// of coremltools' validator (mlmodel/src/Validation) and on the file's messages alone: it shares
// nothing with the table that plans obey (src/formats/neural_network/weights/weight_forms.h).
#ifndef NBITS_TESTS_COMPRESS_CORE_ML_CHECK_H_
#define NBITS_TESTS_COMPRESS_CORE_ML_CHECK_H_

#include <string>
#include <vector>

#include "proto/model.pb.h"

namespace nbits {

// One line for each layer that is refused, nested networks and members of pipelines included.
std::vector<std::string> CoreMlRefusals(const schema::Model& model);

}  // namespace nbits

#endif  // NBITS_TESTS_COMPRESS_CORE_ML_CHECK_H_
