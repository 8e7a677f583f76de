// SPDX-License-Identifier: Apache-2.0
// Arrays in NumPy's .npy files (format versions 1, 2 and 3; numpy.lib.format describes it).
#ifndef NBITS_NPY_H_
#define NBITS_NPY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

// Example:
//   const nbits::Tensor matrix{{2, 3}, {1, 2, 3, 4, 5, 6}};
//   if (absl::Status saved = nbits::WriteNpy("matrix.npy", matrix); !saved.ok()) return saved;
//   auto read = nbits::ReadNpy("matrix.npy");
//   if (!read.ok()) return read.status();
//   assert(read->shape == matrix.shape && read->values == matrix.values);

// Reads an array of float16/32/64, (u)int8/16/32/64 or bool, little-endian, in C or Fortran order;
// values are converted to Float32 (whole numbers beyond 2^24 are rounded) and laid out in C order.
// InvalidArgument names the file and what is wrong with it; NotFound where there is none. DecodeNpy
// reads the bytes of a file; `name` stands in error messages.
absl::StatusOr<Tensor> ReadNpy(const std::string& path);
absl::StatusOr<Tensor> DecodeNpy(absl::string_view bytes, absl::string_view name);

// A version 1 file of '<f4' in C order. WriteNpy writes beside `path` and renames; its errors are
// the system's, with the path.
std::string EncodeNpy(const Tensor& tensor);
absl::Status WriteNpy(const std::string& path, const Tensor& tensor);

}  // namespace nbits

#endif  // NBITS_NPY_H_
