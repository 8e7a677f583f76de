// SPDX-License-Identifier: Apache-2.0
// Inputs that others found faults with, each of which stands for a kind: all of them behave now.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nbits/forms.h"
#include "nbits/model.h"
#include "nbits/npy.h"
#include "tests/cli/expect.h"
#include "tests/cli/program.h"
#include "tests/support/left_out.h"

namespace nbits::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

fs::path Faults() { return Corpus().parent_path() / "faults/inputs"; }

class FaultInputs : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(Faults())) NBITS_LEAVE_OUT("they need the inputs of faults in ../shared");
  }

  static std::string At(const std::string& name) { return (Faults() / name).string(); }

  // Runs a model on inputs NAME=FILE or FILE, files being named within the model's folder.
  ProgramResult Run(const std::string& model, const std::vector<std::string>& inputs,
                    const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"run", At(model), "-o", out_};
    for (const std::string& input : inputs) {
      const size_t name = input.find('=') + 1;  // 0: none.
      const std::string file = (fs::path(At(model)).parent_path() / input.substr(name)).string();
      arguments.insert(arguments.end(), {"-i", input.substr(0, name) + file});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments);
  }

  // What was written of an output, an empty tensor when nothing was.
  Tensor Output(const std::string& name) {
    auto tensor = ReadNpy(out_ + "/" + name + ".npy");
    EXPECT_TRUE(tensor.ok()) << tensor.status();
    return tensor.ok() ? *std::move(tensor) : Tensor();
  }

  void ExpectOutput(const std::string& name, const std::string& expected, float tolerance) {
    const auto wanted = ReadNpy(At(expected));
    ASSERT_TRUE(wanted.ok()) << wanted.status();
    ExpectValues(Output(name).values, wanted->values, tolerance);
  }

  static void ExpectValues(const std::vector<float>& got, const std::vector<float>& wanted,
                           float tolerance) {
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], tolerance) << i;
  }

  // Quantizes; what was written is nothing that Core ML refuses.
  ProgramResult Quantize(const std::string& model, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"quantize", At(model)});
    arguments.insert(arguments.end(), {"-o", folder_ / "q.mlmodel"});
    fs::remove(folder_ / "q.mlmodel");
    ProgramResult result = RunProgram(arguments);
    if (!fs::exists(folder_ / "q.mlmodel")) return result;
    const auto written = Model::Open(folder_ / "q.mlmodel");
    EXPECT_TRUE(written.ok()) << written.status();
    if (!written.ok()) return result;
    for (const FormBreach& breach : FormBreaches(*written)) {
      ADD_FAILURE() << breach.path << ": " << breach.reason;
    }
    return result;
  }

  // The metrics of a model compared with itself quantized to 8 bits.
  nlohmann::json Compared(const std::string& model, const std::vector<std::string>& inputs) {
    EXPECT_EQ(Quantize(model, {"-b", "8"}).exit_code, 0);
    std::vector<std::string> arguments = {
        "compare", At(model), folder_ / "q.mlmodel", "--runs", "1", "-o", out_, "--overwrite"};
    arguments.insert(arguments.end(), inputs.begin(), inputs.end());
    const ProgramResult result = RunProgram(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.standard_error;
    return nlohmann::json::parse(ReadFile(out_ + "/results.json"))["variants"][1]["metrics"];
  }

  TestFolder folder_;
  const std::string out_ = folder_ / "out";
};

TEST_F(FaultInputs, MemoryIsKnownBeforeItIsTaken) {
  const auto result =
      RunProgram({"bench", At("bad-alloc-17.mlmodel"), "--runs", "1", "--memory-limit", "400M"});
  ExpectOneLine(result, "layer 'cat' alone needs 268 MB");
}

