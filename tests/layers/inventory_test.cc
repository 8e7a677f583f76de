// SPDX-License-Identifier: Apache-2.0
// The schema, the importers, docs/layers.md and the fixtures agree on which layers there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "formats/neural_network/import/layer.h"
#include "formats/neural_network/weights/layer_kinds.h"
#include "tests/layers/fixtures.h"

namespace nbits {
namespace {

using ::testing::Contains;
using ::testing::SizeIs;

std::string ReadSource(const std::string& path) {
  std::ifstream file(std::string(NBITS_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

// Layer types by field number, read off the schema's text: its light classes carry no names.
std::map<int, std::string> SchemaLayers() {
  std::istringstream text(ReadSource("proto/neural_network.proto"));
  std::map<int, std::string> layers;
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    if (line.find("oneof layer {") != std::string::npos) inside = true;
    if (inside && line.find('}') != std::string::npos) break;
    std::istringstream words(line);
    std::string type, name, equals;
    int number = 0;
    if (inside && words >> type >> name >> equals >> number) layers[number] = name;
  }
  return layers;
}

// "Tested by" of docs/layers.md by layer.
std::map<std::string, std::string> DocumentedLayers() {
  std::istringstream text(ReadSource("docs/layers.md"));
  std::map<std::string, std::string> layers;
  for (std::string line; std::getline(text, line);) {
    std::istringstream cells(line);
    std::string empty, name, operation, tested;
    if (!line.starts_with("| ") || line.starts_with("| Layer")) continue;
    std::getline(cells, empty, '|');
    std::getline(cells, name, '|');
    std::getline(cells, operation, '|');
    std::getline(cells, tested, '|');
    const std::string layer = name.substr(1, name.size() - 2);
    EXPECT_FALSE(layers.contains(layer)) << layer << " has two rows";
    layers[layer] = tested.substr(2, tested.size() - 4);  // Without spaces and back quotes.
  }
  return layers;
}

TEST(InventoryTest, TheImporterHandlesEveryLayerOfTheSchema) {
  const auto layers = SchemaLayers();
  EXPECT_THAT(layers, SizeIs(158));  // As many as the format had at its end (version 5 to 8).
  for (const auto& [number, name] : layers) {
    const auto* kind = graph::FindLayerKind(static_cast<graph::LayerCase>(number));
    ASSERT_NE(kind, nullptr) << name;
    EXPECT_EQ(kind->name, name);
    EXPECT_EQ(LayerKindName(number), name);
    EXPECT_EQ(kind->import == nullptr, name == "custom") << name;
  }
}

TEST(InventoryTest, EveryLayerHasARowInTheDocuments) {
  auto documented = DocumentedLayers();
  for (const auto& [number, name] : SchemaLayers()) {
    EXPECT_EQ(documented.erase(name), 1u) << name;
  }
  EXPECT_THAT(documented, SizeIs(0));
}

TEST(InventoryTest, EveryRowNamesATestThatHasTheLayer) {
  std::map<std::string, std::set<std::string>> files;
  for (const testing::LayerCase& example : testing::AllLayerCases()) {
    for (const std::string& layer : example.layers) files[layer].insert(example.file + ".json");
  }
  for (const auto& [layer, file] : DocumentedLayers()) {
    if (file.ends_with(".json")) {
      EXPECT_THAT(files[layer], Contains(file)) << layer;
      continue;
    }
    std::string accessor = "mutable_" + layer + "(";
    std::transform(accessor.begin(), accessor.end(), accessor.begin(), ::tolower);
    const std::string folder = file == "hostile_test.cc" ? "tests/engine/" : "tests/layers/";
    EXPECT_NE(ReadSource(folder + file).find(accessor), std::string::npos) << layer;
  }
}

}  // namespace
}  // namespace nbits
