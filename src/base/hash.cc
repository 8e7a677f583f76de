// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <algorithm>
#include <cstring>

#include "base/files/file.h"

namespace nbits {

uint64_t Hash(std::span<const std::byte> bytes) {
  constexpr uint64_t kPrime = 0x100000001b3, kBasis = 0xcbf29ce484222325;
  uint64_t hash = kBasis ^ bytes.size();
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  }
  return hash;
}

absl::StatusOr<uint64_t> HashFile(const std::string& path) {
  const auto file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  return Hash((*file)->bytes());
}

}  // namespace nbits
