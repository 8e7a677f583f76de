// SPDX-License-Identifier: Apache-2.0
// Packed matrices times few vectors against the plain product, in every form in which weights are
// stored and on every set of vectors; and the layers that are made of them.
#include "engine/kernels/packed/packed_matrix.h"

#include <limits>

#include "engine/kernels/packed/packed_kernel.h"
#include "nbits/quantize.h"
#include "tensor/bit_pack.h"
#include "tensor/half.h"
#include "tests/engine/convolution_case.h"
#include "tests/engine/node_runner.h"
#include "tests/support/every_target.h"

namespace nbits {
namespace {

using testing::NodeRunner;
using testing::OnEveryTarget;
using testing::RandomValues;

// How a matrix is stored.
struct Form {
  Scheme scheme;
  int bits;
  BitOrder order = BitOrder::kMostSignificantFirst;
  bool by_row = false;  // A grid of each row.
  int channel_axis = 0;
};

// A tensor of random codes, with the bytes that it is a view of. They end where the tensor does.
struct Matrix {
  std::vector<std::byte> bytes;
  PackedTensor tensor;
};

std::vector<std::byte> RandomBytesOf(const Form& form, int64_t count) {
  const std::vector<float> values = RandomValues(count, 3);
  std::vector<std::byte> bytes(PackedByteCount(count, form.bits));
  if (form.bits == 32) {
    std::memcpy(bytes.data(), values.data(), bytes.size());
  } else if (form.bits == 16) {
    for (int64_t i = 0; i < count; ++i) {
      const uint16_t half = HalfFromFloat(values[i]);
      std::memcpy(bytes.data() + 2 * i, &half, 2);
    }
  } else {
    std::vector<uint8_t> codes(count);
    std::mt19937 random(4);
    for (uint8_t& code : codes) code = static_cast<uint8_t>(random() & ((1u << form.bits) - 1));
    PackBits(codes, form.bits, form.order, bytes.data());
  }
  return bytes;
}

std::unique_ptr<Matrix> RandomMatrix(const Form& form, int64_t rows, int64_t columns) {
  auto matrix = std::make_unique<Matrix>();
  matrix->bytes = RandomBytesOf(form, rows * columns);
  PackedTensor& tensor = matrix->tensor;
  tensor.scheme = form.scheme;
  tensor.bits = form.bits;
  tensor.bit_order = form.order;
  tensor.shape = {rows, columns};
  tensor.channel_axis = form.channel_axis;
  tensor.bytes = matrix->bytes;
  if (form.scheme == Scheme::kLookupTable) tensor.table = RandomValues(1 << form.bits, 5);
  if (form.scheme == Scheme::kLinear || form.scheme == Scheme::kSignedLinear) {
    const int64_t grids = form.by_row ? tensor.shape[form.channel_axis] : 1;
    for (int64_t i = 0; i < grids; ++i) {
      tensor.scale.push_back(0.02f * static_cast<float>(i % 5 + 1));
      tensor.offset.push_back(-0.3f * static_cast<float>(i % 7));
    }
  }
  EXPECT_TRUE(Validate(tensor).ok());
  return matrix;
}

// Within the rounding of sums of `columns` products.
void ExpectProducts(const PackedTensor& tensor, int64_t rows, int64_t columns, int64_t count) {
  SCOPED_TRACE(::testing::Message() << TraitsOf(tensor.scheme).name << " " << tensor.bits
                                    << " bits, " << rows << " x " << columns << " by " << count);
  const PackedMatrix matrix(tensor, rows, columns);
  const std::vector<float> vectors = RandomValues(count * columns, 6);
  std::vector<float> room(matrix.ArrangedFloats(count));
  const ArrangedVectors arranged = matrix.Arrange(vectors.data(), count, columns, 1, room.data());
  const int64_t begin = rows / 3, pitch = rows - begin;
  std::vector<float> actual(count * pitch, 7), expected(count * pitch, 8);
  matrix.Multiply(arranged, begin, rows, actual.data(), pitch);
  reference::Multiply(tensor, columns, vectors.data(), count, columns, begin, rows, expected.data(),
                      pitch);
  // Of a grid of 8 bits, values are 25 at most.
  const float tolerance = 2e-5f * std::sqrt(static_cast<float>(columns));
  for (int64_t i = 0; i < count * pitch; ++i) {
    ASSERT_NEAR(actual[i], expected[i], tolerance) << i % pitch << ", " << i / pitch;
  }
}

std::vector<Form> AllForms() {
  std::vector<Form> forms = {
      {Scheme::kFloat32, 32},
      {Scheme::kFloat16, 16},
      {Scheme::kSignedLinear, 8},
      {Scheme::kSignedLinear, 8, BitOrder::kMostSignificantFirst, true},
  };
  for (int bits = 1; bits <= 8; ++bits) {
    for (const BitOrder order :
         {BitOrder::kMostSignificantFirst, BitOrder::kLeastSignificantFirst}) {
      forms.push_back({Scheme::kLinear, bits, order, false});
      forms.push_back({Scheme::kLinear, bits, order, true});
      forms.push_back({Scheme::kLookupTable, bits, order});
    }
  }
  return forms;
}

TEST(PackedMatrixTest, AllFormsAndColumns) {
  OnEveryTarget([] {
    for (const Form& form : AllForms()) {
      for (const int64_t columns : {1, 8, 40, 64, 136, 513, 1056}) {
        const auto matrix = RandomMatrix(form, 11, columns);
        ExpectProducts(matrix->tensor, 11, columns, 1);
        ExpectProducts(matrix->tensor, 11, columns, 3);
      }
    }
  });
}

TEST(PackedMatrixTest, AllCountsOfRowsAndVectors) {
  OnEveryTarget([] {
    for (const Form& form : {Form{Scheme::kFloat32, 32}, Form{Scheme::kLinear, 8},
                             Form{Scheme::kLookupTable, 4}, Form{Scheme::kLinear, 3}}) {
      for (const int64_t rows : {1, 2, 4, 5, 19}) {
        const auto matrix = RandomMatrix(form, rows, 688);
        for (int64_t count = 1; count <= 17; ++count) {
          ExpectProducts(matrix->tensor, rows, 688, count);
        }
      }
    }
  });
}

TEST(PackedMatrixTest, GridsOfColumnsAndInfiniteTables) {
  OnEveryTarget([] {
    const auto matrix =
        RandomMatrix({Scheme::kLinear, 4, BitOrder::kLeastSignificantFirst, true, 1}, 6, 72);
    EXPECT_EQ(PackedMatrix(matrix->tensor, 6, 72).decoder(), RowDecoder::kElements);
    ExpectProducts(matrix->tensor, 6, 72, 5);
    const auto table = RandomMatrix({Scheme::kLookupTable, 2}, 1, 20);
    table->tensor.table = {std::numeric_limits<float>::infinity(), 1, 2, 3};
    std::ranges::fill(table->bytes, std::byte{0x55});  // Only ones.
    ExpectProducts(table->tensor, 1, 20, 2);
  });
}

// What is no number in one vector leaves the others alone, and reaches all of its own sums.
TEST(PackedMatrixTest, VectorsThatAreNoNumbers) {
  OnEveryTarget([] {
    for (const Form& form : {Form{Scheme::kLinear, 8}, Form{Scheme::kLinear, 4},
                             Form{Scheme::kLookupTable, 3}, Form{Scheme::kFloat32, 32}}) {
      const auto matrix = RandomMatrix(form, 5, 40);
      std::vector<float> vectors(80, 1.0f);
      vectors[3] = std::numeric_limits<float>::quiet_NaN();
      const PackedMatrix packed(matrix->tensor, 5, 40);
      std::vector<float> room(packed.ArrangedFloats(2)), out(10);
      packed.Multiply(packed.Arrange(vectors.data(), 2, 40, 1, room.data()), 0, 5, out.data(), 5);
      for (int i = 0; i < 10; ++i) EXPECT_EQ(std::isnan(out[i]), i < 5) << i;
    }
  });
}

// Grids of ML Programs: one for each block of a row, and values that are rounded to Float16.
TEST(PackedMatrixTest, GridsOfBlocksAndOfHalves) {
  OnEveryTarget([] {
    for (const int bits : {8, 4}) {
      const auto blocks = RandomMatrix({Scheme::kLinear, bits}, 6, 64);
      PackedTensor& tensor = blocks->tensor;
      tensor.channel_axis = 0;
      tensor.scale.clear();
      tensor.offset.clear();
      for (int64_t i = 0; i < 6 * 4; ++i) {
        tensor.scale.push_back(0.02f * static_cast<float>(i % 5 + 1));
        tensor.offset.push_back(-0.3f * static_cast<float>(i % 7));
      }
      ASSERT_TRUE(HasBlocks(tensor));
      ExpectProducts(tensor, 6, 64, 2);
      const auto halves = RandomMatrix({Scheme::kLinear, bits}, 6, 64);
      halves->tensor.half_values = true;
      ExpectProducts(halves->tensor, 6, 64, 2);
    }
  });
}

// A row has the same sum whatever rows are computed with it.
TEST(PackedMatrixTest, RowsAreIndependent) {
  const auto matrix = RandomMatrix({Scheme::kLinear, 4}, 13, 392);
  const PackedMatrix packed(matrix->tensor, 13, 392);
  const std::vector<float> vectors = RandomValues(392, 8);
  std::vector<float> room(packed.ArrangedFloats(1)), all(13), one(1);
  const ArrangedVectors arranged = packed.Arrange(vectors.data(), 1, 392, 1, room.data());
  packed.Multiply(arranged, 0, 13, all.data(), 13);
  for (int64_t row = 0; row < 13; ++row) {
    packed.Multiply(arranged, row, row + 1, one.data(), 1);
    EXPECT_EQ(one[0], all[row]);
  }
}

constexpr QuantizeOptions kStoredForms[] = {{.mode = Mode::kFloat32, .bits = 32},
                                            {.mode = Mode::kFloat16, .bits = 16},
                                            {.bits = 8},
                                            {.bits = 5},
                                            {.bits = 4},
                                            {.mode = Mode::kKMeansLut, .bits = 4}};

TEST(PackedKernelTest, InnerProducts) {
  OnEveryTarget([] {
    for (const QuantizeOptions& options : kStoredForms) {
      for (const int64_t rows : {1, 3, 16}) {
        graph::InnerProduct op;
        op.input_channels = 200;
        op.output_channels = 77;
        op.output_shape = {rows, 77};
        op.weight = 0;
        op.bias = RandomValues(77, 2);
        op.activation = graph::Unary{graph::UnaryFunction::kRelu};
        NodeRunner runner(op, {{rows, 200}}, {testing::RandomWeights({77, 200}, options)});
        const testing::Stored expected = runner.RunPlainKernel();
        for (const int threads : {1, 3}) {
          const testing::Stored actual = runner.RunAs(PlanarFormats(runner.node()), threads);
          EXPECT_EQ(runner.kernel_name(), "packed");
          testing::ExpectNear(actual, expected, 4e-5f);
        }
      }
    }
  });
}

TEST(PackedKernelTest, ConvolutionsOfFewPixels) {
  OnEveryTarget([] {
    constexpr graph::Window kPoint = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
    for (const QuantizeOptions& options : kStoredForms) {
      for (const auto& [extent, batch] : {std::pair<int64_t, int64_t>{1, 1}, {1, 5}, {3, 1}}) {
        const testing::ConvolutionCase c{72, 53, extent, extent, kPoint};
        NodeRunner runner =
            testing::MakeRunner(c, batch, graph::Unary{graph::UnaryFunction::kRelu}, options);
        testing::ExpectConvolution(runner, kPlanarFormat, "packed", testing::kFloatTolerance);
      }
    }
  });
}

TEST(PackedKernelTest, Embeddings) {
  for (const QuantizeOptions& options : kStoredForms) {
    graph::Embedding op;
    op.dictionary = 90;
    op.channels = 37;
    op.weight = 0;
    op.bias = RandomValues(37, 2);
    op.output_shape = {5, 37};
    NodeRunner runner(op, {{5, 1}}, {testing::RandomWeights({37, 90}, options)});
    for (int i = 0; i < 5; ++i) runner.input(0).data()[i] = static_cast<float>(40 * i - 30);
    const testing::Stored expected = runner.RunPlainKernel();
    const testing::Stored actual = runner.RunAs(PlanarFormats(runner.node()), 2);
    EXPECT_EQ(runner.kernel_name(), "embedding");
    testing::ExpectNear(actual, expected, 0);
  }
}

}  // namespace
}  // namespace nbits
