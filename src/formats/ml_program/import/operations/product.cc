// SPDX-License-Identifier: Apache-2.0
// Imports products of matrices.
#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "formats/ml_program/import/operation.h"

namespace nbits::graph::program {
namespace {

// x times the transposed weights [outputs, inputs], along the last axis.
absl::Status FinishInnerProduct(const Operation& op, const std::string& weight,
                                std::vector<float> bias) {
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const Shape weights, op.InputShape(weight));
  InnerProduct product;
  product.output_shape = op.builder.ShapeOf(x);
  if (product.output_shape.empty() || weights.size() != 2 ||
      product.output_shape.back() != weights[1]) {
    return absl::InvalidArgumentError(absl::StrCat("input of shape ",
                                                   ShapeText(product.output_shape),
                                                   " and weights of shape ", ShapeText(weights)));
  }
  product.output_channels = weights[0];
  product.input_channels = weights[1];
  NBITS_ASSIGN_OR_RETURN(product.weight, op.Weight(weight, weights));
  product.bias = std::move(bias);
  product.output_shape.back() = weights[0];
  return op.Finish(std::move(product), {x});
}

absl::Status ImportLinear(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Shape weights, op.InputShape("weight"));
  if (weights.size() != 2) return absl::InvalidArgumentError("weights that are no matrix");
  std::vector<float> bias;
  if (op.Has("bias")) {
    NBITS_ASSIGN_OR_RETURN(bias, op.Vector("bias", weights[0], 0));
  }
  if (op.Weight("weight", weights).ok()) return FinishInnerProduct(op, "weight", std::move(bias));
  NBITS_ASSIGN_OR_RETURN(const TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(const TensorId weight, op.Input("weight"));
  NBITS_ASSIGN_OR_RETURN(TensorId y, op.builder.AddOne(MatrixProduct{false, true}, {x, weight}));
  if (!bias.empty()) {
    NBITS_ASSIGN_OR_RETURN(const TensorId vector,
                           op.builder.AddConstant(std::move(bias), {weights[0]}));
    NBITS_ASSIGN_OR_RETURN(y, op.builder.AddOne(Binary{BinaryOperation::kAdd}, {y, vector}));
  }
  return op.Finish({y});
}

// The product of a vector loses the axis that made it a matrix.
absl::Status FinishVectorProduct(const Operation& op, TensorId product, const Shape& x,
                                 const Shape& y) {
  Shape shape = op.builder.ShapeOf(product);
  if (y.size() == 1) shape.pop_back();
  if (x.size() == 1) shape.erase(shape.end() - (y.size() == 1 ? 1 : 2));
  NBITS_ASSIGN_OR_RETURN(product, op.Reshaped(product, std::move(shape)));
  return op.Finish({product});
}

absl::Status ImportMatmul(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const bool transpose_x, op.Flag("transpose_x", false));
  NBITS_ASSIGN_OR_RETURN(const bool transpose_y, op.Flag("transpose_y", false));
  NBITS_ASSIGN_OR_RETURN(const Shape shape_x, op.InputShape("x"));
  NBITS_ASSIGN_OR_RETURN(const Shape shape_y, op.InputShape("y"));
  if (shape_x.empty() || shape_y.empty()) return absl::InvalidArgumentError("a scalar");
  const bool is_layer = op.Constant("y") != nullptr && shape_y.size() == 2 && transpose_y &&
                        !transpose_x && shape_x.size() > 1;
  if (is_layer) return FinishInnerProduct(op, "y", {});
  NBITS_ASSIGN_OR_RETURN(TensorId x, op.Input("x"));
  NBITS_ASSIGN_OR_RETURN(TensorId y, op.Input("y"));
  if (shape_x.size() == 1) {
    NBITS_ASSIGN_OR_RETURN(x, op.Reshaped(x, {1, shape_x[0]}));
  }
  if (shape_y.size() == 1) {
    NBITS_ASSIGN_OR_RETURN(y, op.Reshaped(y, {shape_y[0], 1}));
  }
  NBITS_ASSIGN_OR_RETURN(const TensorId product,
                         op.builder.AddOne(MatrixProduct{transpose_x && shape_x.size() > 1,
                                                         transpose_y && shape_y.size() > 1},
                                           {x, y}));
  return FinishVectorProduct(op, product, shape_x, shape_y);
}

