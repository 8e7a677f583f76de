// How a pointwise convolution is cut into pieces that stay in the caches.
#ifndef NBITS_ENGINE_KERNELS_POINTWISE_PLAN_H_
#define NBITS_ENGINE_KERNELS_POINTWISE_PLAN_H_

#include <cstdint>

namespace nbits {

// Blocks are of 16 channels.
struct PointwisePlan {
  int64_t input_blocks = 1, output_blocks = 1;
  int64_t chunk_blocks = 1;  // Output blocks whose weights are decoded at once.
  int64_t tile_pixels = 1;   // Pixels that all output blocks of a chunk are computed of.
  bool strassen = false;     // Seven products of halves instead of eight: see strassen.h.

  int64_t chunks() const { return (output_blocks + chunk_blocks - 1) / chunk_blocks; }
};

// For `pixels` output pixels of a batch entry, shared by `workers` threads.
PointwisePlan PlanPointwise(int64_t input_channels, int64_t output_channels, int64_t pixels,
                            int workers);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_POINTWISE_PLAN_H_
