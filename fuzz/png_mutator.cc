// SPDX-License-Identifier: Apache-2.0
// Changes PNG files as bytes and then makes the checksums of their chunks right, without which
// libpng looks at none of them.
#include <zlib.h>

#include <cstdint>
#include <cstring>

#include "fuzz/picture.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

constexpr size_t kSignature = 8;
constexpr size_t kAround = 12;  // Bytes of a chunk beside its contents: length, name, checksum.

void WriteBigEndian(uint64_t value, uint8_t* out) {
  for (int i = 3; i >= 0; --i, value >>= 8) out[i] = static_cast<uint8_t>(value);
}

void RepairChecksums(uint8_t* data, size_t size) {
  for (size_t at = kSignature; at + kAround <= size;) {
    const uint64_t length = nbits::fuzz::BigEndian(data + at, 4);
    if (length > size - at - kAround) return;
    const auto named = static_cast<uInt>(length + 4);
    WriteBigEndian(crc32(0, data + at + 4, named), data + at + 8 + length);
    at += kAround + length;
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned) {
  const size_t changed = LLVMFuzzerMutate(data, size, max_size);
  RepairChecksums(data, changed);
  return changed;
}