// ---- einsum -------------------------------------------------------------------------------------

// "nchw,nwhu->nchu": what each letter is of the two inputs and the output.
struct Equation {
  std::string x, y, result;
};

absl::StatusOr<Equation> ReadEquation(const Operation& op) {
  NBITS_ASSIGN_OR_RETURN(std::string text, op.Text("equation"));
  std::erase(text, ' ');
  const std::vector<std::string> sides = absl::StrSplit(text, "->");
  const std::vector<std::string> inputs = absl::StrSplit(sides[0], ',');
  const auto is_letters = [](const std::string& letters) {
    std::string sorted = letters;
    std::sort(sorted.begin(), sorted.end());
    return std::all_of(letters.begin(), letters.end(), absl::ascii_isalpha) &&
           std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  };
  if (sides.size() == 2 && inputs.size() == 2 && is_letters(sides[1]) && is_letters(inputs[0]) &&
      is_letters(inputs[1])) {
    return Equation{inputs[0], inputs[1], sides[1]};
  }
  return absl::InvalidArgumentError(absl::StrCat("the equation '", text, "'"));
}

bool HasLetter(const std::string& text, char letter) {
  return text.find(letter) != std::string::npos;
}

// Letters in groups: in both inputs and the result, summed over, and in one input alone.
struct Letters {
  std::string batch, summed, only_x, only_y;
};

absl::StatusOr<Letters> GroupLetters(const Equation& equation) {
  Letters letters;
  for (const char letter : equation.x) {
    const bool in_y = HasLetter(equation.y, letter), kept = HasLetter(equation.result, letter);
    if (!in_y && !kept) return absl::UnimplementedError("an equation that sums over one input");
    (in_y ? kept ? letters.batch : letters.summed : letters.only_x) += letter;
  }
  for (const char letter : equation.y) {
    if (HasLetter(equation.x, letter)) continue;
    if (!HasLetter(equation.result, letter)) {
      return absl::UnimplementedError("an equation that sums over one input");
    }
    letters.only_y += letter;
  }
  if (letters.batch.size() + letters.only_x.size() + letters.only_y.size() ==
      equation.result.size()) {
    return letters;
  }
  return absl::InvalidArgumentError("an equation whose result is of other letters");
}

// The axes of an input in the order of the letters, and those behind `batch` joined to a matrix.
absl::StatusOr<TensorId> AsMatrices(const Operation& op, TensorId value, const std::string& from,
                                    const Letters& letters, const std::string& rows,
                                    const std::string& columns) {
  const Shape shape = op.builder.ShapeOf(value);
  if (shape.size() != from.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("input of shape ", ShapeText(shape), " for '", from, "'"));
  }
  std::vector<int> order;
  for (const char letter : absl::StrCat(letters.batch, rows, columns)) {
    order.push_back(static_cast<int>(from.find(letter)));
  }
  NBITS_ASSIGN_OR_RETURN(value, op.builder.AddOne(Transpose{std::move(order)}, {value}));
  const Shape turned = op.builder.ShapeOf(value);
  const size_t batch = letters.batch.size();
  Shape matrices(turned.begin(), turned.begin() + static_cast<int64_t>(batch));
  matrices.push_back(Product(turned, batch, batch + rows.size()));
  matrices.push_back(Product(turned, batch + rows.size(), turned.size()));
  return op.Reshaped(value, std::move(matrices));
}

