// SPDX-License-Identifier: Apache-2.0
// Files that people take for models: each is called by its name, and the way out is said.
#include "formats/neural_network/foreign_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "nbits/model.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string Describe(const std::string& bytes) {
  return DescribeForeignFile(std::as_bytes(std::span(bytes)));
}

// What opening a model of these bytes says.
std::string OpeningSays(const std::string& bytes) {
  return std::string(Model::FromBytes(bytes, "m.mlmodel").status().message());
}

// A local header of a zip archive, as APPNOTE.TXT gives it: 26 bytes, the lengths of name and extra
// field, the name.
std::string ZipWith(const std::string& name) {
  std::string bytes("PK\x03\x04", 4);
  bytes.resize(26, '\0');
  bytes += static_cast<char>(name.size());
  return bytes + std::string(3, '\0') + name;
}

TEST(ForeignFile, PointersSayHowToFetchTheModel) {
  const std::string pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345678\n";
  EXPECT_THAT(OpeningSays(pointer),
              AllOf(StartsWith("m.mlmodel: is a Git LFS pointer"), HasSubstr("git lfs pull")));
  EXPECT_THAT(Describe("/annex/objects/SHA256E-s1--x"), HasSubstr("git annex get"));
}

TEST(ForeignFile, PagesAndText) {
  const char* const kPages[] = {"<!DOCTYPE html>\n<html>", "\n  <html lang=\"en\">",
                                "\xef\xbb\xbf<!doctype HTML>",
                                "<?xml version=\"1.0\"?><html xmlns=\"\">"};
  for (const char* page : kPages) {
    EXPECT_THAT(OpeningSays(page), HasSubstr("is a web page (HTML)")) << page;
  }
  EXPECT_THAT(OpeningSays("404: Not Found"), HasSubstr("begins with \"404: Not Found\""));
  EXPECT_THAT(OpeningSays("{\"error\": \"no such file\"}\n"), HasSubstr("is text, not a model"));
  EXPECT_THAT(OpeningSays(""), HasSubstr("is empty"));
}

TEST(ForeignFile, Archives) {
  EXPECT_THAT(OpeningSays(ZipWith("Model.mlmodel")),
              AllOf(HasSubstr("zip archive"), HasSubstr("unpack")));
  EXPECT_THAT(OpeningSays(ZipWith("arr_0.npy")), HasSubstr(".npz"));
  EXPECT_THAT(OpeningSays("\x1f\x8b\x08\x08zzzz"), HasSubstr("an archive"));
  EXPECT_THAT(OpeningSays(std::string(257, 'x') + "ustar"), HasSubstr("an archive"));
  EXPECT_THAT(Describe("PK\x03\x04"), HasSubstr("zip archive"));  // Cut off.
}

TEST(ForeignFile, OtherToolsModelsSayHowToConvert) {
  const auto convert = HasSubstr("convert_to=\"neuralnetwork\"");
  EXPECT_THAT(OpeningSays(ZipWith("archive/data.pkl")), AllOf(HasSubstr("PyTorch"), convert));
  EXPECT_THAT(OpeningSays("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.rest"),
              AllOf(HasSubstr("PyTorch"), convert));
  EXPECT_THAT(OpeningSays(std::string("\x1c\0\0\0TFL3", 8)),
              AllOf(HasSubstr("TensorFlow Lite"), convert));
  EXPECT_THAT(OpeningSays("\x89HDF\r\n\x1a\n"), AllOf(HasSubstr("Keras"), convert));
  EXPECT_THAT(Describe(std::string("\x40\0\0\0\0\0\0\0{\"a\":{}}", 16)), HasSubstr("safetensors"));
}

// Fields of ModelProto: ir_version 8, producer_name, an empty graph, one set of operators.
TEST(ForeignFile, OnnxIsToldFromCoreMl) {
  const std::string onnx("\x08\x08\x12\x07pytorch\x3a\x00\x42\x02\x10\x11", 17);
  EXPECT_THAT(OpeningSays(onnx), HasSubstr("is an ONNX model"));
  EXPECT_THAT(Describe(std::string("\x08\x08\x12\x00", 4)), IsEmpty());
}

TEST(ForeignFile, PicturesAndArrays) {
  EXPECT_THAT(OpeningSays("\x89PNG\r\n\x1a\n...."), HasSubstr("a PNG picture"));
  EXPECT_THAT(OpeningSays("\xff\xd8\xff\xe0"), HasSubstr("a JPEG picture"));
  EXPECT_THAT(OpeningSays("\x93NUMPY\x01"), HasSubstr(".npy"));
}

TEST(ForeignFile, UnknownBytesStayDamaged) {
  EXPECT_THAT(OpeningSays("\x07\x01\x02\x03"),
              HasSubstr("damaged, cut off, or not a Core ML model"));
}

TEST(ForeignFile, OtherNamesAreLookedIntoToo) {
  const TestFolder folder;
  const std::string path = folder / "model.pt";
  std::ofstream(path, std::ios::binary) << ZipWith("model/data.pkl");
  EXPECT_THAT(std::string(Model::Open(path).status().message()), HasSubstr("PyTorch"));
}

TEST(ForeignFolder, CompiledModelsPackagesAndOthers) {
  const TestFolder folder;
  const auto says = [&](const std::string& name, const std::string& file) {
    const std::filesystem::path path = folder / name;
    std::filesystem::create_directories((path / file).parent_path());
    std::ofstream(path / file) << "x";
    return std::string(Model::Open(path.string()).status().message());
  };
  EXPECT_THAT(says("a.mlmodelc", "coremldata.bin"), HasSubstr("compiled model"));
  EXPECT_THAT(says("b", "model.espresso.net"), HasSubstr("compiled model"));
  EXPECT_THAT(says("c", "saved_model.pb"), HasSubstr("TensorFlow SavedModel"));
  EXPECT_THAT(says("d", "readme"), HasSubstr("is a folder, not a .mlmodel file"));
}

// Field 502 of the format is an ML Program, 202 a pipeline, whose field 1 is a member; 900 passes
// its input on.
TEST(ProgramAdvice, IsForProgramsAndPipelinesAroundThem) {
  const std::string program("\x08\x07\x12\x00\xb2\x1f\x00", 7);
  const std::string pipeline = std::string("\x08\x07\x12\x00\xd2\x0c\x09\x0a\x07", 9) + program;
  const std::string identity("\x08\x01\x12\x00\xa2\x38\x00", 7);
  const auto advice = [](const std::string& bytes) {
    const auto model = Model::FromBytes(bytes, "m");
    return model.ok() ? ProgramAdvice(*model) : std::string(model.status().message());
  };
  EXPECT_THAT(advice(program), HasSubstr("convert_to=\"neuralnetwork\""));
  EXPECT_THAT(advice(pipeline), HasSubstr("an ML Program is another kind"));
  EXPECT_THAT(advice(identity), IsEmpty());
}

}  // namespace
}  // namespace nbits