TEST_F(FaultInputs, RankTwoIsResizedOrRefused) {
  for (const char* model :
       {"resizeBilinear-rank2-segfault.mlmodel", "upsample-rank2-segfault.mlmodel"}) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"bench", At(model), "--runs", "1"},
          {"info", At(model), "--memory"},
          {"compare", At(model), At(model), "--inputs", folder_.path().string(), "-o", out_}}) {
      const ProgramResult result = RunProgram(arguments);
      EXPECT_EQ(result.signal, 0) << model << " " << arguments[0];
      EXPECT_THAT(result.exit_code, AnyOf(0, 1)) << model << " " << arguments[0];
    }
  }
}

TEST_F(FaultInputs, OtherShapesThanTheDefaultAreCompared) {
  for (const std::string name : {"lstm_seq", "embedding_mean"}) {
    const std::string model = "compare-default-shape/" + name + ".mlmodel";
    const std::string inputs = At("compare-default-shape/inputs-" + name);
    ASSERT_EQ(RunProgram({"compare", At(model), At(model), "--inputs", inputs, "--runs", "1", "-o",
                          out_, "--overwrite"})
                  .exit_code,
              0);
    const nlohmann::json results = nlohmann::json::parse(ReadFile(out_ + "/results.json"));
    EXPECT_TRUE(results["skipped"].empty()) << name;
    EXPECT_EQ(results["variants"][1]["metrics"]["max_relative_difference"], 0) << name;
    EXPECT_EQ(RunProgram({"bench", At(model), "-i", inputs + "/x.npy", "--runs", "1"}).exit_code,
              0);
  }
}

