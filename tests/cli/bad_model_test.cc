// SPDX-License-Identifier: Apache-2.0
// Model files that no command can read: one line on stderr that says what is wrong, exit code 1,
// nothing half-written, no crash. The same tests run under the sanitizers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/cli/crafted_model.h"
#include "tests/cli/expect.h"

namespace nbits::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What a command is to be run with on a model at PATH, writing to OUT (a file or a folder).
using Arguments =
    std::function<std::vector<std::string>(const std::string& path, const std::string& out)>;
struct Command {
  std::string name;
  Arguments arguments;
};

const Command kCommands[] = {
    {"info",
     [](const std::string& path, const std::string&) {
       return std::vector<std::string>{"info", path, "--weights"};
     }},
    {"quantize",
     [](const std::string& path, const std::string& out) {
       return std::vector<std::string>{"quantize", path, "--bits", "4", "-o", out};
     }},
};

void PrintTo(const Command& command, std::ostream* out) { *out << command.name; }

// A model file that no command can read: name of the file, what is in it, and what the error says.
struct BadModel {
  std::string name, file, bytes, error;
};

void PrintTo(const BadModel& model, std::ostream* out) { *out << model.name; }

std::string Broken(const std::function<void(schema::Model&)>& damage) {
  schema::Model model = DenseModel();
  damage(model);
  return model.SerializeAsString();
}

