// SPDX-License-Identifier: Apache-2.0
// Manifest.json of a package, which lists the package's items and says which of them is the model.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_MANIFEST_H_
#define NBITS_FORMATS_NEURAL_NETWORK_MANIFEST_H_

#include <string>

namespace nbits {

inline constexpr char kManifest[] = "Manifest.json";

// Of a package with a model at Data/com.apple.CoreML/model.mlmodel and nothing else.
std::string NewManifest();

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_MANIFEST_H_
