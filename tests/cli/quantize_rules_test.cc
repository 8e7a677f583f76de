// SPDX-License-Identifier: Apache-2.0
// nbits quantize: which weights get which format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/cli/expect.h"
#include "tests/cli/quantize_fixture.h"

namespace nbits::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kDense4[] = "dense/weights 4:linear", kTop4[] = "top/weights 4:linear";

// No bias in what is compared: the policy decides over it.
class QuantizeRules : public QuantizeFixture {
 protected:
  std::vector<std::string> Changed(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--keep", "top/bias"});
    return QuantizeFixture::Changed(arguments);
  }
};

TEST_F(QuantizeRules, FormatByLayer) {
  EXPECT_THAT(Changed({"--bits", "4", "--layer", "top=8:kmeans_lut"}),
              ElementsAre(kDense4, "top/weights 8:kmeans_lut"));
  EXPECT_THAT(Changed({"--bits", "4", "--mode", "linear_lut", "--layer", "t*=2"}),
              ElementsAre("dense/weights 4:linear_lut", "top/weights 2:linear_lut"));
  EXPECT_THAT(Changed({"--bits", "4", "--layer", "*=8", "--layer", "dense=keep"}),
              ElementsAre("top/weights 8:linear"));
  EXPECT_THAT(Changed({"--bits", "16", "--layer", "top=4"}),
              ElementsAre("dense/weights 16:float16", kTop4));
}

TEST_F(QuantizeRules, FormatOfASingleWeightTakesABiasToo) {
  EXPECT_THAT(QuantizeFixture::Changed({"--layer", "top/bias=8:linear_symmetric"}),
              ElementsAre("top/bias 8:linear_symmetric"));
}

TEST_F(QuantizeRules, FormatByType) {
  EXPECT_THAT(Changed({"--bits", "4", "--type", "innerProduct=6:linear_lut", "--layer", "top=8"}),
              ElementsAre("dense/weights 6:linear_lut", "top/weights 8:linear"));
  EXPECT_THAT(QuantizeFixture::Changed({"--type", "bias=8"}), ElementsAre("top/bias 8:linear"));
}

TEST_F(QuantizeRules, WithoutBitsOnlyWhatRulesNameIsChanged) {
  const auto json = Json({"--layer", "dense=4"});
  EXPECT_EQ(json["changed"].size(), 1u);
  EXPECT_EQ(json["kept"][0]["reason"], "no rule names it");
}

TEST_F(QuantizeRules, NamesMayHoldAnEqualsSign) {
  schema::Model model = TwoProducts();
  model.mutable_neuralnetwork()->mutable_layers(0)->set_name("a=b");
  Write(model);
  EXPECT_THAT(Changed({"--layer", "a=b=4"}), ElementsAre("a=b/weights 4:linear"));
}

TEST_F(QuantizeRules, Keep) {
  EXPECT_THAT(Changed({"--bits", "4", "--keep", "dense"}), ElementsAre(kTop4));
  EXPECT_THAT(Changed({"--bits", "4", "--keep", "*", "--layer", "*=8"}), IsEmpty());
}

TEST_F(QuantizeRules, Conditions) {
  const auto expect = [this](std::vector<std::string> arguments, const auto& expected) {
    arguments.insert(arguments.begin(), {"--bits", "4"});
    EXPECT_THAT(Changed(arguments), expected) << ::testing::PrintToString(arguments);
  };
  expect({"--min-elements", "33"}, ElementsAre(kDense4));
  expect({"--min-elements", "32"}, ElementsAre(kDense4, kTop4));
  expect({"--min-inputs", "9"}, ElementsAre(kDense4));
  expect({"--max-inputs", "8"}, ElementsAre(kTop4));
  expect({"--min-outputs", "5"}, ElementsAre(kDense4));
  expect({"--max-outputs", "4"}, ElementsAre(kTop4));
  expect({"--only", "t*"}, ElementsAre(kTop4));
  ExpectOneLine(Run({"--bits", "4", "--only-type", "convolution"}),
                "no layer with weights is of type convolution; those of this model are of "
                "innerProduct");
  expect({"--only-type", "convolution", "--only-type", "innerProduct"},
         ElementsAre(kDense4, kTop4));
  expect({"--skip-type", "innerProduct"}, IsEmpty());
  expect({"--min-channels", "100", "--min-convolution-elements", "100"},
         ElementsAre(kDense4, kTop4));
}

TEST_F(QuantizeRules, ConditionsOfConvolutions) {
  Write(ImageModel());  // 3 kernel channels, 9 weights.
  EXPECT_THAT(QuantizeFixture::Changed({"--bits", "8", "--min-channels", "4"}), IsEmpty());
  EXPECT_THAT(QuantizeFixture::Changed({"--bits", "8", "--min-convolution-elements", "10"}),
              IsEmpty());
  EXPECT_THAT(QuantizeFixture::Changed(
                  {"--bits", "8", "--min-channels", "3", "--min-convolution-elements", "9"}),
              ElementsAre("mix/weights 8:linear"));
}

TEST_F(QuantizeRules, LinearSymmetricHasEveryWidth) {
  for (const char* bits : {"1", "2", "3", "4", "5", "6", "7", "8"}) {
    EXPECT_EQ(Run({"--bits", bits, "--mode", "linear_symmetric"}).exit_code, 0) << bits;
  }
}

