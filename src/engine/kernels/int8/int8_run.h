// SPDX-License-Identifier: Apache-2.0
// One execution of a convolution in integer arithmetic.
#ifndef NBITS_ENGINE_KERNELS_INT8_INT8_RUN_H_
#define NBITS_ENGINE_KERNELS_INT8_INT8_RUN_H_

#include <optional>
#include <vector>

#include "engine/kernel.h"
#include "engine/kernels/convolution/convolution_tail.h"
#include "engine/kernels/int8/int8_rows.h"
#include "engine/kernels/int8/int8_weights.h"
#include "engine/kernels/pointwise/pointwise_rows.h"

namespace nbits {

// Pixels quantized and multiplied at a time: whole groups of rows of the product.
inline constexpr int64_t kInt8Run = 48;

// What stays the same from run to run.
struct Int8Problem {
  graph::Convolution op;  // `scale` aside, which `weights` knows.
  Int8Rows rows;
  Int8Weights weights;
  ConvolutionTail tail;
  // What the input goes through first.
  const graph::Convolution* pointwise = nullptr;  // With the image's own extents.
  std::optional<Depthwise> depthwise;
};

class Int8Run {
 public:
  // `inputs` are the call's, in the shape in which the problem sees them.
  Int8Run(const Int8Problem& problem, std::span<const Operand> inputs, const Call& call,
          int workers);

  static int64_t WorkspaceBytes(const Int8Problem& problem, int workers);

  void Run(int64_t batch);

 private:
  struct Scratch {
    Int8RowScratch rows;
    std::byte* decoded;  // Of one output block's weights.
    int32_t *row_sums, *sums;
  };
  Scratch TakeScratch();
  void DecodeDepthwise();
  void PackWeights();
  Int8Grid FetchRows(const PixelRun& run, Scratch& scratch) const;
  void RunPixels(const PixelRun& run, int64_t first, int64_t end, Scratch& scratch) const;
  // Output blocks [block, block + count) of rows that are quantized.
  void RunBlocks(const PixelRun& run, const Int8Grid& grid, int64_t block, int64_t count,
                 const Scratch& scratch) const;
  int workers() const { return static_cast<int>(scratch_.size()); }

  const Int8Problem& problem_;
  const Call& call_;
  InputPatch patch_;
  std::optional<PointwiseRows> depthwise_;
  int8_t* weights_;         // [output block][term][step]
  uint8_t* wide_;           // [output block][term][step]
  Int8WeightLanes* lanes_;  // [output block]
  std::vector<Scratch> scratch_;
  std::vector<BlockedOutput> outputs_;  // By batch entry.
};

}  // namespace nbits

#endif  // NBITS_ENGINE_KERNELS_INT8_INT8_RUN_H_
