// A convolution's packed weights, decoded piece by piece into blocks of 16 output channels.
#ifndef NBITS_ENGINE_KERNELS_KERNEL_LANES_H_
#define NBITS_ENGINE_KERNELS_KERNEL_LANES_H_

#include <cstdint>

#include "engine/format.h"
#include "nbits/packed_tensor.h"

namespace nbits {

// Reads weights [output channels, input channels, taps] (taps: kernel height x width). The last two
// may be taken together: as many channels of one tap.
class KernelLanes {
 public:
  KernelLanes(const PackedTensor& weights, int64_t input_channels, int64_t taps)
      : weights_(weights),
        output_channels_(weights.shape[0]),
        input_channels_(input_channels),
        taps_(taps) {}

  // Floats that `rows` of Read must hold.
  static int64_t RowFloats(int64_t channels, int64_t taps) {
    return channels * taps * kChannelBlock;
  }

  // to[c][tap][k] = weight of output channel 16 * block + k, input channel first + c, for
  // c < channels; zero beyond the last input or output channel. `rows` is scratch.
  // `scale`, if given, holds a factor of each of the 16 channels.
  void Read(int64_t block, int64_t first, int64_t channels, float* rows, float* to,
            const float* scale = nullptr) const;

 private:
  // Where the weights of a whole output block from input channel `first` on lie, if they are plain;
  // else null.
  const float* InPlace(int64_t block, int64_t first) const;

  const PackedTensor& weights_;
  int64_t output_channels_, input_channels_, taps_;
};

// to[i * 16 + k] = from[k * stride + i] * scale[k] for i < count, k < 16. Without a
// scale the values are moved bit by bit, whatever they stand for.
void TransposeToLanes(const float* from, int64_t stride, int64_t count, float* to,
                      const float* scale = nullptr);

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_KERNEL_LANES_H_