TEST_F(QuantizeRules, LeastSquaredErrorClipsRanges) {
  schema::Model model = TwoProducts();
  DenseWeights(model).set_floatvalue(0, 5);  // Far out: the others get few steps.
  Write(model);
  const auto error = [this](const char* range) {
    const auto json = Json({"--bits", "3", "--only", "dense", "--range", range});
    return json["changed"][0]["squared_error"].get<double>();
  };
  EXPECT_LT(error("mse"), 0.9 * error("minmax"));
}

TEST_F(QuantizeRules, TablesAreRoundedInBalanceUnlessAskedFor) {
  const auto is_balanced = [this](std::vector<std::string> arguments) {
    const std::string plan = folder_ / "plan.json";
    arguments.insert(arguments.end(), {"--bits", "4", "--save-plan", plan});
    EXPECT_EQ(Run(arguments).exit_code, 0);
    return ReadFile(plan).find("balanced") != std::string::npos;
  };
  EXPECT_TRUE(is_balanced({"--mode", "kmeans_lut"}));
  EXPECT_TRUE(is_balanced({"--mode", "linear_lut", "--rounding", "balanced"}));
  EXPECT_FALSE(is_balanced({"--mode", "kmeans_lut", "--rounding", "nearest"}));
  EXPECT_FALSE(is_balanced({"--mode", "linear"}));
}

TEST_F(QuantizeRules, PatternsThatFitNothingAreNamed) {
  for (const char* option : {"--layer", "--keep", "--only"}) {
    const std::string value = option == std::string("--layer") ? "nothing=4" : "nothing";
    ExpectOneLine(Run({"--bits", "4", option, value}), "\"nothing\"");
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

TEST_F(QuantizeRules, WrongOptionsAreWrongUsage) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--layer", "dense"},
           {"--layer", "=4"},
           {"--layer", "dense=9"},
           {"--layer", "dense=4:best"},
           {"--layer", "dense=4:custom_lut"},
           {"--layer"},
           {"--type", "innerProduct=0"},
           {"--type", "dense=4"},
           {"--bits", "4", "--only-type", "dense"},
           {"--bits", "4", "--skip-type", "dense"},
           {"--bits", "4", "--min-elements", "-1"},
           {"--bits", "4", "--min-elements", "many"},
           {"--bits", "4", "--min-channels"},
           {"--bits", "4", "--range", "best"},
           {"--bits", "4", "--on-overflow", "ignore"},
           {"--bits", "4", "--policy", "mine"},
           {"--bits", "4", "--mode", "linear_symmetric", "--policy", "coremltools"},
           {"--bits", "4", "--range", "mse", "--policy", "coremltools"},
           {"--bits", "4", "--mode", "kmeans_lut", "--rounding", "up"},
           {"--bits", "4", "--mode", "kmeans_lut", "--rounding", "balanced", "--policy",
            "coremltools"},
           {"--mode", "kmeans_lut"}}) {
    const ProgramResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(arguments);
    EXPECT_THAT(result.standard_error, ::testing::Not(IsEmpty()));
    EXPECT_THAT(result.standard_output, IsEmpty());
  }
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

class QuantizeOverflow : public QuantizeFixture {
 protected:
  void PutIntoDense(float value) {
    schema::Model model = TwoProducts();
    DenseWeights(model).set_floatvalue(7, value);
    Write(model);
  }
};

TEST_F(QuantizeOverflow, IsAnErrorThatNamesLayerCountAndWorstValue) {
  PutIntoDense(-70000);
  ExpectOneLine(Run({"--bits", "16"}), "dense/weights: 1 of 128 weights are beyond");
  PutIntoDense(std::numeric_limits<float>::infinity());
  ExpectOneLine(Run({"--bits", "4"}), "worst inf");
  EXPECT_THAT(folder_.Names(), ElementsAre("m.mlmodel"));
}

TEST_F(QuantizeOverflow, KeepLeavesTheWeightAndWarns) {
  PutIntoDense(-70000);
  const ProgramResult result = Run({"--bits", "16", "--on-overflow", "keep", "--json"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_error,
              AllOf(HasSubstr("warning: dense/weights"), HasSubstr("worst -70000")));
  const auto json = nlohmann::json::parse(result.standard_output);
  EXPECT_EQ(json["kept"][0]["path"], "dense/weights");
  EXPECT_EQ(json["findings"][0]["trouble"], "above_float16");
  EXPECT_EQ(json["findings"][0]["count"], 1);
  EXPECT_EQ(json["findings"][0]["worst"], -70000);
}

TEST_F(QuantizeOverflow, ClampStoresTheNearestNumberAndWarns) {
  PutIntoDense(-70000);
  const auto json = Json({"--bits", "16", "--on-overflow", "clamp"});
  EXPECT_EQ(json["changed"][0]["path"], "dense/weights");
  EXPECT_EQ(json["changed"][0]["max_absolute_error"], 70000 - 65504);
  PutIntoDense(std::numeric_limits<float>::quiet_NaN());
  const ProgramResult result = Run({"--bits", "8", "--on-overflow", "clamp"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.standard_error, HasSubstr("infinite or not a number"));
}

}  // namespace
}  // namespace nbits::cli