TEST_F(FaultInputs, NothingThatCoreMlRefusesIsWritten) {
  EXPECT_THAT(Quantize("conv3d-quantized/conv3d.mlmodel", {"-b", "8"}).standard_error,
              HasSubstr("Float32 or Float16 only"));
  EXPECT_THAT(Quantize("updatable-quantized/updatable.mlmodel", {"-b", "8"}).standard_error,
              HasSubstr("no quantized weights there"));
  EXPECT_EQ(Quantize("int8-dynamic-float32/int8.mlmodel", {"--layer", "*=float32"}).exit_code, 0);
  const std::vector<std::vector<std::string>> rules = {{"-b", "16", "--keep", "*/bias"},
                                                       {"--layer", "*/weights=float16"},
                                                       {"-b", "16", "--layer", "*/bias=float32"},
                                                       {"--type", "bias=float16"}};
  for (std::vector<std::string> arguments : rules) {
    arguments.push_back("--allow-unchanged");
    const auto result = Quantize("mixed-precision-rules/conv_dense.mlmodel", arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments[1] << result.standard_error;
    EXPECT_TRUE(fs::exists(folder_ / "q.mlmodel"));
  }
}

TEST_F(FaultInputs, SmallWeightsKeepTheirDecibels) {
  for (const char* model :
       {"small-weights-8bit/small.mlmodel", "tiny-weights-long-channels.mlmodel"}) {
    for (const auto& [bits, least] : {std::pair{"8", 41.0}, {"7", 35.0}}) {
      const auto result = Quantize(model, {"-b", bits, "--json"});
      ASSERT_EQ(result.exit_code, 0) << result.standard_error;
      const nlohmann::json changed = nlohmann::json::parse(result.standard_output)["changed"];
      ASSERT_EQ(changed.size(), 1u);
      EXPECT_GT(changed[0]["snr_db"], least) << model << bits;
    }
  }
}

TEST_F(FaultInputs, DilationsOfDeconvolutionsCount) {
  for (const std::string name : {"s1d2", "s2d1"}) {
    ASSERT_EQ(Run("dilated-deconvolution/" + name + ".mlmodel", {"x.npy"}).exit_code, 0);
    ExpectOutput("y", "dilated-deconvolution/" + name + "-expected.npy", 1e-5f);
  }
}

TEST_F(FaultInputs, PicturesKeepTheirSizeWhereAnyIsAllowed) {
  ASSERT_EQ(Run("flexible-picture-size/any_same.mlmodel", {"picture.png"}).exit_code, 0);
  EXPECT_EQ(Output("y").shape, (Shape{2, 40, 60}));
  ASSERT_EQ(Run("flexible-picture-size/any_valid.mlmodel", {"picture.png"}).exit_code, 0);
  EXPECT_EQ(Output("y").shape, (Shape{2, 38, 58}));
}

TEST_F(FaultInputs, PicturesWithChannelsLast) {
  const ProgramResult result =
      Run("make-image-input/hwc.mlmodel", {"../flexible-picture-size/picture.png"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  EXPECT_EQ(Output("out").shape, (Shape{1, 1, 3}));
}

TEST_F(FaultInputs, LeanMemoryGivesTheSameNumbers) {
  ASSERT_EQ(Run("lean-float16-overflow/overflow.mlmodel", {"x.npy"}).exit_code, 0);
  const std::vector<float> normal = Output("y").values;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--memory", "lean"}, {"--activations", "float16"}}) {
    const auto result = Run("lean-float16-overflow/overflow.mlmodel", {"x.npy"}, arguments);
    ASSERT_EQ(result.exit_code, 0) << result.standard_error;
    double noise = 0, signal = 0;
    const std::vector<float> lean = Output("y").values;
    ASSERT_EQ(lean.size(), normal.size());
    for (size_t i = 0; i < lean.size(); ++i) {
      noise += std::pow(lean[i] - normal[i], 2);
      signal += std::pow(normal[i], 2);
    }
    EXPECT_LT(noise, 1e-5 * signal) << arguments[1];  // 50 dB: what is left of halves.
  }
}

TEST_F(FaultInputs, LogarithmsHaveTheirEpsilon) {
  ASSERT_EQ(Run("log-epsilon/default.mlmodel", {"x.npy"}).exit_code, 0);
  ExpectValues(Output("y").values, {-103.27893f, std::log(0.1f), 0, std::log(2.0f)}, 1e-4f);
  ASSERT_EQ(Run("log-epsilon/tenth.mlmodel", {"x.npy"}).exit_code, 0);
  ExpectValues(Output("y").values, {std::log(0.1f), std::log(0.2f), std::log(1.1f), std::log(2.1f)},
               1e-5f);
}

TEST_F(FaultInputs, PointersAreNoModels) {
  ExpectOneLine(RunProgram({"info", At("not-a-model/git-lfs-pointer.mlmodel")}),
                "is a Git LFS pointer, not the model itself: git lfs pull fetches it");
}

TEST_F(FaultInputs, PipelinesRun) {
  const auto result = Run("pipeline-not-run/detector.mlmodel",
                          {"../flexible-picture-size/picture.png"}, {"--scale", "1/255"});
  ASSERT_EQ(result.exit_code, 0) << result.standard_error;
  const nlohmann::json found = nlohmann::json::parse(ReadFile(out_ + "/detections.json"));
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0]["label"], "b");
  EXPECT_EQ(Output("confidence").shape, (Shape{3, 2}));
  EXPECT_EQ(Output("coordinates").shape, (Shape{3, 4}));
  const nlohmann::json info = nlohmann::json::parse(
      RunProgram({"info", At("pipeline-not-run/detector.mlmodel"), "--json"}).standard_output);
  EXPECT_EQ(info["members"].size(), 2u);
  EXPECT_EQ(RunProgram({"bench", At("pipeline-not-run/detector.mlmodel"), "--runs", "1"}).exit_code,
            0);
}

// The unit of the outputs is no matter.
TEST_F(FaultInputs, DecibelsDoNotDependOnTheUnit) {
  const std::string picture = At("flexible-picture-size/picture.png");
  const nlohmann::json one = Compared("psnr-floor/scale1.mlmodel", {"--images", picture});
  const nlohmann::json small = Compared("psnr-floor/scale1e4.mlmodel", {"--images", picture});
  EXPECT_GT(one["psnr_db"], 30.0);
  EXPECT_NEAR(one["psnr_db"], small["psnr_db"], 0.1);
  EXPECT_NEAR(one["snr_db"], small["snr_db"], 0.1);
}

