// SPDX-License-Identifier: Apache-2.0
// A convolution's blocked input as patches of 16 channels in Float32, whatever lies behind it: full
// or half precision, zero padding, several tensors joined along the channels, each resized on the
// way.
#ifndef NBITS_ENGINE_KERNELS_CONVOLUTION_INPUT_PATCH_H_
#define NBITS_ENGINE_KERNELS_CONVOLUTION_INPUT_PATCH_H_

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernel.h"
#include "engine/kernels/common/sampling.h"
#include "graph/ops.h"

namespace nbits {

// Pixels of 16 channels; strides count floats.
struct PatchView {
  const float* data = nullptr;
  int64_t row_stride = 0, pixel_stride = kChannelBlock;
};

// The pixels (top + i * step[0], left + j * step[1]) for i < rows, j < columns. They may lie
// outside the image: there they are zero.
struct PatchWindow {
  int64_t top = 0, left = 0, rows = 1, columns = 1;
  graph::Pair step = {1, 1};
};

class InputPatch {
 public:
  // Extents [batch, channels, height, width] of the joined and resized input of a convolution whose
  // inputs have these shapes.
  static ImageExtents ExtentsOf(const graph::Convolution& op, std::span<const Shape* const> shapes);

  InputPatch(const graph::Convolution& op, std::span<const Operand> inputs);

  // Channels [16 * block, 16 * (block + 1)) of batch entry `entry`, channels beyond the last one as
  // zero. Where the tensor holds the window as it is wanted the view shows the tensor itself, else
  // `scratch`, which must hold rows * columns * 16 floats.
  PatchView Fetch(int64_t entry, int64_t block, const PatchWindow& window, float* scratch) const;

  // The same, always to `to`: rows of window.columns pixels.
  void Copy(int64_t entry, int64_t block, const PatchWindow& window, float* to) const;

 private:
  struct Source {
    const float* data;
    Format format;
    ImageExtents extents;  // As stored.
    int64_t first_block;   // Of the joined input.
    bool is_resized;
    std::vector<Sample> rows, columns;  // Of the resized image.
  };

  static Source MakeSource(const Operand& operand, const graph::Resize* resize,
                           int64_t first_block);
  static int64_t PlaneOf(const Source& source, int64_t entry, int64_t block);
  const Source& SourceOf(int64_t block) const;
  bool IsInside(const PatchWindow& window) const;
  void FetchRow(const Source& source, int64_t plane, const PatchWindow& window, int64_t y,
                float* to) const;

  std::vector<Source> sources_;
  int64_t height_ = 0, width_ = 0;  // Of the joined input.
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_CONVOLUTION_INPUT_PATCH_H_
