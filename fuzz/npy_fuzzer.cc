// SPDX-License-Identifier: Apache-2.0
// Any bytes as a .npy file. What is read must come back, bit for bit, from what is written of it.
#include <cstring>

#include "fuzz/fuzz.h"
#include "nbits/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto read = nbits::DecodeNpy(nbits::fuzz::Text(data, size), "fuzz");
  if (!read.ok()) return 0;
  const auto again = nbits::DecodeNpy(nbits::EncodeNpy(*read), "fuzz");
  nbits::fuzz::Require(again.ok() && again->shape == read->shape &&
                       again->values.size() == read->values.size());
  const size_t bytes = read->values.size() * sizeof(float);
  nbits::fuzz::Require(bytes == 0 ||
                       std::memcmp(again->values.data(), read->values.data(), bytes) == 0);
  return 0;
}
