#include "engine/kernels/pointwise.h"

#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "engine/kernels/block_product.h"
#include "engine/kernels/block_weights.h"
#include "engine/kernels/convolution_tail.h"
#include "engine/kernels/depthwise.h"
#include "engine/kernels/pointwise_plan.h"
#include "engine/kernels/pointwise_rows.h"
#include "engine/kernels/tail_row.h"
#include "engine/kernels/workers.h"

namespace nbits {
namespace {

using graph::Convolution;
using graph::Graph;
using graph::Node;

// What one worker needs for itself.
struct WorkerFloats {
  int64_t decoded, rows, sums;

  explicit WorkerFloats(const PointwisePlan& plan)
      : decoded(BlockWeights::ScratchFloats()),
        rows(plan.input_blocks * plan.tile_pixels * kChannelBlock),
        sums(2 * plan.tile_pixels * kChannelBlock) {}

  int64_t bytes() const {
    return AlignedSize(4 * decoded) + AlignedSize(4 * rows) + AlignedSize(4 * sums);
  }
};

class PointwiseRun {
 public:
  PointwiseRun(const Convolution& op, const PointwisePlan& plan, const ConvolutionTail& tail,
               const BlockWeights& weights, const PointwiseRows& rows, const Call& call,
               int workers)
      : op_(op),
        plan_(plan),
        weights_(weights),
        rows_(rows),
        tiles_((op.output[0] * op.output[1] + plan.tile_pixels - 1) / plan.tile_pixels),
        decoded_(call.workspace.Floats(plan.chunk_blocks * weights.block_floats())) {
    const WorkerFloats floats(plan);
    for (int i = 0; i < workers; ++i) {
      scratch_.push_back({call.workspace.Floats(floats.decoded), call.workspace.Floats(floats.rows),
                          call.workspace.Floats(floats.sums)});
    }
    for (int64_t block = 0; block < plan.input_blocks; ++block) {
      offsets_.push_back(block * plan.tile_pixels * kChannelBlock);
      in_place_offsets_.push_back(block * rows.plane_floats());
    }
    const int64_t batch = ImageExtentsOf(call.outputs[0].shape).batch;
    for (int64_t entry = 0; entry < batch; ++entry) {
      outputs_.push_back(OutputOf(tail, op, call, entry));
    }
  }

  void Run() {
    for (int64_t first = 0; first < plan_.output_blocks; first += plan_.chunk_blocks) {
      const int64_t count = std::min(plan_.chunk_blocks, plan_.output_blocks - first);
      DecodeChunk(first, count);
      RunChunk(first, count);
    }
  }

 private:
  struct Scratch {
    float *decoded, *rows, *sums;
  };
  // Blocks of 16 input channels of a tile.
  struct TileInput {
    const float* data;
    std::span<const int64_t> offsets;
  };
  int workers() const { return static_cast<int>(scratch_.size()); }

  void DecodeChunk(int64_t first, int64_t count) const {
    const int64_t pieces = weights_.pieces();
    ForWorkers(count * pieces, workers(), [&](int64_t item, int64_t worker) {
      const int64_t block = item / pieces;
      weights_.Decode(first + block, item % pieces, decoded_ + block * weights_.block_floats(),
                      scratch_[worker].decoded);
    });
  }

  void RunChunk(int64_t first, int64_t count) const {
    const int64_t tiles = tiles_ * static_cast<int64_t>(outputs_.size());
    // Few tiles are fetched anew for every pair of output blocks, so that no thread idles.
    const int64_t part = tiles < workers() ? 2 : count;
    const int64_t parts = (count + part - 1) / part;
    ForWorkers(tiles * parts, workers(), [&](int64_t item, int64_t worker) {
      const int64_t tile = item / parts, begin = item % parts * part;
      RunTile(TileAt(tile), first, begin, std::min(begin + part, count), scratch_[worker]);
    });
  }

  PixelTile TileAt(int64_t index) const {
    const int64_t first = index % tiles_ * plan_.tile_pixels;
    return {index / tiles_, first,
            std::min(plan_.tile_pixels, op_.output[0] * op_.output[1] - first)};
  }

  TileInput InputOf(const PixelTile& tile, float* scratch) const {
    if (rows_.IsInPlace(tile, PaddedRows(tile.count))) {
      return {rows_.InPlace(tile), in_place_offsets_};
    }
    rows_.Fetch(tile, plan_.tile_pixels, scratch);
    return {scratch, offsets_};
  }

  // Blocks [begin, end) of the chunk that starts with output block `first`.
  void RunTile(const PixelTile& tile, int64_t first, int64_t begin, int64_t end,
               const Scratch& scratch) const {
    const TileInput input = InputOf(tile, scratch.rows);
    const int64_t sum_stride = plan_.tile_pixels * kChannelBlock;
    for (int64_t block = begin; block < end; block += 2) {
      const int64_t count = std::min<int64_t>(2, end - block);
      RunBlockProduct({.in = input.data,
                       .offsets = input.offsets,
                       .rows = tile.count,
                       .weights = decoded_ + block * weights_.block_floats(),
                       .weight_stride = weights_.block_floats(),
                       .output_blocks = count,
                       .out = scratch.sums,
                       .out_stride = sum_stride});
      for (int64_t b = 0; b < count; ++b) {
        StoreTailRow(scratch.sums + b * sum_stride, tile.count, outputs_[tile.entry],
                     first + block + b, 0, tile.first);
      }
    }
  }

