// SPDX-License-Identifier: Apache-2.0
// nbits quantize: options, files, messages and exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/crafted_model.h"
#include "tests/cli/expect.h"
#include "tests/cli/program.h"
#include "tests/support/made_models.h"

namespace nbits::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Quantize : public ::testing::Test {
 protected:
  Quantize() { WriteFile(model_, nbits::testing::MatteModel().SerializeAsString()); }
  ProgramResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"quantize", model_});
    return RunProgram(arguments);
  }

  TestFolder folder_;
  const std::string model_ = folder_ / "m.mlmodel";
};

TEST_F(Quantize, NamesItsResultAfterBitsAndMode) {
  const ProgramResult result = Run({"--bits", "4", "--mode", "linear_lut"});
  EXPECT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_THAT(folder_.Names(), ElementsAre("m-4-linear_lut.mlmodel", "m.mlmodel"));
  EXPECT_THAT(result.standard_output, HasSubstr("6 weights changed"));
  EXPECT_LT(ReadFile(folder_ / "m-4-linear_lut.mlmodel").size(), ReadFile(model_).size() / 7);
}

TEST_F(Quantize, WrongCombinationsAreWrongUsage) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--bits", "0"},
                                             {"--bits", "9"},
                                             {"--bits", "many"},
                                             {"--bits", "16", "--mode", "kmeans_lut"},
                                             {"--bits", "8", "--mode", "dequantize"},
                                             {"--bits", "8", "--mode", "float16"},
                                             {"--bits", "8", "--mode", "custom_lut"},
                                             {"--bits", "8", "--mode", "smallest"}}) {
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(arguments);
    EXPECT_THAT(result.standard_error, ::testing::Not(IsEmpty()));
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

TEST_F(Quantize, DryRunWritesNothing) {
  const ProgramResult result = Run({"--bits", "8", "--dry-run"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_output, HasSubstr("8:linear"));
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

TEST_F(Quantize, OverwritesTheModelOnlyWhenToldTo) {
  const size_t before = ReadFile(model_).size();
  EXPECT_EQ(Run({"--bits", "8", "-o", model_}).exit_code, 0);
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
  EXPECT_LT(ReadFile(model_).size(), before / 3);
}

TEST_F(Quantize, NothingToDoIsNoSuccessUnlessAllowed) {
  const std::string quantized = folder_ / "q.mlmodel", again = folder_ / "r.mlmodel";
  ASSERT_EQ(Run({"--bits", "8", "-o", quantized}).exit_code, 0);
  ProgramResult result = RunProgram({"quantize", quantized, "--bits", "8", "-o", again});
  ExpectOneLine(result, "8-bit linear already");
  EXPECT_THAT(result.standard_error, HasSubstr("nothing was written"));
  EXPECT_FALSE(std::filesystem::exists(again));
  result = RunProgram({"quantize", quantized, "--bits", "8", "--allow-unchanged", "-o", again});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(ReadFile(again), ReadFile(quantized));
  // coremltools' policy leaves it alone though something else is asked for.
  result = RunProgram({"quantize", quantized, "--bits", "4", "--policy", "coremltools", "--keep",
                       "*/bias", "--allow-unchanged", "-o", again});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_error, HasSubstr("8-bit linear already"));
  EXPECT_THAT(result.standard_error, HasSubstr("--mode dequantize"));
  EXPECT_EQ(ReadFile(again), ReadFile(quantized));
}

TEST_F(Quantize, AFileThatWouldGrowIsNotWritten) {
  // A table of 256 entries takes more than is saved in 128 weights.
  WriteFile(model_, DenseModel().SerializeAsString());
  ExpectOneLine(Run({"--bits", "8", "--mode", "kmeans_lut"}), "would not become smaller");
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
  EXPECT_EQ(Run({"--bits", "8", "--mode", "kmeans_lut", "--allow-unchanged"}).exit_code, 0);
}

TEST_F(Quantize, ModelsWithoutWeightsOfOursAreNoSuccess) {
  schema::Model model;
  model.set_specificationversion(1);
  model.mutable_description()->add_input()->set_name("x");
  const std::string identity("\xa2\x38\x00", 3);  // Field 900 of the format, of no bytes.
  WriteFile(model_, model.SerializeAsString() + identity);
  ExpectOneLine(Run({"--bits", "8"}), "no weights of a network; its type is identity");
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

TEST_F(Quantize, SaysInWordsWhatTheLossMeans) {
  const ProgramResult good = Run({"--bits", "16", "-o", folder_ / "half.mlmodel"});
  EXPECT_THAT(good.standard_output, HasSubstr("Good: the weights' SNR is 7"));
  EXPECT_THAT(good.standard_output,
              HasSubstr("\n  nbits compare " + model_ + " " + (folder_ / "half.mlmodel") +
                        " --images PICTURES -o FOLDER\n"));
  EXPECT_THAT(Run({"--bits", "3"}).standard_output, HasSubstr("Visible loss is likely"));
  EXPECT_THAT(Run({"--bits", "3", "--json"}).standard_output, Not(HasSubstr("likely")));
}

TEST_F(Quantize, RulesThatNameNothingGetTheNearestNames) {
  ExpectOneLine(Run({"--layer", "conv_1=8"}), "the nearest are ");
  ExpectOneLine(Run({"--layer", "conv_1=8"}), "nbits info MODEL --weights");
  ExpectOneLine(Run({"--bits", "8", "--only-type", "embedding"}),
                "no layer with weights is of type embedding; those of this model are of ");
  ExpectOneLine(Run({"--type", "gru=8"}), "is of type gru");
  EXPECT_EQ(Run({"--bits", "8", "--skip-type", "gru"}).exit_code, 0);
}

TEST_F(Quantize, DequantizeRestoresTheSize) {
  const std::string quantized = folder_ / "q.mlmodel", restored = folder_ / "f.mlmodel";
  ASSERT_EQ(Run({"--bits", "8", "-o", quantized}).exit_code, 0);
  ASSERT_EQ(RunProgram({"quantize", quantized, "--mode", "dequantize", "-o", restored}).exit_code,
            0);
  const auto size = static_cast<double>(ReadFile(model_).size());
  EXPECT_NEAR(static_cast<double>(ReadFile(restored).size()), size, 100);
}

TEST_F(Quantize, JsonGoesToStandardOutput) {
  const ProgramResult result = Run({"--bits", "8", "--json"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.standard_output.front(), '{');
  EXPECT_THAT(result.standard_output, HasSubstr("\"bytes_after\""));
}

TEST_F(Quantize, MissingModelIsAFailureNotWrongUsage) {
  const ProgramResult result = RunProgram({"quantize", folder_ / "none.mlmodel", "--bits", "8"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.standard_error, HasSubstr("none.mlmodel"));
}

TEST_F(Quantize, FolderThatIsNotThereIsMadeWhereItCanBe) {
  EXPECT_EQ(Run({"--bits", "8", "-o", folder_ / "m.mlmodel/folder/x.mlmodel"}).exit_code, 1);
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
  EXPECT_EQ(Run({"--bits", "8", "-o", folder_ / "new/folder/x.mlmodel"}).exit_code, 0);
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel", "new"));
}

// Weights can be made smaller also where nobody but the application can run the model.
TEST(QuantizeUnrunnable, ModelsWithCustomLayersAreQuantizedAllTheSame) {
  TestFolder folder;
  schema::Model model = DenseModel();
  auto& layer = *model.mutable_neuralnetwork()->add_layers();
  layer.set_name("sorcery");
  layer.add_input("y");
  layer.add_output("z");
  layer.mutable_custom()->set_classname("Wand");
  WriteFile(folder / "m.mlmodel", model.SerializeAsString());
  const ProgramResult result =
      RunProgram({"quantize", folder / "m.mlmodel", "--bits", "8", "-o", folder / "q.mlmodel"});
  EXPECT_EQ(result.exit_code, 0) << result.standard_error;
  schema::Model quantized;
  ASSERT_TRUE(quantized.ParseFromString(ReadFile(folder / "q.mlmodel")));
  EXPECT_EQ(quantized.neuralnetwork().layers(1).custom().classname(), "Wand");
  EXPECT_EQ(DenseWeights(quantized).rawvalue().size(), 8u * 16u);
}

}  // namespace
}  // namespace nbits::cli
