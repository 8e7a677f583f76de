// SPDX-License-Identifier: Apache-2.0
// Core ML's schema as data, read off the text of proto/*.proto: the generated classes are light
// ones, which know neither the names nor the types of their fields.
#ifndef NBITS_TESTS_LAYERS_SCHEMA_H_
#define NBITS_TESTS_LAYERS_SCHEMA_H_

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace nbits::testing {

struct SchemaField {
  uint32_t number = 0;
  std::string type;  // "uint64", or the name of a message or an enum, "Outer.Inner" when nested.
  std::string name;
  bool repeated = false;
};

// Prints the name when a test fails.
inline void PrintTo(const SchemaField& field, std::ostream* out) { *out << field.name; }

// Fields by message. Enums have no entry, map fields are left out.
using Schema = std::map<std::string, std::vector<SchemaField>>;

const Schema& ReadSchema();

// The fields of NeuralNetworkLayer that say what a layer is: one for every type.
std::vector<SchemaField> LayerFields();

}  // namespace nbits::testing

#endif  // NBITS_TESTS_LAYERS_SCHEMA_H_
