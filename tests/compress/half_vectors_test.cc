// SPDX-License-Identifier: Apache-2.0
// Which vectors the default policy stores in Float16, and that no layer mixes Float16 and Float32,
// which Core ML refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nbits/compress.h"
#include "tests/compress/network_builder.h"

namespace nbits {
namespace {

using ::testing::ElementsAre;

// Layer 1 a convolution with these two weights and biases, layer 2 a scale layer that is no
// neighbour of it.
schema::Model ConvolutionAndScale(const Values& weights, const Values& bias) {
  schema::Model file = EmptyModel({"y", "z"});
  auto* convolution = AddConvolution(*file.mutable_neuralnetwork(), "x", "y", 1, 2, weights);
  Fill(convolution->mutable_bias(), bias);
  convolution->set_hasbias(true);
  AddScale(*file.mutable_neuralnetwork(), "x", "z", {0.5f, 3}, {1, 2});
  return file;
}

// The schemes of the convolution's kernel and bias and of the scale layer's scale and bias.
std::vector<Scheme> Compressed(const schema::Model& file, const CompressOptions& options) {
  Model model = Opened(file);
  EXPECT_TRUE(Compress(model, options).ok());
  std::vector<Scheme> schemes;
  for (const WeightRef& weight : model.weights()) schemes.push_back(weight.tensor.scheme);
  return schemes;
}

constexpr Scheme kFull = Scheme::kFloat32, kHalf = Scheme::kFloat16, kGrid = Scheme::kLinear;

TEST(HalfVectors, BiasesAndScalesAreHalved) {
  EXPECT_THAT(Compressed(ConvolutionAndScale({1, 2}, {3, 4}), {}),
              ElementsAre(kGrid, kHalf, kHalf, kHalf));
}

TEST(HalfVectors, KeptOnesAndThoseBesideThemStay) {
  const schema::Model file = ConvolutionAndScale({1, 2}, {3, 4});
  EXPECT_THAT(Compressed(file, {.keep = {"*/bias"}}), ElementsAre(kGrid, kFull, kFull, kFull));
  EXPECT_THAT(Compressed(file, {.keep = {"*/weights"}}), ElementsAre(kFull, kFull, kHalf, kHalf));
}

TEST(HalfVectors, ValuesThatWouldSufferStay) {
  for (const float value : {70000.0f, 1e-7f}) {
    EXPECT_THAT(Compressed(ConvolutionAndScale({1, 2}, {value, value}), {}),
                ElementsAre(kGrid, kFull, kHalf, kHalf))
        << value;
  }
  // Beside large values small ones do not count.
  EXPECT_THAT(Compressed(ConvolutionAndScale({1, 2}, {1, 1e-7f}), {}),
              ElementsAre(kGrid, kHalf, kHalf, kHalf));
}

TEST(HalfVectors, VarianceThatIsNotANormalHalfStaysWithItsLayer) {
  for (const auto& [variance, scheme] : {std::pair(1e-4f, kHalf), std::pair(1e-5f, kFull)}) {
    schema::Model file = EmptyModel({"y"});
    AddBatchnorm(*file.mutable_neuralnetwork(), "x", "y", {1}, {2}, {3}, {variance});
    EXPECT_THAT(Compressed(file, {.fold = Folding::kNever}),
                ElementsAre(scheme, scheme, scheme, scheme));
  }
}

TEST(HalfVectors, StayBesideTablesOfManyEntries) {
  constexpr Scheme kTable = Scheme::kLookupTable;
  for (const auto& [bits, vectors] : {std::pair(6, kHalf), std::pair(7, kFull)}) {
    EXPECT_THAT(
        Compressed(ConvolutionAndScale({1, 2}, {3, 4}), {.mode = Mode::kKMeansLut, .bits = bits}),
        ElementsAre(kTable, vectors, vectors, vectors));
  }
}

TEST(HalfVectors, UpdatableModelsHaveNone) {
  schema::Model file = ConvolutionAndScale({1, 2}, {3, 4});
  file.set_isupdatable(true);
  EXPECT_THAT(Compressed(file, {}), ElementsAre(kGrid, kFull, kFull, kFull));
}

TEST(HalfVectors, BiasGoesWithAKernelOfFloat16) {
  const CompressOptions half = {.mode = Mode::kFloat16, .bits = 16};
  EXPECT_THAT(Compressed(ConvolutionAndScale({1, 2}, {1e-7f, 1e-7f}), half),
              ElementsAre(kHalf, kHalf, kHalf, kHalf));
}

TEST(HalfVectors, ALayerStaysFloat32WhenOneOfItsWeightsMust) {
  for (const Policy policy : {Policy::kBulk, Policy::kCoremltools}) {
    const CompressOptions half = {
        .mode = Mode::kFloat16, .bits = 16, .policy = policy, .on_overflow = Overflow::kKeepFloat};
    EXPECT_THAT(Compressed(ConvolutionAndScale({1, 70000}, {3, 4}), half),
                ElementsAre(kFull, kFull, kHalf, kHalf));
    EXPECT_THAT(Compressed(ConvolutionAndScale({1, 2}, {3, 70000}), half),
                ElementsAre(kFull, kFull, kHalf, kHalf));
  }
}

}  // namespace
}  // namespace nbits
