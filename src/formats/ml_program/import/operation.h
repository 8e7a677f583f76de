// SPDX-License-Identifier: Apache-2.0
// What an importer of one type of ML Program operation works with.
//
// Numbers of a program are Float32 here whatever it declares, its integers and truth values
// included (0 and 1): whole numbers beyond 2^24 are rounded, Float16 is not.
#ifndef NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATION_H_
#define NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATION_H_

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "formats/ml_program/program.h"
#include "formats/neural_network/import/builder.h"
#include "proto/mil.pb.h"

namespace nbits::graph::program {

namespace mil = schema::mil;

// What all operations of a program share.
struct Context {
  std::shared_ptr<BlobStore> blobs;
  std::shared_ptr<ProgramConstants> constants;  // Views of `blobs`' files.
  int opset = 5;                                // 5 is iOS15, 6 iOS16, ...
  // Declared element types of all tensors by name, nested blocks included.
  std::shared_ptr<const std::map<std::string, mil::DataType>> types;
};

inline constexpr int kIos15 = 5, kIos16 = 6, kIos17 = 7, kIos18 = 8;

// One operation of the file on its way into the graph. Its importer ends with Finish.
class Operation {
 public:
  Operation(const mil::Operation& source, const Context& operation_context,
            Builder& operation_builder)
      : proto(source), context(operation_context), builder(operation_builder) {}

  const mil::Operation& proto;
  const Context& context;
  Builder& builder;

  int opset() const { return context.opset; }
  bool Has(const std::string& argument) const { return proto.inputs().contains(argument); }
  // How many values an argument has: more than one in joins.
  size_t Count(const std::string& argument) const;

  // ---- As tensors -------------------------------------------------------------------------------

  // Constants become nodes when they are first asked for. InvalidArgument, naming the argument,
  // when it is missing or no tensor.
  absl::StatusOr<TensorId> Input(const std::string& argument, size_t index = 0) const;
  absl::StatusOr<std::vector<TensorId>> Inputs(const std::string& argument) const;
  absl::StatusOr<Shape> InputShape(const std::string& argument, size_t index = 0) const;
  // An axis of an argument, counted from the front.
  absl::StatusOr<int> Axis(int64_t axis, const std::string& argument = "x") const;
  // The argument "axes" of a tensor of `rank`, ascending; all axes when it is missing.
  absl::StatusOr<std::vector<int>> Axes(size_t rank) const;

  // What the program declares the argument's elements to be; UNUSED_TYPE: nothing is known.
  mil::DataType TypeOf(const std::string& argument) const;

  // ---- As values that must be known before the graph is ready
  // ------------------------------------

  // NeedsValues when the network computes them. `fallback` stands for an argument that is missing;
  // without one, it is InvalidArgument.
  absl::StatusOr<std::vector<float>> Floats(const std::string& argument, size_t index = 0) const;
  absl::StatusOr<std::vector<int64_t>> Integers(const std::string& argument,
                                                size_t index = 0) const;
  absl::StatusOr<std::vector<int64_t>> Integers(const std::string& argument,
                                                std::vector<int64_t> fallback) const;
  absl::StatusOr<std::vector<bool>> Flags(const std::string& argument, size_t count) const;
  absl::StatusOr<float> Float(const std::string& argument) const;
  absl::StatusOr<float> Float(const std::string& argument, float fallback) const;
  absl::StatusOr<int64_t> Integer(const std::string& argument) const;
  absl::StatusOr<int64_t> Integer(const std::string& argument, int64_t fallback) const;
  absl::StatusOr<bool> Flag(const std::string& argument, bool fallback) const;
  absl::StatusOr<std::string> Text(const std::string& argument) const;
  absl::StatusOr<std::string> Text(const std::string& argument, const char* fallback) const;
  // A vector of that length, or as many times `fallback` when the argument is missing.
  absl::StatusOr<std::vector<float>> Vector(const std::string& argument, int64_t length,
                                            float fallback) const;

  // ---- As weights -------------------------------------------------------------------------------

  // The constant that an argument is, or null. Constants of floats only.
  const ProgramConstant* Constant(const std::string& argument) const;
  // A constant as it is stored, as a tensor of the given shape (with as many elements).
  // InvalidArgument when the argument is no constant.
  absl::StatusOr<WeightId> Weight(const std::string& argument, Shape shape) const;
  // Rows [begin, begin + count) of a constant matrix.
  absl::StatusOr<WeightId> Rows(const std::string& argument, int64_t begin, int64_t count) const;

  // ---- Results ----------------------------------------------------------------------------------

  // Whether the program declares the output (or an argument's value) as integers.
  bool GivesIntegers(int output = 0) const;
  // The value's declared shape, -1 where it is unknown; nullopt: not even its rank is known.
  std::optional<Shape> DeclaredShape(int output = 0) const;

  // Binds the operation's outputs to these tensors. InvalidArgument when there are too few, or one
  // has another shape than the program declares.
  absl::Status Finish(const std::vector<TensorId>& outputs) const;
  // Adds `op` and finishes with its outputs.
  absl::Status Finish(Op op, std::vector<TensorId> inputs) const;
  // Adds `op` on the argument "x" and finishes.
  absl::Status FinishOn(Op op, const std::string& argument = "x") const;
  // A reshaped value; the value itself when the shape is its own.
  absl::StatusOr<TensorId> Reshaped(TensorId value, Shape shape) const;

 private:
  absl::StatusOr<const mil::Argument::Binding*> BindingOf(const std::string& argument,
                                                          size_t index) const;
  absl::StatusOr<TensorId> AddConstant(const ProgramConstant& constant) const;
  absl::Status AtArgument(const std::string& argument, const absl::Status& status) const;
};

using ImportFunction = absl::Status (*)(Operation&);
struct OperationKind {
  absl::string_view name;  // As in the file.
  ImportFunction import;   // Null: control flow, which the interpreter runs.
};

// Tables of the families, one a file.
std::span<const OperationKind> ElementwiseOperations();
std::span<const OperationKind> ActivationOperations();
std::span<const OperationKind> NormalizationOperations();
std::span<const OperationKind> ConvolutionOperations();
std::span<const OperationKind> PoolOperations();
std::span<const OperationKind> ProductOperations();
std::span<const OperationKind> ReduceOperations();
std::span<const OperationKind> RearrangeOperations();
std::span<const OperationKind> SliceOperations();
std::span<const OperationKind> ReshapeOperations();
std::span<const OperationKind> ResizeOperations();
std::span<const OperationKind> SampleOperations();
std::span<const OperationKind> TypeOperations();
std::span<const OperationKind> LookupOperations();
std::span<const OperationKind> ScatterOperations();
std::span<const OperationKind> RecurrentOperations();
std::span<const OperationKind> RandomOperations();
std::span<const OperationKind> DetectionOperations();
std::span<const OperationKind> ControlOperations();

// The row of an operation type; null for one that is not supported.
const OperationKind* FindOperationKind(absl::string_view type);
// All names of the tables, sorted.
std::vector<absl::string_view> SupportedOperations();

}  // namespace nbits::graph::program

#endif  // NBITS_FORMATS_ML_PROGRAM_IMPORT_OPERATION_H_