  const Convolution& op_;
  const PointwisePlan& plan_;
  const BlockWeights& weights_;
  const PointwiseRows& rows_;
  int64_t tiles_;   // Of a batch entry.
  float* decoded_;  // Weights of a chunk.
  std::vector<Scratch> scratch_;
  std::vector<int64_t> offsets_, in_place_offsets_;  // Of the input blocks.
  std::vector<BlockedOutput> outputs_;               // By batch entry.
};

class PointwiseKernel : public Kernel {
 public:
  PointwiseKernel(const Convolution& op, const PackedTensor& weights, int64_t input_channels,
                  const PackedTensor* depthwise_weights, const Shape& input, int threads)
      : op_(op),
        tail_(op),
        scale_(PaddedScale(op)),
        weights_(weights, input_channels, scale_.data()),
        plan_(PlanPointwise(input_channels, op.output_channels, op.output[0] * op.output[1],
                            threads)),
        threads_(threads) {
    if (depthwise_weights != nullptr) depthwise_.emplace(*op.depthwise, *depthwise_weights, input);
  }

  absl::Status Run(const Call& call) const override {
    const float* depthwise_weights = DecodeDepthwise(call.workspace);
    const PointwiseRows rows(op_, call, depthwise_ ? &*depthwise_ : nullptr, depthwise_weights);
    PointwiseRun(op_, plan_, tail_, weights_, rows, call, std::min(call.threads, threads_)).Run();
    return absl::OkStatus();
  }

  int64_t workspace_bytes() const override {
    int64_t bytes = AlignedSize(4 * plan_.chunk_blocks * weights_.block_floats()) +
                    threads_ * WorkerFloats(plan_).bytes();
    if (depthwise_) {
      bytes += AlignedSize(4 * depthwise_->weight_floats()) +
               AlignedSize(4 * depthwise_->scratch_floats());
    }
    return bytes;
  }
  bool decodes_whole_weights() const override { return false; }
  absl::string_view name() const override {
    return depthwise_ ? "depthwise + pointwise" : "pointwise";
  }

 private:
  static std::vector<float> PaddedScale(const Convolution& op) {
    std::vector<float> scale(ChannelBlocks(op.output_channels) * kChannelBlock, 1.0f);
    std::ranges::copy(op.scale, scale.begin());
    return scale;
  }

  const float* DecodeDepthwise(Workspace& workspace) const {
    if (!depthwise_) return nullptr;
    float* weights = workspace.Floats(depthwise_->weight_floats());
    depthwise_->Decode(weights, workspace.Floats(depthwise_->scratch_floats()));
    return weights;
  }

  const Convolution& op_;  // The graph outlives its kernels.
  ConvolutionTail tail_;
  std::vector<float> scale_;
  BlockWeights weights_;
  PointwisePlan plan_;
  std::optional<Depthwise> depthwise_;
  int threads_;
};

// Channels from which on a block of 16 is worth filling.
constexpr int64_t kLeastChannels = 9;
constexpr int64_t kLongestStride = 16;

bool ReadsPixelsInOrder(const graph::Window& window) {
  constexpr graph::Pair kOnes = {1, 1}, kZeros = {0, 0};
  return window.stride == kOnes && window.pad_begin == kZeros && window.pad_end == kZeros;
}

bool HasKernelFor(const Convolution& op, const Shape& input) {
  if (op.depthwise == nullptr) return true;
  return op.sources.empty() && ReadsPixelsInOrder(op.window) &&
         IsBlockedDepthwise(*op.depthwise, input);
}

const Convolution* AsPointwise(const Graph& graph, const Node& node) {
  const auto* op = std::get_if<Convolution>(&node.op);
  if (op == nullptr || op->transposed || op->groups != 1) return nullptr;
  const Shape& input = graph.tensors[node.inputs[0]].shape;
  if (!CanBeBlocked(input) || op->window.kernel != graph::Pair{1, 1}) return nullptr;
  if (std::ranges::max(op->window.stride) > kLongestStride) return nullptr;
  const bool is_wide =
      graph.weights[op->weight].shape[1] >= kLeastChannels && op->output_channels >= kLeastChannels;
  return is_wide && HasKernelFor(*op, input) ? op : nullptr;
}

}  // namespace

std::optional<NodeFormats> ChoosePointwiseFormats(const Graph& graph, const Node& node,
                                                  std::span<const Format> current,
                                                  const EngineOptions&) {
  if (AsPointwise(graph, node) == nullptr) return std::nullopt;
  NodeFormats formats{{current.begin(), current.end()}, {kBlockedFormat}};
  for (Format& format : formats.inputs) {
    if (format.layout != Layout::kBlocked) format = kBlockedFormat;
  }
  formats.outputs[0].element = formats.inputs[0].element;
  return formats;
}

absl::StatusOr<std::unique_ptr<Kernel>> MakePointwiseKernel(const Graph& graph, const Node& node,
                                                            const NodeFormats& formats,
                                                            const EngineOptions& options) {
  const Convolution* op = AsPointwise(graph, node);
  const auto is_blocked = [](const Format& format) { return format.layout == Layout::kBlocked; };
  if (op == nullptr || !is_blocked(formats.outputs[0])) return nullptr;
  if (!std::ranges::all_of(formats.inputs, is_blocked)) return nullptr;
  const PackedTensor& weights = graph.weights[op->weight];
  const PackedTensor* depthwise =
      op->depthwise != nullptr ? &graph.weights[op->depthwise->weight] : nullptr;
  const int threads = options.threads > 0 ? options.threads : DefaultThreads();
  return std::make_unique<PointwiseKernel>(*op, weights, weights.shape[1], depthwise,
                                           graph.tensors[node.inputs[0]].shape, threads);
}

}  // namespace nbits
