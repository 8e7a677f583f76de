// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/weights/size_problem.h"

#include <cstdint>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"

namespace nbits {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 31;

struct Number {
  const char* name;
  std::string text;
  bool allowed;
};

Number Size(const char* name, uint64_t value) {
  return {name, absl::StrCat(value), value <= static_cast<uint64_t>(kMostElements)};
}
Number SignedSize(const char* name, int64_t value) {
  return {name, absl::StrCat(value), value >= 0 && value <= kMostElements};
}

template <typename Extents>
std::vector<Number> NumbersOf(const char* name, const Extents& extents) {
  std::vector<Number> numbers;
  for (const auto extent : extents) {
    if constexpr (std::is_signed_v<decltype(extent)>) {
      numbers.push_back(SignedSize(name, extent));
    } else {
      numbers.push_back(Size(name, extent));
    }
  }
  return numbers;
}

template <typename Params>
std::vector<Number> Channels(const Params& params) {
  return {Size("outputChannels", params.outputchannels()),
          Size("inputChannels", params.inputchannels())};
}

template <typename Params>
std::vector<Number> Vectors(const Params& params) {
  return {Size("outputVectorSize", params.outputvectorsize()),
          Size("inputVectorSize", params.inputvectorsize())};
}

std::vector<Number> Convolution(const schema::ConvolutionLayerParams& params) {
  std::vector<Number> numbers = NumbersOf("kernelSize", params.kernelsize());
  numbers.push_back(Size("outputChannels", params.outputchannels()));
  numbers.push_back(Size("kernelChannels", params.kernelchannels()));
  return numbers;
}

std::vector<Number> Convolution3d(const schema::Convolution3DLayerParams& params) {
  return {SignedSize("outputChannels", params.outputchannels()),
          SignedSize("inputChannels", params.inputchannels()),
          SignedSize("nGroups", params.ngroups()),
          SignedSize("kernelDepth", params.kerneldepth()),
          SignedSize("kernelHeight", params.kernelheight()),
          SignedSize("kernelWidth", params.kernelwidth())};
}

std::vector<Number> NumbersOf(const schema::NeuralNetworkLayer& layer) {
  using L = schema::NeuralNetworkLayer;
  switch (layer.layer_case()) {
    case L::kConvolution:
      return Convolution(layer.convolution());
    case L::kConvolution3D:
      return Convolution3d(layer.convolution3d());
    case L::kInnerProduct:
      return Channels(layer.innerproduct());
    case L::kEmbedding:
      return {Size("outputChannels", layer.embedding().outputchannels()),
              Size("inputDim", layer.embedding().inputdim())};
    case L::kEmbeddingND:
      return {Size("embeddingSize", layer.embeddingnd().embeddingsize()),
              Size("vocabSize", layer.embeddingnd().vocabsize())};
    case L::kBatchedMatmul:
      return {
          Size("weightMatrixFirstDimension", layer.batchedmatmul().weightmatrixfirstdimension()),
          Size("weightMatrixSecondDimension", layer.batchedmatmul().weightmatrixseconddimension())};
    case L::kBatchnorm:
      return {Size("channels", layer.batchnorm().channels())};
    case L::kSimpleRecurrent:
      return Vectors(layer.simplerecurrent());
    case L::kGru:
      return Vectors(layer.gru());
    case L::kUniDirectionalLSTM:
      return Vectors(layer.unidirectionallstm());
    case L::kBiDirectionalLSTM:
      return Vectors(layer.bidirectionallstm());
    case L::kBias:
      return NumbersOf("shape", layer.bias().shape());
    case L::kLoadConstant:
      return NumbersOf("shape", layer.loadconstant().shape());
    case L::kLoadConstantND:
      return NumbersOf("shape", layer.loadconstantnd().shape());
    case L::kLayerNormalization:
      return NumbersOf("normalizedShape", layer.layernormalization().normalizedshape());
    default:
      return {};
  }
}

// Channels that are no multiple of the groups; empty: they are.
std::string GroupProblem(const char* name, uint64_t channels, uint64_t groups) {
  if (groups == 0 || channels % groups == 0) return "";
  return absl::StrCat(name, " is ", channels, " (a multiple of nGroups, ", groups, ", is allowed)");
}

std::string ConvolutionProblem(const schema::ConvolutionLayerParams& params) {
  const int entries = params.kernelsize_size();
  if (entries != 0 && entries != 2) {
    return absl::StrCat("kernelSize has ", entries, entries == 1 ? " entry" : " entries",
                        " (height and width, or none for 3 x 3, are allowed)");
  }
  if (!params.isdeconvolution()) return "";
  return GroupProblem("outputChannels", params.outputchannels(), params.ngroups());
}

std::string Convolution3dProblem(const schema::Convolution3DLayerParams& params) {
  const bool transposed = params.isdeconvolution();
  return GroupProblem(
      transposed ? "outputChannels" : "inputChannels",
      static_cast<uint64_t>(transposed ? params.outputchannels() : params.inputchannels()),
      static_cast<uint64_t>(params.ngroups()));
}

}  // namespace

std::string SizeProblem(const schema::NeuralNetworkLayer& layer) {
  for (const Number& number : NumbersOf(layer)) {
    if (number.allowed) continue;
    return absl::StrCat(number.name, " is ", number.text, " (up to 2^31 are allowed)");
  }
  if (layer.has_convolution()) return ConvolutionProblem(layer.convolution());
  if (layer.has_convolution3d()) return Convolution3dProblem(layer.convolution3d());
  return "";
}

}  // namespace nbits
