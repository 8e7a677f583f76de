// SPDX-License-Identifier: Apache-2.0
#include "tests/compress/every_weight.h"

#include <string>

#include "tests/compress/network_builder.h"

namespace nbits {
namespace {

using schema::WeightParams;

// Distinct values about 1, so that none is exact in few bits.
void FillWith(size_t count, WeightParams* weight) {
  Values values(count);
  for (size_t i = 0; i < count; ++i) {
    values[i] = 0.11f + 0.013f * static_cast<float>(i * 37 % 101) - 0.6f;
  }
  Fill(weight, values);
}

void AddConvolutions(schema::NeuralNetwork& network) {
  schema::ConvolutionLayerParams* plain = AddConvolution(network, "x", "a", 2, 6, {});
  network.mutable_layers(network.layers_size() - 1)->set_name("convolution");
  plain->set_hasbias(true);
  FillWith(12, plain->mutable_weights());
  FillWith(6, plain->mutable_bias());
  // Two groups of three output channels.
  schema::ConvolutionLayerParams* transposed = AddConvolution(network, "a", "b", 4, 6, {});
  network.mutable_layers(network.layers_size() - 1)->set_name("deconvolution");
  transposed->set_isdeconvolution(true);
  transposed->set_ngroups(2);
  transposed->set_hasbias(true);
  FillWith(12, transposed->mutable_weights());
  FillWith(6, transposed->mutable_bias());
}

void AddConvolution3d(schema::NeuralNetwork& network, const std::string& name, bool transposed) {
  auto* params = AddLayer(network, name, "x", name + "_out")->mutable_convolution3d();
  params->set_inputchannels(4);
  params->set_outputchannels(6);
  params->set_ngroups(2);
  params->set_kerneldepth(1);
  params->set_kernelheight(2);
  params->set_kernelwidth(1);
  params->set_isdeconvolution(transposed);
  params->set_hasbias(true);
  FillWith(24, params->mutable_weights());
  FillWith(6, params->mutable_bias());
}

void AddMatrices(schema::NeuralNetwork& network) {
  auto* product = AddLayer(network, "innerProduct", "x", "p")->mutable_innerproduct();
  product->set_inputchannels(5);
  product->set_outputchannels(4);
  auto* matmul = AddLayer(network, "batchedMatmul", "x", "m")->mutable_batchedmatmul();
  matmul->set_weightmatrixfirstdimension(5);
  matmul->set_weightmatrixseconddimension(4);
  auto* embedding = AddLayer(network, "embedding", "x", "e")->mutable_embedding();
  embedding->set_inputdim(5);
  embedding->set_outputchannels(4);
  auto* embedding_nd = AddLayer(network, "embeddingND", "x", "n")->mutable_embeddingnd();
  embedding_nd->set_vocabsize(5);
  embedding_nd->set_embeddingsize(4);
  const auto fill = [](auto* params) {
    params->set_hasbias(true);
    FillWith(20, params->mutable_weights());
    FillWith(4, params->mutable_bias());
  };
  fill(product);
  fill(matmul);
  fill(embedding);
  fill(embedding_nd);
}

void AddVectors(schema::NeuralNetwork& network) {
  auto* batchnorm = AddLayer(network, "batchnorm", "x", "v")->mutable_batchnorm();
  batchnorm->set_channels(3);
  for (WeightParams* weight : {batchnorm->mutable_gamma(), batchnorm->mutable_beta(),
                               batchnorm->mutable_mean(), batchnorm->mutable_variance()}) {
    FillWith(3, weight);
  }
  auto* scale = AddLayer(network, "scale", "x", "s")->mutable_scale();
  auto* bias = AddLayer(network, "bias", "x", "i")->mutable_bias();
  auto* constant = AddLayer(network, "loadConstant", "x", "c")->mutable_loadconstant();
  auto* constant_nd = AddLayer(network, "loadConstantND", "x", "d")->mutable_loadconstantnd();
  for (const uint64_t extent : {3, 2, 1}) {
    scale->add_shapescale(extent);
    scale->add_shapebias(extent);
    bias->add_shape(extent);
    constant->add_shape(extent);
    constant_nd->add_shape(extent);
  }
  scale->set_hasbias(true);
  for (WeightParams* weight : {scale->mutable_scale(), scale->mutable_bias(), bias->mutable_bias(),
                               constant->mutable_data(), constant_nd->mutable_data()}) {
    FillWith(6, weight);
  }
  auto* normal = AddLayer(network, "layerNormalization", "x", "l")->mutable_layernormalization();
  normal->add_normalizedshape(4);
  FillWith(4, normal->mutable_gamma());
  FillWith(4, normal->mutable_beta());
}

void AddActivations(schema::NeuralNetwork& network) {
  FillWith(3, AddLayer(network, "prelu", "x", "pr")
                  ->mutable_activation()
                  ->mutable_prelu()
                  ->mutable_alpha());
  auto* softplus =
      AddLayer(network, "softplus", "x", "sp")->mutable_activation()->mutable_parametricsoftplus();
  FillWith(3, softplus->mutable_alpha());
  FillWith(3, softplus->mutable_beta());
  auto* custom = AddLayer(network, "custom", "x", "cu")->mutable_custom();
  custom->set_classname("Own");
  FillWith(5, custom->add_weights());
  FillWith(7, custom->add_weights());
}

void FillLstm(schema::LSTMWeightParams* params) {
  for (WeightParams* weight :
       {params->mutable_inputgateweightmatrix(), params->mutable_forgetgateweightmatrix(),
        params->mutable_blockinputweightmatrix(), params->mutable_outputgateweightmatrix()}) {
    FillWith(6, weight);
  }
  for (WeightParams* weight :
       {params->mutable_inputgaterecursionmatrix(), params->mutable_forgetgaterecursionmatrix(),
        params->mutable_blockinputrecursionmatrix(), params->mutable_outputgaterecursionmatrix()}) {
    FillWith(9, weight);
  }
  for (WeightParams* weight :
       {params->mutable_inputgatebiasvector(), params->mutable_forgetgatebiasvector(),
        params->mutable_blockinputbiasvector(), params->mutable_outputgatebiasvector(),
        params->mutable_inputgatepeepholevector(), params->mutable_forgetgatepeepholevector(),
        params->mutable_outputgatepeepholevector()}) {
    FillWith(3, weight);
  }
}

// From 2 values to 3.
template <typename Params>
void SetSizes(Params* params) {
  params->set_inputvectorsize(2);
  params->set_outputvectorsize(3);
}

void AddRecurrent(schema::NeuralNetwork& network) {
  auto* simple = AddLayer(network, "simpleRecurrent", "x", "r")->mutable_simplerecurrent();
  SetSizes(simple);
  simple->set_hasbiasvector(true);
  FillWith(6, simple->mutable_weightmatrix());
  FillWith(9, simple->mutable_recursionmatrix());
  FillWith(3, simple->mutable_biasvector());
  auto* gru = AddLayer(network, "gru", "x", "g")->mutable_gru();
  SetSizes(gru);
  gru->set_hasbiasvectors(true);
  for (WeightParams* weight :
       {gru->mutable_updategateweightmatrix(), gru->mutable_resetgateweightmatrix(),
        gru->mutable_outputgateweightmatrix()}) {
    FillWith(6, weight);
  }
  for (WeightParams* weight :
       {gru->mutable_updategaterecursionmatrix(), gru->mutable_resetgaterecursionmatrix(),
        gru->mutable_outputgaterecursionmatrix()}) {
    FillWith(9, weight);
  }
  for (WeightParams* weight :
       {gru->mutable_updategatebiasvector(), gru->mutable_resetgatebiasvector(),
        gru->mutable_outputgatebiasvector()}) {
    FillWith(3, weight);
  }
  auto* one = AddLayer(network, "uniDirectionalLSTM", "x", "u")->mutable_unidirectionallstm();
  auto* both = AddLayer(network, "biDirectionalLSTM", "x", "w")->mutable_bidirectionallstm();
  SetSizes(one);
  SetSizes(both);
  for (schema::LSTMParams* flags : {one->mutable_params(), both->mutable_params()}) {
    flags->set_hasbiasvectors(true);
    flags->set_haspeepholevectors(true);
  }
  FillLstm(one->mutable_weightparams());
  FillLstm(both->add_weightparams());
  FillLstm(both->add_weightparams());
}

void AddSigned(WeightParams* weight, size_t count) {
  weight->set_int8rawvalue(std::string(count, '\x11'));
  weight->mutable_quantization()->set_numberofbits(8);
  weight->mutable_quantization()->mutable_linearquantization()->add_scale(0.5f);
}

}  // namespace

schema::Model EveryWeightModel() {
  schema::Model model = EmptyModel({"a"});
  schema::NeuralNetwork& network = *model.mutable_neuralnetwork();
  AddConvolutions(network);
  AddConvolution3d(network, "convolution3d", false);
  AddConvolution3d(network, "deconvolution3d", true);
  AddMatrices(network);
  AddVectors(network);
  AddActivations(network);
  AddRecurrent(network);
  schema::BranchLayerParams* branch = AddLayer(network, "branch", "x", "br")->mutable_branch();
  AddConvolution3d(*branch->mutable_ifbranch(), "nested3d", false);
  AddMatrices(*branch->mutable_elsebranch());
  return model;
}

schema::Model UpdatableModel() {
  schema::Model model = EmptyModel({"y"});
  model.set_specificationversion(4);
  model.set_isupdatable(true);
  schema::NeuralNetwork& network = *model.mutable_neuralnetwork();
  for (const std::string name : {"base", "fc"}) {
    const bool is_last = name == "fc";
    schema::NeuralNetworkLayer* layer =
        AddLayer(network, name, is_last ? "h" : "x", is_last ? "y" : "h");
    layer->set_isupdatable(is_last);
    auto* product = layer->mutable_innerproduct();
    product->set_inputchannels(4);
    product->set_outputchannels(4);
    product->set_hasbias(true);
    FillWith(16, product->mutable_weights());
    FillWith(4, product->mutable_bias());
    product->mutable_weights()->set_isupdatable(is_last);
    product->mutable_bias()->set_isupdatable(is_last);
  }
  return model;
}

schema::Model DynamicInt8Model() {
  schema::Model model = EmptyModel({"y"});
  model.set_specificationversion(5);
  schema::NeuralNetwork& network = *model.mutable_neuralnetwork();
  auto* product = AddLayer(network, "product", "x", "h")->mutable_innerproduct();
  product->set_inputchannels(4);
  product->set_outputchannels(3);
  auto* matmul = AddLayer(network, "matmul", "h", "y")->mutable_batchedmatmul();
  matmul->set_weightmatrixfirstdimension(4);
  matmul->set_weightmatrixseconddimension(3);
  const auto fill = [](auto* params) {
    params->set_int8dynamicquantize(true);
    params->set_hasbias(true);
    AddSigned(params->mutable_weights(), 12);
    FillWith(3, params->mutable_bias());
  };
  fill(product);
  fill(matmul);
  return model;
}

}  // namespace nbits