absl::Status ImportEinsum(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const Equation equation, ReadEquation(op));
  NBITS_ASSIGN_OR_RETURN(const Letters letters, GroupLetters(equation));
  NBITS_ASSIGN_OR_RETURN(const std::vector<TensorId> values, op.Inputs("values"));
  if (values.size() != 2) return absl::InvalidArgumentError("other than two inputs");
  NBITS_ASSIGN_OR_RETURN(const TensorId x, AsMatrices(op, values[0], equation.x, letters,
                                                      letters.only_x, letters.summed));
  NBITS_ASSIGN_OR_RETURN(const TensorId y, AsMatrices(op, values[1], equation.y, letters,
                                                      letters.summed, letters.only_y));
  NBITS_ASSIGN_OR_RETURN(TensorId product, op.builder.AddOne(MatrixProduct{}, {x, y}));
  Shape shape = op.builder.ShapeOf(product);
  shape.resize(letters.batch.size());
  const Shape of_x = op.builder.ShapeOf(values[0]), of_y = op.builder.ShapeOf(values[1]);
  for (const char letter : letters.only_x) shape.push_back(of_x[equation.x.find(letter)]);
  for (const char letter : letters.only_y) shape.push_back(of_y[equation.y.find(letter)]);
  NBITS_ASSIGN_OR_RETURN(product, op.Reshaped(product, std::move(shape)));
  const std::string from = absl::StrCat(letters.batch, letters.only_x, letters.only_y);
  std::vector<int> order;
  for (const char letter : equation.result) order.push_back(static_cast<int>(from.find(letter)));
  return op.Finish(Transpose{std::move(order)}, {product});
}

// ---- Attention ----------------------------------------------------------------------------------

// What is added to the scores: 0 where a mask of truth values is true, a very low number elsewhere.
absl::StatusOr<TensorId> AddMask(const Operation& op, TensorId scores) {
  NBITS_ASSIGN_OR_RETURN(const TensorId mask, op.Input("attn_mask"));
  if (op.TypeOf("attn_mask") != mil::BOOL) {
    return op.builder.AddOne(Binary{BinaryOperation::kAdd}, {scores, mask});
  }
  // Not infinite: a row in which all is masked gets equal weights, not NaN.
  constexpr float kMasked = -1e30f;
  NBITS_ASSIGN_OR_RETURN(const TensorId low, op.builder.AddOne(Fill{kMasked, {1}}, {}));
  return op.builder.AddOne(Select{}, {mask, scores, low});
}

// softmax(query * key^T / sqrt(E) + mask) * value
absl::Status ImportAttention(Operation& op) {
  NBITS_ASSIGN_OR_RETURN(const TensorId query, op.Input("query"));
  NBITS_ASSIGN_OR_RETURN(const TensorId key, op.Input("key"));
  NBITS_ASSIGN_OR_RETURN(const TensorId value, op.Input("value"));
  const Shape shape = op.builder.ShapeOf(query);
  if (shape.size() < 2) return absl::InvalidArgumentError("a query that is no matrix");
  NBITS_ASSIGN_OR_RETURN(TensorId scores,
                         op.builder.AddOne(MatrixProduct{false, true}, {query, key}));
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(shape.back())));
  NBITS_ASSIGN_OR_RETURN(scores,
                         op.builder.AddOne(Unary{UnaryFunction::kLinear, scale, 0}, {scores}));
  if (op.Has("attn_mask")) {
    NBITS_ASSIGN_OR_RETURN(scores, AddMask(op, scores));
  }
  const int last = static_cast<int>(op.builder.ShapeOf(scores).size()) - 1;
  NBITS_ASSIGN_OR_RETURN(scores, op.builder.AddOne(Softmax{last}, {scores}));
  return op.Finish(MatrixProduct{}, {scores, value});
}

}  // namespace

std::span<const OperationKind> ProductOperations() {
  static constexpr OperationKind kKinds[] = {
      {"einsum", ImportEinsum},
      {"linear", ImportLinear},
      {"matmul", ImportMatmul},
      {"scaled_dot_product_attention", ImportAttention},
  };
  return kKinds;
}

}  // namespace nbits::graph::program
