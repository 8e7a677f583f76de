// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/blobs/data_type.h"

#include <algorithm>
#include <array>

namespace nbits {
namespace {

namespace mil = schema::mil;
using enum NumberKind;

constexpr auto kTypes = std::to_array<DataTypeFacts>({
    {mil::BOOL, "bool", kUnsigned, 8, 0},       {mil::STRING, "string", kText, 0, 0},
    {mil::FLOAT16, "fp16", kFloat, 16, 1},      {mil::FLOAT32, "fp32", kFloat, 32, 2},
    {mil::FLOAT64, "fp64", kFloat, 64, 0},      {mil::INT8, "int8", kSigned, 8, 4},
    {mil::INT16, "int16", kSigned, 16, 6},      {mil::INT32, "int32", kSigned, 32, 14},
    {mil::INT64, "int64", kSigned, 64, 0},      {mil::INT4, "int4", kSigned, 4, 8},
    {mil::UINT8, "uint8", kUnsigned, 8, 3},     {mil::UINT16, "uint16", kUnsigned, 16, 7},
    {mil::UINT32, "uint32", kUnsigned, 32, 15}, {mil::UINT64, "uint64", kUnsigned, 64, 0},
    {mil::UINT1, "uint1", kUnsigned, 1, 9},     {mil::UINT2, "uint2", kUnsigned, 2, 10},
    {mil::UINT3, "uint3", kUnsigned, 3, 12},    {mil::UINT4, "uint4", kUnsigned, 4, 11},
    {mil::UINT6, "uint6", kUnsigned, 6, 13},
});

template <typename Matches>
const DataTypeFacts* Find(const Matches& matches) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(), matches);
  return found == kTypes.end() ? nullptr : &*found;
}

}  // namespace

const DataTypeFacts* FindDataType(mil::DataType type) {
  return Find([type](const DataTypeFacts& facts) { return facts.type == type; });
}

const DataTypeFacts* FindDataType(absl::string_view name) {
  return Find([name](const DataTypeFacts& facts) { return facts.name == name; });
}

const DataTypeFacts* FindBlobType(uint32_t code) {
  if (code == 0) return nullptr;
  return Find([code](const DataTypeFacts& facts) { return facts.blob_code == code; });
}

}  // namespace nbits
