// SPDX-License-Identifier: Apache-2.0
// What a file really is that somebody took for a model, and the way from there to one.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_FOREIGN_FILE_H_
#define NBITS_FORMATS_NEURAL_NETWORK_FOREIGN_FILE_H_

#include <cstddef>
#include <span>
#include <string>

#include "nbits/model.h"

namespace nbits {

// "is a Git LFS pointer, not the model itself: git lfs pull fetches it", and the like for pages,
// archives, pictures and other tools' models; empty when the bytes tell nothing. Meant for bytes
// that could not be read as a model: it looks at the first of them only, and may be wrong about a
// model's.
std::string DescribeForeignFile(std::span<const std::byte> bytes);

// The same for a folder: compiled models, packages and other tools' folders; empty for any other.
std::string DescribeForeignFolder(const std::string& path);

// For models that can be read and described, but neither be run nor made smaller, since they are ML
// Programs or pipelines around one: " (an ML Program ...)", how to get one that can; empty for
// others.
std::string ProgramAdvice(const Model& model);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_FOREIGN_FILE_H_
