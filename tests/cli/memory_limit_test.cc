// SPDX-License-Identifier: Apache-2.0
// Small files that ask for much memory: it is known before it is taken, and the layer is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/model.pb.h"
#include "tests/cli/expect.h"

namespace nbits::cli {
namespace {

using schema::NeuralNetworkLayer;
using ::testing::HasSubstr;

NeuralNetworkLayer& AddLayer(schema::NeuralNetwork& network, const std::string& name,
                             const std::vector<std::string>& inputs, const std::string& output) {
  NeuralNetworkLayer& layer = *network.add_layers();
  layer.set_name(name);
  for (const std::string& input : inputs) layer.add_input(input);
  if (!output.empty()) layer.add_output(output);
  return layer;
}

void AddFill(schema::NeuralNetwork& network, const std::string& name, const std::string& output,
             int64_t count) {
  auto& fill = *AddLayer(network, name, {}, output).mutable_fillstatic();
  fill.set_value(0.5f);
  fill.add_targetshape(static_cast<uint64_t>(count));
}

schema::Model ModelOf(schema::NeuralNetwork network) {
  schema::Model model;
  model.set_specificationversion(5);
  auto& output = *model.mutable_description()->add_output();
  output.set_name("y");
  output.mutable_type()->mutable_multiarraytype()->set_datatype(schema::ArrayFeatureType::FLOAT32);
  network.set_arrayinputshapemapping(schema::EXACT_ARRAY_MAPPING);
  *model.mutable_neuralnetwork() = std::move(network);
  return model;
}

class MemoryLimit : public ::testing::Test {
 protected:
  ProgramResult Run(const schema::NeuralNetwork& network, const std::string& command,
                    std::vector<std::string> more) {
    WriteFile(folder_ / "m.mlmodel", ModelOf(network).SerializeAsString());
    more.insert(more.begin(), {command, folder_ / "m.mlmodel"});
    return RunProgram(more);
  }
  TestFolder folder_;
};

TEST_F(MemoryLimit, NamesTheLayerAndItsBytes) {
  schema::NeuralNetwork network;
  AddFill(network, "huge", "y", 100'000'000);
  const auto limited = Run(network, "bench", {"--runs", "1", "--memory-limit", "100M"});
  ExpectOneLine(limited, "layer 'huge' alone needs 400 MB");
  EXPECT_THAT(limited.standard_error, HasSubstr("of a limit of 100 MB"));
  const auto run = Run(network, "run", {"-o", folder_ / "out", "--memory-limit", "100M"});
  ExpectOneLine(run, "layer 'huge'");
  EXPECT_EQ(Run(network, "info", {"--memory-limit", "100M"}).exit_code, 0);
}

TEST_F(MemoryLimit, HoldsInALoopThatDoublesItsTensor) {
  schema::NeuralNetwork network;
  AddFill(network, "seed", "a", 1024);
  auto& loop = *AddLayer(network, "loop", {}, "").mutable_loop();
  loop.set_maxloopiterations(40);
  auto& body = *loop.mutable_bodynetwork();
  AddLayer(body, "double", {"a", "a"}, "b").mutable_concatnd();
  AddLayer(body, "back", {"b"}, "a").mutable_copy();
  AddLayer(network, "last", {"a"}, "y").mutable_copy();
  const auto run = Run(network, "run", {"-o", folder_ / "out", "--memory-limit", "100M"});
  ExpectOneLine(run, " MB of memory");
  EXPECT_THAT(run.standard_error, HasSubstr("limit of 100 MB"));
}

TEST_F(MemoryLimit, OneThatIsNoNumberIsWrongUsage) {
  schema::NeuralNetwork network;
  AddFill(network, "small", "y", 10);
  EXPECT_EQ(Run(network, "info", {"--memory-limit", "much"}).exit_code, 2);
  EXPECT_EQ(Run(network, "info", {"--memory-limit", "2G"}).exit_code, 0);
}

}  // namespace
}  // namespace nbits::cli