std::vector<BadModel> BadModels() {
  const std::string sound = DenseModel().SerializeAsString();
  const auto short_lut = [](schema::Model& model) {
    MakeLookupTable(model);
    DenseWeights(model)
        .mutable_quantization()
        ->mutable_lookuptablequantization()
        ->mutable_floatvalue()
        ->RemoveLast();
  };
  const auto short_scale = [](schema::Model& model) {
    MakeLinear(model);
    DenseWeights(model)
        .mutable_quantization()
        ->mutable_linearquantization()
        ->mutable_scale()
        ->RemoveLast();
  };
  return {
      {"truncated", "m.mlmodel", sound.substr(0, sound.size() - 100), "m.mlmodel"},
      {"truncated_sample", "m.mlmodel", ReadFile(kSampleModel).substr(0, 100'000), "m.mlmodel"},
      {"garbage", "m.mlmodel", std::string(5000, '\xff') + "garbage", "m.mlmodel"},
      {"text", "m.mlmodel", "This is not a model.\nIt has two lines.\n", "m.mlmodel"},
      {"empty", "m.mlmodel", "", "m.mlmodel"},
      {"wrong_extension", "m.jpeg", sound, "m.jpeg"},
      {"weights_too_few", "m.mlmodel",
       Broken([](auto& model) { DenseWeights(model).mutable_floatvalue()->RemoveLast(); }),
       "dense"},
      {"weights_too_many", "m.mlmodel",
       Broken([](auto& model) { DenseWeights(model).add_floatvalue(1); }), "dense"},
      {"half_weights_odd_bytes", "m.mlmodel", Broken([](auto& model) {
         DenseWeights(model).clear_floatvalue();
         DenseWeights(model).set_float16value(std::string(255, '\0'));
       }),
       "dense"},
      {"packed_weights_too_few", "m.mlmodel", Broken([](auto& model) {
         MakeLookupTable(model);
         DenseWeights(model).mutable_rawvalue()->resize(63);
       }),
       "dense"},
      {"lut_too_short", "m.mlmodel", Broken(short_lut), "dense"},
      {"scale_too_short", "m.mlmodel", Broken(short_scale), "dense"},
      {"bits_out_of_range", "m.mlmodel", Broken([](auto& model) {
         MakeLookupTable(model);
         DenseWeights(model).mutable_quantization()->set_numberofbits(64);
       }),
       "dense"},
      {"shape_product_overflows", "m.mlmodel", Broken([](auto& model) {
         auto& dense = *model.mutable_neuralnetwork()->mutable_layers(0)->mutable_innerproduct();
         dense.set_inputchannels(uint64_t{1} << 62);
         dense.set_outputchannels(uint64_t{1} << 62);
       }),
       "dense"},
  };
}

class BadModelTest : public ::testing::TestWithParam<std::tuple<Command, BadModel>> {};

TEST_P(BadModelTest, IsRefusedInOneLineWithoutOutput) {
  const auto& [command, bad] = GetParam();
  const TestFolder folder;
  WriteFile(folder / bad.file, bad.bytes);
  const ProgramResult result =
      RunProgram(command.arguments(folder / bad.file, folder / "out.mlmodel"));
  ExpectOneLine(result, bad.error);
  EXPECT_THAT(folder.Names(), ElementsAre(bad.file));
}

INSTANTIATE_TEST_SUITE_P(All, BadModelTest,
                         ::testing::Combine(::testing::ValuesIn(kCommands),
                                            ::testing::ValuesIn(BadModels())),
                         [](const auto& parameter) {
                           return std::get<0>(parameter.param).name + "_" +
                                  std::get<1>(parameter.param).name;
                         });

// Models that can be read and not be run: whatever is given to them, what they are is said.
struct OtherModel {
  std::string name, bytes, error;
};

void PrintTo(const OtherModel& model, std::ostream* out) { *out << model.name; }

// Model types that the schema leaves out, under their numbers: 502 is an ML Program, 2001 a tagger
// of words, 202 a pipeline, here of one ML Program.
std::vector<OtherModel> OtherModels() {
  const std::string program("\x08\x07\x12\x00\xb2\x1f\x00", 7);
  const std::string pipeline = std::string("\x08\x07\x12\x00\xd2\x0c\x09\x0a\x07", 9) + program;
  schema::Model with_picture = ImageModel();
  with_picture.clear_neuralnetwork();
  const char* const advice = "(an ML Program is another kind of model";
  return {
      {"program", program, absl::StrCat("models of type mlProgram cannot be run ", advice)},
      {"program_with_picture", with_picture.SerializeAsString() + std::string("\xb2\x1f\x00", 3),
       absl::StrCat("models of type mlProgram cannot be run ", advice)},
      {"pipeline", pipeline, "the pipeline cannot be run, for its models[0], mlProgram"},
      {"tagger", std::string("\x08\x04\x12\x00\x8a\x7d\x00", 7),
       "models of type wordTagger cannot be run"}};
}

const Command kRunningCommands[] = {
    {"run",
     [](const std::string& path, const std::string& out) {
       return std::vector<std::string>{"run", path, "-o", out};
     }},
    {"run_picture",
     [](const std::string& path, const std::string& out) {
       return std::vector<std::string>{"run", path, kSamplePicture, "-o", out};
     }},
    {"run_named",
     [](const std::string& path, const std::string& out) {
       return std::vector<std::string>{"run", path, "-i", "x=3", "-o", out};
     }},
    {"bench",
     [](const std::string& path, const std::string&) {
       return std::vector<std::string>{"bench", path};
     }},
    {"bench_picture",
     [](const std::string& path, const std::string&) {
       return std::vector<std::string>{"bench", path, "-i", kSamplePicture};
     }},
    {"bench_shape",
     [](const std::string& path, const std::string&) {
       return std::vector<std::string>{"bench", path, "--shape", "3x4"};
     }},
    {"memory",
     [](const std::string& path, const std::string&) {
       return std::vector<std::string>{"info", path, "--memory"};
     }},
    {"compare",
     [](const std::string& path, const std::string& out) {
       return std::vector<std::string>{"compare",      path, path, "--images",
                                       kSamplePicture, "-o", out};
     }},
    {"compare_inputs",
     [](const std::string& path, const std::string& out) {
       return std::vector<std::string>{"compare",      path, path, "--inputs",
                                       kSamplePicture, "-o", out};
     }},
    {"sweep",
     [](const std::string& path, const std::string& out) {
       return std::vector<std::string>{"sweep", path, "--images", kSamplePicture, "-o", out};
     }},
};

class OtherModelTest : public ::testing::TestWithParam<std::tuple<Command, OtherModel>> {};

TEST_P(OtherModelTest, IsNamedWhateverIsGiven) {
  const auto& [command, other] = GetParam();
  const TestFolder folder;
  WriteFile(folder / "m.mlmodel", other.bytes);
  ExpectOneLine(RunProgram(command.arguments(folder / "m.mlmodel", folder / "out")),
                absl::StrCat("m.mlmodel: ", other.error));
  EXPECT_THAT(folder.Names(), ElementsAre("m.mlmodel"));
}

INSTANTIATE_TEST_SUITE_P(All, OtherModelTest,
                         ::testing::Combine(::testing::ValuesIn(kRunningCommands),
                                            ::testing::ValuesIn(OtherModels())),
                         [](const auto& parameter) {
                           return std::get<0>(parameter.param).name + "_" +
                                  std::get<1>(parameter.param).name;
                         });

class AnyCommand : public ::testing::TestWithParam<Command> {};

TEST_P(AnyCommand, MissingModelIsNamed) {
  const TestFolder folder;
  ExpectOneLine(RunProgram(GetParam().arguments(folder / "none.mlmodel", folder / "out.mlmodel")),
                "none.mlmodel");
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST_P(AnyCommand, FolderInPlaceOfModelIsRefused) {
  const TestFolder folder;
  std::filesystem::create_directory(folder / "m.mlmodel");
  ExpectOneLine(RunProgram(GetParam().arguments(folder / "m.mlmodel", folder / "out.mlmodel")),
                "m.mlmodel");
  EXPECT_THAT(folder.Names(), ElementsAre("m.mlmodel"));
}

INSTANTIATE_TEST_SUITE_P(All, AnyCommand, ::testing::ValuesIn(kCommands),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace nbits::cli
