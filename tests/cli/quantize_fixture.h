// SPDX-License-Identifier: Apache-2.0
// What the tests of nbits quantize's options share.
#ifndef NBITS_TESTS_CLI_QUANTIZE_FIXTURE_H_
#define NBITS_TESTS_CLI_QUANTIZE_FIXTURE_H_

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/crafted_model.h"
#include "tests/cli/program.h"

namespace nbits::cli {

// A folder with "m.mlmodel": inner products "dense", 16 -> 8, and "top", 8 -> 4 with a bias.
class QuantizeFixture : public ::testing::Test {
 protected:
  QuantizeFixture() { Write(TwoProducts()); }

  static schema::Model TwoProducts() {
    schema::Model model = DenseModel();
    auto& layer = *model.mutable_neuralnetwork()->add_layers();
    layer.set_name("top");
    layer.add_input("y");
    layer.add_output("z");
    auto& top = *layer.mutable_innerproduct();
    top.set_inputchannels(8);
    top.set_outputchannels(4);
    top.set_hasbias(true);
    for (int i = 0; i < 32; ++i)
      top.mutable_weights()->add_floatvalue(0.07f * float(i % 11) - 0.3f);
    for (int i = 0; i < 4; ++i) top.mutable_bias()->add_floatvalue(0.1f * float(i) + 0.013f);
    return model;
  }

  void Write(const schema::Model& model) { WriteFile(model_, model.SerializeAsString()); }

  // nbits quantize ARGUMENTS m.mlmodel -o out.mlmodel
  ProgramResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "quantize");
    arguments.insert(arguments.end(), {model_, "-o", out_});
    return RunProgram(arguments);
  }

  // The same with --json, which has to succeed even where nothing becomes smaller.
  nlohmann::json Json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--json", "--allow-unchanged"});
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << ::testing::PrintToString(arguments) << result.standard_error;
    return nlohmann::json::parse(result.standard_output, nullptr, false);
  }

  // "dense/weights 4:linear" for each weight that was changed.
  std::vector<std::string> Changed(const std::vector<std::string>& arguments) {
    const nlohmann::json json = Json(arguments);
    std::vector<std::string> changed;
    for (const auto& weight : json["changed"]) {
      changed.push_back(weight["path"].get<std::string>() + " " +
                        std::to_string(weight["bits"].get<int>()) + ":" +
                        weight["mode"].get<std::string>());
    }
    return changed;
  }

  TestFolder folder_;
  const std::string model_ = folder_ / "m.mlmodel", out_ = folder_ / "out.mlmodel";
};

}  // namespace nbits::cli

#endif  // NBITS_TESTS_CLI_QUANTIZE_FIXTURE_H_
