// SPDX-License-Identifier: Apache-2.0
// Speed of the convolutions on blocked tensors, one thread. Rates count the multiplications and
// additions of the direct sum, so that what Winograd saves shows as a rate above BM_Peak's.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

#include "engine/kernel.h"
#include "engine/kernels/convolution/block_product.h"
#include "formats/neural_network/import/builder.h"
#include "nbits/quantize.h"

namespace nbits {
namespace {

using graph::Convolution;

std::vector<float> RandomValues(int64_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

void CountOperations(benchmark::State& state, double operations) {
  state.counters["FLOP/s"] = benchmark::Counter(
      operations, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

// Products whose operands stay in the first-level cache: what every other rate is held against.
void BM_Peak(benchmark::State& state) {
  constexpr int64_t kRows = 24, kBlocks = 2, kDepth = 4;
  const std::vector<int64_t> offsets = {0, kRows * 16, 2 * kRows * 16, 3 * kRows * 16};
  const AlignedMemory memory = AllocateAligned(4 << 16);
  float* values = reinterpret_cast<float*>(memory.get());
  std::fill_n(values, 1 << 16, 0.5f);
  const BlockProduct product{.in = values,
                             .offsets = offsets,
                             .rows = kRows,
                             .weights = values + 8192,
                             .weight_stride = kDepth * 256,
                             .output_blocks = kBlocks,
                             .out = values + 16384,
                             .out_stride = kRows * 16};
  for (auto _ : state) {
    RunBlockProduct(product);
    benchmark::ClobberMemory();
  }
  CountOperations(state, 2.0 * kRows * kBlocks * 16 * kDepth * 16);
}
BENCHMARK(BM_Peak);

struct Layer {
  int64_t inputs, outputs, extent, kernel = 3, stride = 1, dilation = 1;
  Format format = kBlockedFormat;
  bool depthwise = false;  // Every channel by itself: inputs == outputs.

  int64_t inputs_of_an_output() const { return depthwise ? 1 : inputs; }
};

Convolution ConvolutionOf(const Layer& layer) {
  Convolution op;
  const int64_t pad = layer.dilation * (layer.kernel / 2);
  op.window = {{layer.kernel, layer.kernel},
               {layer.stride, layer.stride},
               {layer.dilation, layer.dilation},
               {pad, pad},
               {pad, pad}};
  const int64_t output = (layer.extent + layer.stride - 1) / layer.stride;
  op.output = {output, output};
  op.output_channels = layer.outputs;
  if (layer.depthwise) op.groups = layer.inputs;
  op.bias = RandomValues(layer.outputs);
  op.activation = graph::Unary{graph::UnaryFunction::kRelu};
  op.weight = 0;
  return op;
}

// One node with its tensors.
class Fixture {
 public:
  Fixture(const Layer& layer, const QuantizeOptions& weights) {
    const Shape shape = {layer.outputs, layer.inputs_of_an_output(), layer.kernel, layer.kernel};
    builder_.AddWeight(*Quantize(RandomValues(graph::Product(shape)), shape, weights));
    const auto input = builder_.AddInput("in", {layer.inputs, layer.extent, layer.extent});
    const auto output = builder_.AddOne(ConvolutionOf(layer), {*input});
    if (!output.ok()) return;
    const graph::Node& node = graph().nodes.back();
    formats_ = ChooseNodeFormats(graph(), node, std::vector<Format>{layer.format}, {.threads = 1});
    auto made = MakeKernel(graph(), node, formats_, {.threads = 1});
    if (made.ok()) kernel_ = *std::move(made);
    input_ = AllocateAligned(StoredBytes(ShapeOf(0), formats_.inputs[0]));
    output_ = AllocateAligned(StoredBytes(ShapeOf(1), formats_.outputs[0]));
    scratch_bytes_ = kernel_->workspace_bytes() + DecodedBytes(graph().weights[0]);
    scratch_ = AllocateAligned(scratch_bytes_);
    std::fill_n(input_.get(), StoredBytes(ShapeOf(0), formats_.inputs[0]), std::byte{0});
  }

  absl::Status Run() {
    const Operand operands[] = {{ShapeOf(0), Floats(input_), formats_.inputs[0]}};
    const Result results[] = {{ShapeOf(1), Floats(output_), formats_.outputs[0]}};
    Workspace workspace(graph(), scratch_.get(), scratch_bytes_);
    return kernel_->Run({operands, results, workspace, 1});
  }
  std::string kernel_name() const { return std::string(kernel_->name()); }

 private:
  static float* Floats(const AlignedMemory& memory) {
    return reinterpret_cast<float*>(memory.get());
  }
  graph::Graph& graph() { return builder_.graph(); }
  const Shape& ShapeOf(int tensor) { return graph().tensors[tensor].shape; }

  graph::Builder builder_;
  NodeFormats formats_;
  std::unique_ptr<Kernel> kernel_;
  AlignedMemory input_, output_, scratch_;
  int64_t scratch_bytes_ = 0;
};

void RunLayer(benchmark::State& state, const Layer& layer, const QuantizeOptions& weights) {
  Fixture fixture(layer, weights);
  for (auto _ : state) {
    if (!fixture.Run().ok()) state.SkipWithError("not run");
  }
  const double pixels = static_cast<double>(layer.extent * layer.extent) /
                        static_cast<double>(layer.stride * layer.stride);
  const int64_t products = layer.inputs_of_an_output() * layer.kernel * layer.kernel;
  CountOperations(state, 2.0 * pixels * static_cast<double>(products * layer.outputs));
  state.SetLabel(fixture.kernel_name());
}

constexpr QuantizeOptions kFloat32Weights = {.mode = Mode::kFloat32, .bits = 32};

// Arguments: input channels, output channels, height and width, dilation.
void BM_Convolution3x3(benchmark::State& state) {
  RunLayer(state, {state.range(0), state.range(1), state.range(2), 3, 1, state.range(3)},
           kFloat32Weights);
}
BENCHMARK(BM_Convolution3x3)
    ->Args({64, 64, 512, 1})
    ->Args({128, 64, 512, 1})
    ->Args({64, 16, 512, 1})
    ->Args({64, 32, 256, 1})
    ->Args({256, 64, 256, 1})
    ->Args({64, 128, 256, 1})
    ->Args({512, 128, 128, 1})
    ->Args({128, 256, 128, 1})
    ->Args({1024, 256, 64, 1})
    ->Args({256, 512, 64, 1})
    ->Args({512, 512, 32, 1})
    ->Args({512, 256, 32, 4})
    ->Args({512, 512, 16, 1})
    ->Args({32, 32, 64, 1})
    ->Unit(benchmark::kMillisecond);

// Arguments: input channels, output channels, height and width, stride.
void BM_Pointwise(benchmark::State& state) {
  RunLayer(state, {state.range(0), state.range(1), state.range(2), 1, state.range(3)},
           kFloat32Weights);
}
BENCHMARK(BM_Pointwise)
    ->Args({728, 728, 33, 1})
    ->Args({1536, 2048, 33, 1})
    ->Args({256, 256, 129, 1})
    ->Args({64, 128, 257, 1})
    ->Args({160, 960, 65, 1})
    ->Args({960, 160, 65, 1})
    ->Args({24, 144, 129, 1})
    ->Args({144, 24, 129, 1})
    ->Args({1024, 1024, 1, 1})
    ->Args({256, 728, 65, 2})
    ->Unit(benchmark::kMillisecond);

// Arguments: channels, height and width, stride, dilation.
void BM_Depthwise3x3(benchmark::State& state) {
  RunLayer(state,
           {state.range(0), state.range(0), state.range(1), 3, state.range(2), state.range(3),
            kBlockedFormat, true},
           kFloat32Weights);
}
BENCHMARK(BM_Depthwise3x3)
    ->Args({728, 33, 1, 1})
    ->Args({960, 65, 1, 2})
    ->Args({2048, 33, 1, 12})
    ->Args({2048, 33, 1, 18})
    ->Args({144, 129, 1, 1})
    ->Args({144, 129, 2, 1})
    ->Unit(benchmark::kMillisecond);

// Arguments: bits (of linear weights; 32: Float32).
void BM_PackedWeights(benchmark::State& state) {
  QuantizeOptions weights = kFloat32Weights;
  if (state.range(0) < 32) weights = {.bits = static_cast<int>(state.range(0))};
  RunLayer(state, {512, 512, 32}, weights);
}
BENCHMARK(BM_PackedWeights)->Arg(32)->Arg(8)->Arg(4)->Unit(benchmark::kMillisecond);
void BM_PackedPointwise(benchmark::State& state) {
  QuantizeOptions weights = kFloat32Weights;
  if (state.range(0) < 32) weights = {.bits = static_cast<int>(state.range(0))};
  RunLayer(state, {728, 728, 33, 1}, weights);
}
BENCHMARK(BM_PackedPointwise)->Arg(32)->Arg(8)->Arg(4)->Unit(benchmark::kMillisecond);

// A picture of 3 channels, halved.
void BM_FirstLayer(benchmark::State& state) {
  RunLayer(state, {3, 64, 1024, 3, 2, 1, kPlanarFormat}, kFloat32Weights);
}
BENCHMARK(BM_FirstLayer)->Unit(benchmark::kMillisecond);

// A matte of one channel.
void BM_LastLayer(benchmark::State& state) { RunLayer(state, {64, 1, 512}, kFloat32Weights); }
BENCHMARK(BM_LastLayer)->Unit(benchmark::kMillisecond);

// Arguments: kernel, stride.
void BM_Direct(benchmark::State& state) {
  RunLayer(state, {64, 64, 128, state.range(0), state.range(1)}, kFloat32Weights);
}
BENCHMARK(BM_Direct)->Args({3, 2})->Args({5, 1})->Args({7, 2})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nbits
