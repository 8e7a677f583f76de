// SPDX-License-Identifier: Apache-2.0
// Model packages: a folder NAME.mlpackage with Manifest.json, which lists items by identifiers and
// says which of them is the model, and the items' files under Data. The files' layout is that of
// packages as Xcode and coremltools write them.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_PACKAGE_H_
#define NBITS_FORMATS_NEURAL_NETWORK_PACKAGE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nbits {

// Whether the path names a package: by its ending, a slash after it included.
bool NamesPackage(absl::string_view path);

// Whether the path is a folder with a manifest.
bool IsPackage(const std::string& path);

// The model's file within the package, relative to it ("Data/com.apple.CoreML/model.mlmodel").
// InvalidArgument, naming the package: a manifest that cannot be read or names no model, or a file
// outside.
absl::StatusOr<std::string> ModelFileIn(const std::string& package);

// `path`, or the model's file in the package of that name: what is to be read of a model, whatever
// it is given as. A package whose manifest cannot be read: `path`.
std::string ModelFileOf(const std::string& path);

// Writes a package whose model `write` writes into the file that it is given. Everything else is
// copied from the package `source`; none: a new package with the model alone. It is made beside
// `target` and takes its place as a whole: on any failure `target` is what it was. InvalidArgument:
// `target` is there and no package.
absl::Status WritePackage(const std::string& target, const std::string& source,
                          const std::function<absl::Status(const std::string& file)>& write);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_PACKAGE_H_
