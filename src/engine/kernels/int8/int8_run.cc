// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/int8/int8_run.h"

#include <algorithm>

#include "engine/kernels/common/workers.h"
#include "engine/kernels/int8/int8_product.h"
#include "engine/kernels/int8/int8_tail.h"

namespace nbits {
namespace {

constexpr int64_t kGroup = 2;       // Output blocks, or their terms, multiplied at a time.
constexpr int64_t kLeastItems = 4;  // Pieces of work for each thread.
constexpr int64_t kSums = kGroup * kInt8Run * kChannelBlock;

// A block's sums with the inputs on a grid. Terms stand `stride` elements apart.
Int8Sums SumsOf(const Int8WeightLanes& weights, int64_t terms, const Int8Grid& grid,
                const int32_t* sums, int64_t stride, const int32_t* row_sums) {
  Int8Sums result;
  result.count = static_cast<int>(terms);
  result.row_sums = row_sums;
  for (int64_t k = 0; k < kChannelBlock; ++k) {
    result.offset[k] = weights.offset[k] * grid.scale;
    for (int64_t t = 0; t < terms; ++t) {
      result.terms[t].sums = sums + t * stride;
      result.terms[t].factor[k] = weights.terms[t].scale[k] * grid.scale;
      result.terms[t].zero_sums[k] = weights.terms[t].sums[k] * grid.zero;
    }
  }
  return result;
}

}  // namespace

Int8Run::Int8Run(const Int8Problem& problem, std::span<const Operand> inputs, const Call& call,
                 int workers)
    : problem_(problem), call_(call), patch_(problem.op, inputs) {
  Workspace& workspace = call.workspace;
  const int64_t blocks = problem.tail.blocks();
  const Int8Weights& weights = problem.weights;
  const int64_t terms = weights.terms();
  weights_ = reinterpret_cast<int8_t*>(workspace.Bytes(blocks * terms * weights.block_bytes()));
  wide_ = reinterpret_cast<uint8_t*>(workspace.Bytes(blocks * terms * weights.steps()));
  lanes_ = reinterpret_cast<Int8WeightLanes*>(workspace.Bytes(blocks * sizeof(Int8WeightLanes)));
  for (int i = 0; i < workers; ++i) scratch_.push_back(TakeScratch());
  if (problem.depthwise) DecodeDepthwise();
}

void Int8Run::DecodeDepthwise() {
  const Depthwise& depthwise = *problem_.depthwise;
  depthwise_.emplace(*problem_.pointwise, call_, &depthwise, depthwise.Decode(call_.workspace));
}

int64_t Int8Run::WorkspaceBytes(const Int8Problem& problem, int workers) {
  const int64_t blocks = problem.tail.blocks();
  const int64_t scratch = AlignedSize(4 * problem.rows.floats()) +
                          AlignedSize(problem.rows.bytes()) +
                          AlignedSize(problem.weights.scratch_bytes()) + AlignedSize(4 * kInt8Run) +
                          AlignedSize(4 * kSums);
  const int64_t terms = problem.weights.terms();
  const int64_t depthwise = problem.depthwise ? problem.depthwise->decoded_bytes() : 0;
  return depthwise + AlignedSize(blocks * terms * problem.weights.block_bytes()) +
         AlignedSize(blocks * terms * problem.weights.steps()) +
         AlignedSize(blocks * static_cast<int64_t>(sizeof(Int8WeightLanes))) + workers * scratch;
}

Int8Run::Scratch Int8Run::TakeScratch() {
  Workspace& workspace = call_.workspace;
  Scratch scratch;
  scratch.rows.floats = workspace.Floats(problem_.rows.floats());
  scratch.rows.bytes = reinterpret_cast<uint8_t*>(workspace.Bytes(problem_.rows.bytes()));
  scratch.decoded = workspace.Bytes(problem_.weights.scratch_bytes());
  scratch.row_sums = reinterpret_cast<int32_t*>(workspace.Bytes(4 * kInt8Run));
  scratch.sums = reinterpret_cast<int32_t*>(workspace.Bytes(4 * kSums));
  return scratch;
}

void Int8Run::PackWeights() {
  const Int8Weights& weights = problem_.weights;
  const bool saturates = SaturatesPairs();
  ForWorkers(problem_.tail.blocks(), workers(), [&](int64_t block, int64_t worker) {
    int8_t* to = weights_ + block * weights.terms() * weights.block_bytes();
    lanes_[block] = weights.Read(block, scratch_[worker].decoded, to);
    const int64_t steps = weights.terms() * weights.steps();
    for (int64_t step = 0; saturates && step < steps; ++step) {
      wide_[block * steps + step] = HasSaturatingPair(to + step * kInt8StepBytes) ? 1 : 0;
    }
  });
}

void Int8Run::Run(int64_t batch) {
  PackWeights();
  const graph::Pair& output = problem_.op.output;
  for (int64_t entry = 0; entry < batch; ++entry) {
    outputs_.push_back(OutputOf(problem_.tail, problem_.op, call_, entry));
  }
  const int64_t blocks = problem_.tail.blocks();
  const int64_t runs = (output[1] + kInt8Run - 1) / kInt8Run;
  const int64_t items = batch * output[0] * runs;
  // Few pixels are fetched anew for parts of the output channels, so that no thread idles.
  const int64_t group = kGroup / problem_.weights.terms();
  const int64_t groups = (blocks + group - 1) / group;
  const int64_t part = (groups * items + kLeastItems * workers() - 1) / (kLeastItems * workers());
  const int64_t part_blocks = std::min(part, groups) * group;
  const int64_t parts = (blocks + part_blocks - 1) / part_blocks;
  ForWorkers(items * parts, workers(), [&](int64_t item, int64_t worker) {
    const int64_t row = item / parts / runs, x = item / parts % runs * kInt8Run;
    const PixelRun pixels{row / output[0], row % output[0], x, std::min(kInt8Run, output[1] - x)};
    const int64_t first = item % parts * part_blocks;
    RunPixels(pixels, first, std::min(blocks, first + part_blocks), scratch_[worker]);
  });
}

Int8Grid Int8Run::FetchRows(const PixelRun& run, Scratch& scratch) const {
  if (!depthwise_) return problem_.rows.Fetch(patch_, run, scratch.rows);
  depthwise_->Fetch({run.entry, run.x, run.count}, problem_.rows.columns(), scratch.rows.floats);
  return problem_.rows.Quantize(run.count, scratch.rows);
}

void Int8Run::RunPixels(const PixelRun& run, int64_t first, int64_t end, Scratch& scratch) const {
  const Int8Grid grid = FetchRows(run, scratch);
  const std::vector<int64_t>& offsets = problem_.rows.offsets();
  SumInt8Rows(scratch.rows.bytes, offsets, run.count, scratch.row_sums);
  // Padding has the value `zero` as well.
  const auto zeros = static_cast<int32_t>(offsets.size()) * int32_t{kChannelBlock} * grid.zero;
  for (int64_t r = 0; r < run.count; ++r) scratch.row_sums[r] -= zeros;
  const int64_t group = kGroup / problem_.weights.terms();
  for (int64_t block = first; block < end; block += group) {
    RunBlocks(run, grid, block, std::min(group, end - block), scratch);
  }
}

void Int8Run::RunBlocks(const PixelRun& run, const Int8Grid& grid, int64_t block, int64_t count,
                        const Scratch& scratch) const {
  const Int8Weights& weights = problem_.weights;
  const int64_t terms = weights.terms(), first = block * terms;
  constexpr int64_t kStride = kInt8Run * kChannelBlock;
  RunInt8Product({.in = scratch.rows.bytes,
                  .offsets = problem_.rows.offsets(),
                  .rows = run.count,
                  .weights = weights_ + first * weights.block_bytes(),
                  .weight_stride = weights.block_bytes(),
                  .wide = wide_ + first * weights.steps(),
                  .output_blocks = count * terms,
                  .out = scratch.sums,
                  .out_stride = kStride});
  for (int64_t b = 0; b < count; ++b) {
    const Int8Sums sums = SumsOf(lanes_[block + b], terms, grid, scratch.sums + b * terms * kStride,
                                 kStride, scratch.row_sums);
    StoreInt8TailRow(sums, run.count, outputs_[run.entry], block + b, run.y, run.x);
  }
}

}  // namespace nbits
