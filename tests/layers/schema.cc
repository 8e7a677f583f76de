// SPDX-License-Identifier: Apache-2.0
#include "tests/layers/schema.h"

#include <fstream>
#include <sstream>

namespace nbits::testing {
namespace {

// The schema's files have one declaration a line.
class SchemaReader {
 public:
  void ReadFile(const std::string& path) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) ReadLine(line);
  }
  Schema Take() { return std::move(schema_); }

 private:
  struct Scope {
    std::string kind, message;  // The innermost message around it.
  };

  void ReadLine(const std::string& line) {
    std::istringstream words(line);
    std::string first, second;
    words >> first >> second;
    if (first == "message" || first == "enum" || first == "oneof") {
      Open(first, second);
    } else if (first.starts_with("}")) {
      scopes_.pop_back();
    } else if (!scopes_.empty() && scopes_.back().kind != "enum") {
      AddField(line);
    }
  }

  void Open(const std::string& kind, const std::string& name) {
    std::string message = scopes_.empty() ? "" : scopes_.back().message;
    if (kind == "message") {
      message = message.empty() ? name : message + "." + name;
      schema_[message];
    }
    scopes_.push_back({kind, message});
  }

  void AddField(const std::string& line) {
    std::istringstream words(line);
    SchemaField field;
    std::string equals;
    words >> field.type;
    field.repeated = field.type == "repeated";
    if (field.repeated) words >> field.type;
    if (words >> field.name >> equals >> field.number && equals == "=") {
      schema_[scopes_.back().message].push_back(field);
    }
  }

  std::vector<Scope> scopes_;
  Schema schema_;
};

}  // namespace

const Schema& ReadSchema() {
  static const Schema* schema = [] {
    SchemaReader reader;
    for (const char* file : {"data_structures", "feature_types", "neural_network", "parameters"}) {
      reader.ReadFile(std::string(NBITS_SOURCE_DIR "/proto/") + file + ".proto");
    }
    return new Schema(reader.Take());
  }();
  return *schema;
}

std::vector<SchemaField> LayerFields() {
  constexpr uint32_t kFirstType = 100;
  std::vector<SchemaField> layers;
  for (const SchemaField& field : ReadSchema().at("NeuralNetworkLayer")) {
    if (field.number >= kFirstType) layers.push_back(field);
  }
  return layers;
}

}  // namespace nbits::testing
