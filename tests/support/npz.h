// SPDX-License-Identifier: Apache-2.0
// Reads the arrays of a NumPy .npz file (a zip archive of .npy members, stored or deflated).
#ifndef NBITS_TESTS_SUPPORT_NPZ_H_
#define NBITS_TESTS_SUPPORT_NPZ_H_

#include <zlib.h>

#include <cstring>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "nbits/npy.h"

namespace nbits::testing {

// A little-endian number of `bytes` bytes; 0 beyond the end.
inline uint64_t ZipNumber(const std::string& zip, size_t offset, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes && offset + i < zip.size(); ++i) {
    value |= uint64_t{static_cast<unsigned char>(zip[offset + i])} << (8 * i);
  }
  return value;
}

inline absl::StatusOr<std::string> Inflate(const std::string& packed, size_t size) {
  std::string plain(size, '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(size);
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return absl::InternalError("zlib");
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (result != Z_STREAM_END) return absl::InvalidArgumentError("damaged zip member");
  return plain;
}

// Arrays by member name, without ".npy".
inline absl::StatusOr<TensorMap> ReadNpz(const std::string& path) {
  NBITS_ASSIGN_OR_RETURN(const std::string zip, ReadFile(path));
  const size_t end = zip.rfind("PK\5\6");
  if (end == std::string::npos) return absl::InvalidArgumentError(path + " is not a zip archive");
  TensorMap arrays;
  size_t entry = ZipNumber(zip, end + 16, 4);
  for (uint64_t i = 0; i < ZipNumber(zip, end + 10, 2); ++i) {
    const size_t name_length = ZipNumber(zip, entry + 28, 2);
    std::string name = zip.substr(entry + 46, name_length);
    const size_t local = ZipNumber(zip, entry + 42, 4);
    const size_t data = local + 30 + ZipNumber(zip, local + 26, 2) + ZipNumber(zip, local + 28, 2);
    std::string bytes = zip.substr(data, ZipNumber(zip, entry + 20, 4));
    if (ZipNumber(zip, entry + 10, 2) == 8) {
      NBITS_ASSIGN_OR_RETURN(bytes, Inflate(bytes, ZipNumber(zip, entry + 24, 4)));
    }
    NBITS_ASSIGN_OR_RETURN(Tensor tensor, DecodeNpy(bytes, name));
    arrays[name.substr(0, name.rfind(".npy"))] = std::move(tensor);
    entry += 46 + name_length + ZipNumber(zip, entry + 30, 2) + ZipNumber(zip, entry + 32, 2);
  }
  return arrays;
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_SUPPORT_NPZ_H_
