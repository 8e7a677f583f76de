// SPDX-License-Identifier: Apache-2.0
// ML Programs made for tests: one function, constants written in the program.
#ifndef NBITS_TESTS_MLPROGRAM_PROGRAM_BUILDER_H_
#define NBITS_TESTS_MLPROGRAM_PROGRAM_BUILDER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nbits/model.h"
#include "nbits/tensor.h"
#include "proto/model.pb.h"

namespace nbits {

namespace mil = schema::mil;

inline void SetTensorType(mil::DataType type, const Shape& shape, mil::ValueType& out) {
  mil::TensorType& tensor = *out.mutable_tensortype();
  tensor.set_datatype(type);
  tensor.set_rank(static_cast<int64_t>(shape.size()));
  for (const int64_t extent : shape) {
    tensor.add_dimensions()->mutable_constant()->set_size(static_cast<uint64_t>(extent));
  }
}

inline mil::Value FloatsValue(const std::vector<float>& values, const Shape& shape) {
  mil::Value value;
  SetTensorType(mil::FLOAT32, shape, *value.mutable_type());
  auto& floats = *value.mutable_immediatevalue()->mutable_tensor()->mutable_floats();
  floats.mutable_values()->Add(values.begin(), values.end());
  return value;
}

inline mil::Value IntegersValue(const std::vector<int32_t>& values, const Shape& shape) {
  mil::Value value;
  SetTensorType(mil::INT32, shape, *value.mutable_type());
  auto& integers = *value.mutable_immediatevalue()->mutable_tensor()->mutable_ints();
  integers.mutable_values()->Add(values.begin(), values.end());
  return value;
}

inline mil::Value FlagsValue(const std::vector<bool>& values, const Shape& shape) {
  mil::Value value;
  SetTensorType(mil::BOOL, shape, *value.mutable_type());
  auto& flags = *value.mutable_immediatevalue()->mutable_tensor()->mutable_bools();
  for (const bool flag : values) flags.add_values(flag);
  return value;
}

inline mil::Value TextValueOf(const std::string& text) {
  mil::Value value;
  SetTensorType(mil::STRING, {}, *value.mutable_type());
  value.mutable_immediatevalue()->mutable_tensor()->mutable_strings()->add_values(text);
  return value;
}

// Bytes as they are, such as Float16 or codes of a few bits.
inline mil::Value BytesValue(mil::DataType type, const Shape& shape, const std::string& bytes) {
  mil::Value value;
  SetTensorType(type, shape, *value.mutable_type());
  value.mutable_immediatevalue()->mutable_tensor()->mutable_bytes()->set_values(bytes);
  return value;
}

inline mil::Value BlobValue(mil::DataType type, const Shape& shape, uint64_t offset) {
  mil::Value value;
  SetTensorType(type, shape, *value.mutable_type());
  value.mutable_blobfilevalue()->set_filename("@model_path/weights/weight.bin");
  value.mutable_blobfilevalue()->set_offset(offset);
  return value;
}

// An operation under construction.
class OperationBuilder {
 public:
  explicit OperationBuilder(mil::Operation& operation) : operation_(operation) {}

  OperationBuilder& In(const std::string& argument, const std::string& name) {
    (*operation_.mutable_inputs())[argument].add_arguments()->set_name(name);
    return *this;
  }
  OperationBuilder& In(const std::string& argument, mil::Value value) {
    *(*operation_.mutable_inputs())[argument].add_arguments()->mutable_value() = std::move(value);
    return *this;
  }
  OperationBuilder& With(const std::string& attribute, mil::Value value) {
    (*operation_.mutable_attributes())[attribute] = std::move(value);
    return *this;
  }
  OperationBuilder& Out(const std::string& name, const Shape& shape,
                        mil::DataType type = mil::FLOAT32) {
    mil::NamedValueType& output = *operation_.add_outputs();
    output.set_name(name);
    SetTensorType(type, shape, *output.mutable_type());
    return *this;
  }
  mil::Operation& operation() { return operation_; }

 private:
  mil::Operation& operation_;
};

inline OperationBuilder AddOperation(mil::Block& block, const std::string& type) {
  mil::Operation& operation = *block.add_operations();
  operation.set_type(type);
  return OperationBuilder(operation);
}

class ProgramBuilder {
 public:
  // `opset`: 5 for iOS15, ...
  explicit ProgramBuilder(int opset = 5) {
    model_.set_specificationversion(opset + 1);
    const std::string name = absl::StrCat("CoreML", opset);
    model_.mutable_mlprogram()->set_version(1);
    function_ = &(*model_.mutable_mlprogram()->mutable_functions())["main"];
    function_->set_opset(name);
    block_ = &(*function_->mutable_block_specializations())[name];
  }

  void Input(const std::string& name, const Shape& shape, mil::DataType type = mil::FLOAT32) {
    mil::NamedValueType& input = *function_->add_inputs();
    input.set_name(name);
    SetTensorType(type, shape, *input.mutable_type());
    Describe(name, shape, *model_.mutable_description()->add_input());
  }
  void Constant(const std::string& name, mil::Value value, const Shape& shape,
                mil::DataType type = mil::FLOAT32) {
    Add("const").With("val", std::move(value)).Out(name, shape, type);
  }
  OperationBuilder Add(const std::string& type) { return AddOperation(*block_, type); }
  void Output(const std::string& name) {
    block_->add_outputs(name);
    Describe(name, {}, *model_.mutable_description()->add_output());
  }

  schema::Model& model() { return model_; }
  const schema::Model& model() const { return model_; }
  mil::Function& function() { return *function_; }
  mil::Block& block() { return *block_; }
  absl::StatusOr<Model> Build() const {
    return Model::FromBytes(model_.SerializeAsString(), "made.mlmodel");
  }

 private:
  static void Describe(const std::string& name, const Shape& shape,
                       schema::FeatureDescription& feature) {
    feature.set_name(name);
    auto& array = *feature.mutable_type()->mutable_multiarraytype();
    array.set_datatype(schema::ArrayFeatureType::FLOAT32);
    for (const int64_t extent : shape) array.add_shape(extent);
    if (shape.empty()) return;
  }

  schema::Model model_;
  mil::Function* function_;
  mil::Block* block_;
};

}  // namespace nbits

#endif  // NBITS_TESTS_MLPROGRAM_PROGRAM_BUILDER_H_
