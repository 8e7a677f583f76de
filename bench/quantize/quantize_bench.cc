// Speed of the quantizer. Bytes per second always count the Float32 side (4 bytes a weight), so
// that every row compares with the memory copy, which reads and writes that much.
#include <benchmark/benchmark.h>

#include <cstring>
#include <random>
#include <vector>

#include "nbits/quantize.h"

namespace nbits {
namespace {

constexpr int64_t kChannels = 1024;

std::vector<float> Weights(int64_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> weights(count);
  for (float& weight : weights) weight = normal(random);
  return weights;
}

void CountFloats(benchmark::State& state, int64_t count) {
  state.SetBytesProcessed(state.iterations() * count * 4);
}

void BM_MemoryCopy(benchmark::State& state) {
  const std::vector<float> source = Weights(state.range(0));
  std::vector<float> target(source.size());
  for (auto _ : state) {
    std::memcpy(target.data(), source.data(), 4 * source.size());
    benchmark::ClobberMemory();
  }
  CountFloats(state, state.range(0));
}

// Arguments: mode, bits, number of weights.
void BM_Quantize(benchmark::State& state) {
  const std::vector<float> weights = Weights(state.range(2));
  QuantizeOptions options;
  options.mode = static_cast<Mode>(state.range(0));
  options.bits = static_cast<int>(state.range(1));
  for (auto _ : state) {
    auto packed = Quantize(weights, {kChannels, state.range(2) / kChannels}, options);
    if (!packed.ok()) state.SkipWithError("not quantized");
    benchmark::DoNotOptimize(packed);
  }
  state.SetLabel(std::string(ModeName(options.mode)));
  CountFloats(state, state.range(2));
}

// One thread, 64 K weights a call, as the engine does.
void BM_DequantizeRange(benchmark::State& state) {
  const std::vector<float> weights = Weights(1 << 22);
  QuantizeOptions options;
  options.mode = static_cast<Mode>(state.range(0));
  options.bits = static_cast<int>(state.range(1));
  const auto packed = Quantize(weights, {kChannels, (1 << 22) / kChannels}, options);
  if (!packed.ok()) return state.SkipWithError("not quantized");
  std::vector<float> tile(1 << 16);
  int64_t begin = 0;
  for (auto _ : state) {
    if (!DequantizeRange(*packed, begin, tile).ok()) state.SkipWithError("not decoded");
    benchmark::ClobberMemory();
    begin = (begin + (1 << 16)) % (1 << 22);
  }
  state.SetLabel(std::string(ModeName(options.mode)));
  CountFloats(state, 1 << 16);
}

void EveryWidth(benchmark::internal::Benchmark* benchmark) {
  for (Mode mode : {Mode::kLinear, Mode::kLinearLut}) {
    for (int bits = 1; bits <= 8; ++bits) benchmark->Args({static_cast<int>(mode), bits});
  }
  benchmark->Args({static_cast<int>(Mode::kFloat16), 16});
}

void QuantizeCases(benchmark::internal::Benchmark* benchmark) {
  constexpr int64_t kCount = 44 << 20;
  const auto add = [&](Mode mode, int bits) {
    benchmark->Args({static_cast<int64_t>(mode), bits, kCount});
  };
  add(Mode::kFloat16, 16);
  for (int bits : {8, 4, 3}) add(Mode::kLinear, bits);
  add(Mode::kLinearSymmetric, 8);
  add(Mode::kLinearLut, 4);
  for (int bits : {8, 4, 2}) add(Mode::kKMeansLut, bits);
}

BENCHMARK(BM_MemoryCopy)->Arg(44 << 20)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_Quantize)->Apply(QuantizeCases)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_DequantizeRange)->Apply(EveryWidth);

}  // namespace
}  // namespace nbits
