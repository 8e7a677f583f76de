// SPDX-License-Identifier: Apache-2.0
// The generator of all random layers: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom
// number generators", 2014). The same seed gives the same numbers on every machine.
#ifndef NBITS_ENGINE_KERNELS_ARRAY_RANDOM_H_
#define NBITS_ENGINE_KERNELS_ARRAY_RANDOM_H_

#include <cstdint>

namespace nbits {

class RandomNumbers {
 public:
  explicit RandomNumbers(uint64_t seed) : state_(seed) {}

  // Uniform in [0, 1), a multiple of 2^-24: every value is a Float32.
  float Uniform() { return static_cast<float>(Next() >> 40) * 0x1p-24f; }

 private:
  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_ARRAY_RANDOM_H_
