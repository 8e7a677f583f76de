// SPDX-License-Identifier: Apache-2.0
#include "tests/layers/fixtures.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"

namespace nbits::testing {
namespace {

using Json = nlohmann::json;

TensorMap ReadTensors(const Json& json) {
  TensorMap tensors;
  for (const auto& [name, tensor] : json.items()) {
    tensors[name] = {tensor.at("shape").get<Shape>(),
                     tensor.at("values").get<std::vector<float>>()};
  }
  return tensors;
}

LayerCase ReadCase(const std::string& file, const Json& json) {
  LayerCase example{file,
                    json.at("name"),
                    json.at("layers"),
                    "",
                    ReadTensors(json.at("inputs")),
                    ReadTensors(json.at("outputs")),
                    json.at("tolerance")};
  if (!absl::Base64Unescape(json.at("model").get<std::string>(), &example.model)) {
    std::cerr << file << ", " << example.name << ": not base64\n";
    std::abort();
  }
  return example;
}

std::vector<std::filesystem::path> FixtureFiles() {
  std::vector<std::filesystem::path> files;
  const std::string folder = NBITS_SOURCE_DIR "/tests/layers/fixtures";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<LayerCase> AllLayerCases() {
  std::vector<LayerCase> cases;
  for (const std::filesystem::path& path : FixtureFiles()) {
    std::ifstream file(path);
    for (const Json& json : Json::parse(file)) {
      cases.push_back(ReadCase(path.stem().string(), json));
    }
  }
  return cases;
}

std::string TestName(const LayerCase& example) {
  std::string name = example.file + "_" + example.name;
  for (char& letter : name) {
    if (letter == '-') letter = 'm';  // "axis -1" and "axis 1" stay apart.
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  return name;
}

void PrintTo(const LayerCase& example, std::ostream* out) { *out << example.name; }

}  // namespace nbits::testing
