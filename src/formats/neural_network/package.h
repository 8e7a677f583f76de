// SPDX-License-Identifier: Apache-2.0
// Model packages: a folder NAME.mlpackage with Manifest.json, which lists items by identifiers and
// says which of them is the model, and the items' files under Data. The files' layout is that of
// packages as Xcode and coremltools write them.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_PACKAGE_H_
#define NBITS_FORMATS_NEURAL_NETWORK_PACKAGE_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nbits {

// Whether the path names a package: by its ending, a slash after it included.
bool NamesPackage(absl::string_view path);

// Whether `path` is relative, and not above where it begins.
bool StaysInside(const std::string& path);

// InvalidArgument when `place`, or a folder on the way to it from `folder`, is a link: it may lead
// anywhere.
absl::Status CheckNoLinks(const std::string& folder, const std::string& place);

// Whether the path is a folder with a manifest.
bool IsPackage(const std::string& path);

// The model's file within the package, relative to it ("Data/com.apple.CoreML/model.mlmodel").
// InvalidArgument, naming the package: a manifest that cannot be read or names no model, or a file
// outside.
absl::StatusOr<std::string> ModelFileIn(const std::string& package);

// `path`, or the model's file in the package of that name: what is to be read of a model, whatever
// it is given as. A package whose manifest cannot be read: `path`.
std::string ModelFileOf(const std::string& path);

// Of the bytes of a model's file, or of all files of a package in the order of their names. The
// errors of HashFile.
absl::StatusOr<uint64_t> HashModel(const std::string& path);

// Writes a package whose model `write` writes into the file that it is given, with the files
// `beside` it (their places from the model's folder). Everything else is copied from the package
// `source`; none: a new package with the model alone. It is made beside `target` and takes its
// place as a whole: on any failure `target` is what it was. InvalidArgument: `target` is there and
// no package.
absl::Status WritePackage(const std::string& target, const std::string& source,
                          const std::set<std::string>& beside,
                          const std::function<absl::Status(const std::string& file)>& write);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_PACKAGE_H_
