// SPDX-License-Identifier: Apache-2.0
// One operation run by one kernel on tensors in given formats.
#ifndef NBITS_TESTS_ENGINE_NODE_RUNNER_H_
#define NBITS_TESTS_ENGINE_NODE_RUNNER_H_

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "engine/kernel.h"
#include "engine/kernels/plain.h"
#include "formats/neural_network/import/builder.h"

namespace nbits::testing {

// Of an output's largest magnitude: the rounding of sums of up to 1500 products in Float32, and of
// half precision (2^-11) with the result's own.
inline constexpr float kFloatTolerance = 4e-6f, kHalfTolerance = 1e-3f;

inline std::vector<float> RandomValues(int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(generator);
  return values;
}

// Stored values of a tensor.
struct Stored {
  Shape shape;
  Format format;
  AlignedMemory memory;

  static Stored Make(const Shape& shape, const Format& format) {
    const int64_t bytes = StoredBytes(shape, format);
    Stored stored{shape, format, AllocateAligned(bytes)};
    // Whatever a kernel leaves out shows as NaN.
    std::fill_n(stored.memory.get(), AlignedSize(bytes), std::byte{0xff});
    return stored;
  }
  float* data() const { return reinterpret_cast<float*>(memory.get()); }
  Operand operand() const { return {shape, data(), format}; }
  Result result() const { return {shape, data(), format}; }
};

// By the plain kernel.
inline Stored Reformatted(const Stored& from, const Format& format) {
  Stored to = Stored::Make(from.shape, format);
  if (from.format == format) {
    std::copy_n(from.memory.get(), StoredBytes(from.shape, format), to.memory.get());
    return to;
  }
  const graph::Graph empty;
  Workspace workspace(empty, nullptr, 0);
  const Operand operands[] = {from.operand()};
  const Result results[] = {to.result()};
  RunPlain(graph::Reformat{}, {operands, results, workspace, 1});
  return to;
}

class NodeRunner {
 public:
  // Random inputs of these shapes. The operation's weight ids count from 0 in `weights`.
  NodeRunner(const graph::Op& op, const std::vector<Shape>& shapes,
             std::vector<PackedTensor> weights = {}) {
    for (PackedTensor& weight : weights) builder_.AddWeight(std::move(weight));
    std::vector<graph::TensorId> ids;
    for (const Shape& shape : shapes) {
      ids.push_back(*builder_.AddInput("input", shape));
      Stored input = Stored::Make(shape, kPlanarFormat);
      const std::vector<float> values =
          RandomValues(graph::Product(shape), static_cast<unsigned>(ids.size()));
      std::ranges::copy(values, input.data());
      inputs_.push_back(std::move(input));
    }
    const auto output = builder_.AddOne(op, ids);
    EXPECT_TRUE(output.ok()) << output.status();
  }

  const graph::Graph& graph() { return builder_.graph(); }
  const graph::Node& node() { return graph().nodes.back(); }

  EngineOptions& options() { return options_; }  // Of the fast kernel.
  Stored& input(size_t index) { return inputs_[index]; }

  // Rounds the inputs to half precision, so that storing them so loses nothing.
  void RoundInputs() {
    for (Stored& input : inputs_) {
      input = Reformatted(Reformatted(input, kBlockedHalfFormat), kPlanarFormat);
    }
  }

  Stored RunPlainKernel() {
    EngineOptions options;
    options.plain = true;
    return Run(PlanarFormats(node()), options, 1, nullptr);
  }

  // With the formats that the registry chooses when the inputs are in `current`. The result is
  // planar; `chosen`, if given, is told the formats.
  Stored RunFastKernel(const std::vector<Format>& current, int threads,
                       NodeFormats* chosen = nullptr) {
    const NodeFormats formats = ChooseNodeFormats(graph(), node(), current, options_);
    if (chosen != nullptr) *chosen = formats;
    return RunAs(formats, threads);
  }
  // The first kernel of the registry that takes these formats.
  Stored RunAs(const NodeFormats& formats, int threads) {
    Stored output = Run(formats, options_, threads, &kernel_name_);
    CheckPadding(output);
    return Reformatted(output, kPlanarFormat);
  }
  const std::string& kernel_name() const { return kernel_name_; }

 private:
  Stored Run(const NodeFormats& formats, EngineOptions options, int threads, std::string* name) {
    options.threads = threads;
    const auto kernel = MakeKernel(graph(), node(), formats, options);
    EXPECT_TRUE(kernel.ok()) << kernel.status();
    if (name != nullptr) *name = std::string((*kernel)->name());
    std::vector<Stored> stored;
    std::vector<Operand> operands;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      stored.push_back(Reformatted(inputs_[i], formats.inputs[i]));
    }
    for (size_t i = 0; i < inputs_.size(); ++i) operands.push_back(stored[i].operand());
    Stored output = Stored::Make(graph().tensors[node().outputs[0]].shape, formats.outputs[0]);
    const Result results[] = {output.result()};
    int64_t bytes = (*kernel)->workspace_bytes();
    for (const PackedTensor& weight : graph().weights) bytes += DecodedBytes(weight);
    const AlignedMemory memory = AllocateAligned(bytes);
    Workspace workspace(graph(), memory.get(), bytes);
    const absl::Status status = (*kernel)->Run({operands, results, workspace, threads});
    EXPECT_TRUE(status.ok()) << status;
    return output;
  }

  // Channels beyond the last must be zero.
  static void CheckPadding(const Stored& stored) {
    if (stored.format.layout != Layout::kBlocked) return;
    const ImageExtents e = ImageExtentsOf(stored.shape);
    for (int64_t i = 0; i < e.batch * e.blocked_elements(); ++i) {
      const int64_t block = i / (e.pixels() * kChannelBlock) % e.blocks();
      if (block * kChannelBlock + i % kChannelBlock < e.channels) continue;
      const bool half = stored.format.element == Element::kFloat16;
      const float value =
          half ? static_cast<float>(stored.operand().halves()[i] & 0x7fff) : stored.data()[i];
      ASSERT_EQ(value, 0) << "padding at " << i;
    }
  }

  graph::Builder builder_;
  std::vector<Stored> inputs_;
  EngineOptions options_;
  std::string kernel_name_;
};

// Every value within `tolerance` of the larger of 1 and its magnitude.
inline void ExpectNear(const Stored& actual, const Stored& expected, float tolerance) {
  ASSERT_EQ(actual.shape, expected.shape);
  for (int64_t i = 0; i < graph::Product(expected.shape); ++i) {
    const float want = expected.data()[i], got = actual.data()[i];
    ASSERT_LE(std::abs(got - want), tolerance * std::max(1.0f, std::abs(want)))
        << "value " << i << ": " << got << " instead of " << want;
  }
}

}  // namespace nbits::testing

#endif  // NBITS_TESTS_ENGINE_NODE_RUNNER_H_
