#include "engine/kernels/int8_run.h"

#include <algorithm>

#include "engine/kernels/int8_product.h"
#include "engine/kernels/int8_tail.h"
#include "engine/kernels/workers.h"

namespace nbits {
namespace {

constexpr int64_t kGroup = 2;       // Output blocks multiplied at a time.
constexpr int64_t kLeastItems = 4;  // Pieces of work for each thread.
constexpr int64_t kSums = kGroup * kInt8Run * kChannelBlock;

// What a block's sums mean with the inputs on a grid.
Int8Meaning MeaningOf(const Int8WeightLanes& weights, const Int8Grid& grid,
                      const int32_t* row_sums) {
  Int8Meaning meaning;
  for (int64_t k = 0; k < kChannelBlock; ++k) {
    meaning.factor[k] = weights.scale[k] * grid.scale;
    meaning.offset[k] = weights.offset[k] * grid.scale;
    meaning.zero_sums[k] = weights.sums[k] * grid.zero;
  }
  meaning.row_sums = row_sums;
  return meaning;
}

}  // namespace

Int8Run::Int8Run(const Int8Problem& problem, std::span<const Operand> inputs, const Call& call,
                 int workers)
    : problem_(problem), call_(call), patch_(problem.op, inputs) {
  Workspace& workspace = call.workspace;
  const int64_t blocks = problem.tail.blocks();
  const Int8Weights& weights = problem.weights;
  weights_ = reinterpret_cast<int8_t*>(workspace.Bytes(blocks * weights.block_bytes()));
  wide_ = reinterpret_cast<uint8_t*>(workspace.Bytes(blocks * weights.steps()));
  lanes_ = reinterpret_cast<Int8WeightLanes*>(workspace.Bytes(blocks * sizeof(Int8WeightLanes)));
  for (int i = 0; i < workers; ++i) scratch_.push_back(TakeScratch());
  if (problem.depthwise) DecodeDepthwise();
}

void Int8Run::DecodeDepthwise() {
  const Depthwise& depthwise = *problem_.depthwise;
  float* weights = call_.workspace.Floats(depthwise.weight_floats());
  depthwise.Decode(weights, call_.workspace.Floats(depthwise.scratch_floats()));
  depthwise_.emplace(*problem_.pointwise, call_, &depthwise, weights);
}

int64_t Int8Run::WorkspaceBytes(const Int8Problem& problem, int workers) {
  const int64_t blocks = problem.tail.blocks();
  const int64_t scratch = AlignedSize(4 * problem.rows.floats()) +
                          AlignedSize(problem.rows.bytes()) +
                          AlignedSize(problem.weights.scratch_bytes()) + AlignedSize(4 * kInt8Run) +
                          AlignedSize(4 * kSums);
  const int64_t depthwise = problem.depthwise
                                ? AlignedSize(4 * problem.depthwise->weight_floats()) +
                                      AlignedSize(4 * problem.depthwise->scratch_floats())
                                : 0;
  return depthwise + AlignedSize(blocks * problem.weights.block_bytes()) +
         AlignedSize(blocks * problem.weights.steps()) +
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
    int8_t* to = weights_ + block * weights.block_bytes();
    lanes_[block] = weights.Read(block, scratch_[worker].decoded, to);
    for (int64_t step = 0; saturates && step < weights.steps(); ++step) {
      wide_[block * weights.steps() + step] = HasSaturatingPair(to + step * kInt8StepBytes) ? 1 : 0;
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
  const int64_t groups = (blocks + kGroup - 1) / kGroup;
  const int64_t part = (groups * items + kLeastItems * workers() - 1) / (kLeastItems * workers());
  const int64_t part_blocks = std::min(part, groups) * kGroup;
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
  for (int64_t block = first; block < end; block += kGroup) {
    RunBlocks(run, grid, block, std::min(kGroup, end - block), scratch);
  }
}

void Int8Run::RunBlocks(const PixelRun& run, const Int8Grid& grid, int64_t block, int64_t count,
                        const Scratch& scratch) const {
  const Int8Weights& weights = problem_.weights;
  constexpr int64_t kStride = kInt8Run * kChannelBlock;
  RunInt8Product({.in = scratch.rows.bytes,
                  .offsets = problem_.rows.offsets(),
                  .rows = run.count,
                  .weights = weights_ + block * weights.block_bytes(),
                  .weight_stride = weights.block_bytes(),
                  .wide = wide_ + block * weights.steps(),
                  .output_blocks = count,
                  .out = scratch.sums,
                  .out_stride = kStride});
  for (int64_t b = 0; b < count; ++b) {
    StoreInt8TailRow(scratch.sums + b * kStride, run.count,
                     MeaningOf(lanes_[block + b], grid, scratch.row_sums), outputs_[run.entry],
                     block + b, run.y, run.x);
  }
}

}  // namespace nbits