TEST_F(FaultInputs, TinyOutputsEqualThemselves) {
  Tensor x{{3, 8, 8}, std::vector<float>(192)};
  for (size_t i = 0; i < 192; ++i) x.values[i] = std::sin(static_cast<float>(i));
  ASSERT_TRUE(WriteNpy(folder_ / "x.npy", x).ok());
  const std::string model = At("tiny-outputs.mlmodel");
  ASSERT_EQ(RunProgram(
                {"compare", model, model, "--inputs", folder_ / "x.npy", "--runs", "1", "-o", out_})
                .exit_code,
            0);
  const nlohmann::json results = nlohmann::json::parse(ReadFile(out_ + "/results.json"));
  EXPECT_EQ(results["variants"][1]["metrics"]["max_relative_difference"], 0);
  EXPECT_TRUE(results["variants"][1]["metrics"]["psnr_db"].is_null());  // Equal.
}

// By NumPy; 1.7159 tanh(2 c / 3) gives -0.0512, -0.3724.
TEST_F(FaultInputs, AnEmptyScaledTanhIsTanh) {
  ASSERT_EQ(
      Run("recurrent-scaled-tanh/lstm.mlmodel", {"x=x.npy", "h=zero.npy", "c=zero.npy"}).exit_code,
      0);
  ExpectValues(Output("y").values, {-0.04348991f, -0.29430833f}, 1e-6f);
}

TEST_F(FaultInputs, SumsAreTakenBeforeTheLogarithm) {
  ASSERT_EQ(Run("reduce-log-sum/logsum.mlmodel", {"x.npy"}).exit_code, 0);
  ExpectOutput("y", "reduce-log-sum/expected.npy", 1e-5f);
}

TEST_F(FaultInputs, ReversedSequencesComeInTheOrderOfComputation) {
  ASSERT_EQ(Run("reverse-rnn-sequence/rnn_reverse.mlmodel", {"x=x.npy", "h=h.npy"}).exit_code, 0);
  ExpectOutput("y", "reverse-rnn-sequence/expected.npy", 1e-5f);
}

TEST_F(FaultInputs, ThreeMapsAreNoPictureAndNoError) {
  ASSERT_EQ(Run("run-no-picture/three_maps.mlmodel", {"x.npy"}).exit_code, 0);
  EXPECT_EQ(Output("y").shape, (Shape{3, 1, 16, 16}));
}

TEST_F(FaultInputs, SlicesWithMoreEntriesThanAxes) {
  ASSERT_EQ(
      Run("slice-dynamic-five-entries/slice.mlmodel", {"x=x.npy", "begin=begin.npy"}).exit_code, 0);
  const Tensor y = Output("slice_by_size_0");
  EXPECT_EQ(y.shape, (Shape{1, 2, 3}));
  EXPECT_EQ(y.values, (std::vector<float>{17, 18, 19, 21, 22, 23}));
}

TEST_F(FaultInputs, UnevenSplitsGiveTheFirstPartsOneMore) {
  ASSERT_EQ(Run("splitnd-uneven/split.mlmodel", {"x.npy"}).exit_code, 0);
  EXPECT_EQ(Output("a").shape, (Shape{5, 4}));
  EXPECT_EQ(Output("b").shape, (Shape{4, 4}));
  EXPECT_EQ(Output("b").values[0], 20);
}

// Of each input some test here has a name: one that is added is not forgotten.
TEST_F(FaultInputs, AreAllTried) {
  const std::string tests = ReadFile(NBITS_SOURCE_DIR "/tests/cli/fault_inputs_test.cc");
  for (const auto& entry : fs::directory_iterator(Faults())) {
    EXPECT_THAT(tests, HasSubstr(entry.path().filename().string()));
  }
}

}  // namespace
}  // namespace nbits::cli
