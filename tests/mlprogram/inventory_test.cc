// SPDX-License-Identifier: Apache-2.0
// The list of all operations of the format, the importers, the page for users and the cases have
// to agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "formats/ml_program/constants/constant.h"
#include "formats/ml_program/import/operation.h"
#include "tests/mlprogram/program_builder.h"

namespace nbits {
namespace {

constexpr char kFolder[] = NBITS_SOURCE_DIR "/tests/mlprogram/";

// Runs code of the model's author.
constexpr char kRefused[] = "custom_layer";
// What has tests of its own: constants, control flow, lists, states, random values, labels.
const std::set<std::string> kTestedElsewhere = {
    "classify",           "cond",          "const",          "list_gather", "list_length",
    "list_read",          "list_scatter",  "list_write",     "make_list",   "random_bernoulli",
    "random_categorical", "random_normal", "random_uniform", "read_state",  "while_loop",
    "write_state"};

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> ListedOperations() {
  std::istringstream lines(FileText(std::string(kFolder) + "mil_operations.tsv"));
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != '#') names.insert(line.substr(0, line.find('\t')));
  }
  return names;
}

bool IsConstantType(const std::string& name) {
  mil::Operation operation;
  operation.set_type(name);
  return IsConstant(operation);
}

TEST(ProgramInventory, EveryOperationIsImportedOrRefused) {
  const std::set<std::string> listed = ListedOperations();
  EXPECT_GT(listed.size(), 150u);
  for (const std::string& name : listed) {
    const bool known = IsConstantType(name) || graph::program::FindOperationKind(name) != nullptr;
    EXPECT_EQ(known, name != kRefused) << name;
  }
  for (const absl::string_view name : graph::program::SupportedOperations()) {
    EXPECT_TRUE(listed.contains(std::string(name))) << name;
  }
}

TEST(ProgramInventory, EveryOperationIsOnThePageForUsers) {
  const std::string page = FileText(NBITS_SOURCE_DIR "/docs/operations.md");
  for (const std::string& name : ListedOperations()) {
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
  }
}

TEST(ProgramInventory, EveryOperationHasCases) {
  std::set<std::string> covered = kTestedElsewhere;
  for (const char* family : {"elementwise", "window", "tensor", "model"}) {
    const auto cases = nlohmann::json::parse(
        FileText(std::string(kFolder) + "fixtures/" + family + ".json"), nullptr, false);
    ASSERT_TRUE(cases.is_array()) << family;
    for (const auto& test : cases) covered.insert(test.at("op").get<std::string>());
  }
  for (const std::string& name : ListedOperations()) {
    if (name == kRefused || IsConstantType(name)) continue;
    EXPECT_TRUE(covered.contains(name)) << name;
  }
}

}  // namespace
}  // namespace nbits
