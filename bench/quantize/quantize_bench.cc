// SPDX-License-Identifier: Apache-2.0
// Speed of the quantizer. Bytes per second always count the Float32 side (4 bytes a weight), so
// that every row compares with the memory copy, which reads and writes that much.
#include <benchmark/benchmark.h>

#include <cstring>
#include <random>
#include <vector>

#include "nbits/quantize.h"
#include "quantize/nearest_encoder.h"
#include "tensor/bit_pack.h"
#include "tensor/compare_values.h"
#include "tensor/kernels.h"

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

// With the range that has the least squared error. Argument: bits.
void BM_QuantizeLeastError(benchmark::State& state) {
  constexpr int64_t kCount = 4 << 20;
  const std::vector<float> weights = Weights(kCount);
  QuantizeOptions options;
  options.bits = static_cast<int>(state.range(0));
  options.range = Range::kMeanSquaredError;
  for (auto _ : state) {
    auto packed = Quantize(weights, {kChannels, kCount / kChannels}, options);
    if (!packed.ok()) state.SkipWithError("not quantized");
    benchmark::DoNotOptimize(packed);
  }
  CountFloats(state, kCount);
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

// Weights that stay in the second-level cache: what a kernel costs apart from memory.
constexpr int64_t kTile = 1 << 15;

// One thread, one tile again and again. `body(weights, codes, floats)`.
template <typename Body>
void RunKernel(benchmark::State& state, const Body& body) {
  const std::vector<float> weights = Weights(kTile);
  std::vector<uint8_t> codes(2 * kTile);
  std::vector<float> floats(kTile);
  for (auto _ : state) {
    body(weights, codes.data(), floats);
    benchmark::ClobberMemory();
  }
  CountFloats(state, kTile);
}

void BM_KernelCopy(benchmark::State& state) {
  RunKernel(state, [](const auto& weights, uint8_t*, std::span<float> floats) {
    std::memcpy(floats.data(), weights.data(), 4 * kTile);
  });
}

void BM_KernelExtremes(benchmark::State& state) {
  RunKernel(state, [](const auto& weights, uint8_t*, std::span<float>) {
    benchmark::DoNotOptimize(FindExtremes(weights));
  });
}

void BM_KernelEncodeGrid(benchmark::State& state) {
  RunKernel(state, [](const auto& weights, uint8_t* codes, std::span<float>) {
    EncodeGrid(weights, {-4, 31.875, false, 255}, codes);
  });
}

void BM_KernelEncodeNearest(benchmark::State& state) {
  const NearestEncoder encoder(Weights(state.range(0)), kTile);
  RunKernel(state, [&](const auto& weights, uint8_t* codes, std::span<float>) {
    encoder.Encode(weights, codes);
  });
}

void BM_KernelDecodeTable(benchmark::State& state) {
  const std::vector<float> table = Weights(256);
  RunKernel(state, [&](const auto&, uint8_t* codes, std::span<float> floats) {
    DecodeTable(codes, table, floats);
  });
}

void BM_KernelDecodeLinear(benchmark::State& state) {
  RunKernel(state, [](const auto&, uint8_t* codes, std::span<float> floats) {
    DecodeLinear(codes, 0.03f, -4, floats);
  });
}

void BM_KernelPack(benchmark::State& state) {
  RunKernel(state, [&](const auto&, uint8_t* codes, std::span<float> floats) {
    PackBits({codes, kTile}, static_cast<int>(state.range(0)), BitOrder::kMostSignificantFirst,
             reinterpret_cast<std::byte*>(floats.data()));
  });
}

void BM_KernelUnpack(benchmark::State& state) {
  RunKernel(state, [&](const auto&, uint8_t* codes, std::span<float> floats) {
    UnpackBits(reinterpret_cast<const std::byte*>(floats.data()), 0,
               static_cast<int>(state.range(0)), BitOrder::kMostSignificantFirst, {codes, kTile});
  });
}

void BM_KernelEncodeHalf(benchmark::State& state) {
  RunKernel(state, [](const auto& weights, uint8_t* codes, std::span<float>) {
    EncodeHalf(weights, reinterpret_cast<uint16_t*>(codes));
  });
}

void BM_KernelCompare(benchmark::State& state) {
  RunKernel(state, [](const auto& weights, uint8_t*, std::span<float> floats) {
    benchmark::DoNotOptimize(CompareValues(weights, floats));
  });
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
BENCHMARK(BM_QuantizeLeastError)->Arg(8)->Arg(4)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_KernelCopy);
BENCHMARK(BM_KernelExtremes);
BENCHMARK(BM_KernelEncodeGrid);
BENCHMARK(BM_KernelEncodeNearest)->Arg(16)->Arg(256);
BENCHMARK(BM_KernelDecodeTable);
BENCHMARK(BM_KernelDecodeLinear);
BENCHMARK(BM_KernelPack)->DenseRange(1, 7);
BENCHMARK(BM_KernelUnpack)->DenseRange(1, 7);
BENCHMARK(BM_KernelEncodeHalf);
BENCHMARK(BM_KernelCompare);
BENCHMARK(BM_DequantizeRange)->Apply(EveryWidth);

}  // namespace
}  // namespace nbits
