// SPDX-License-Identifier: Apache-2.0
// Convolutions that oneDNN computes, cut into shares for the threads.
#include "engine/onednn/share.h"

#include "graph/graph.h"
#include "tests/engine/convolution_case.h"

namespace nbits {
namespace {

using graph::Convolution;
using onednn::Share;
using testing::LargestError;
using testing::NodeRunner;
using testing::RandomValues;
using testing::Stored;

struct ShareCase {
  const char* name;
  int64_t inputs, outputs, groups;
  bool transposed;
  int64_t height, width, kernel, stride, pad, dilation;
};

graph::Window WindowOf(const ShareCase& c) {
  return {{c.kernel, c.kernel},
          {c.stride, c.stride},
          {c.dilation, c.dilation},
          {c.pad, c.pad},
          {c.pad, c.pad}};
}

Convolution OpOf(const ShareCase& c) {
  Convolution op;
  op.window = WindowOf(c);
  op.groups = c.groups;
  op.transposed = c.transposed;
  op.output_channels = c.outputs;
  op.weight = 0;
  op.bias = RandomValues(c.outputs, 5);
  op.scale = RandomValues(c.outputs, 6);
  if (!c.transposed) {
    op.output = *graph::ValidOutput(op.window, {c.height, c.width});
  } else {
    const int64_t reach = (c.kernel - 1) * c.dilation + 1;
    op.output = {(c.height - 1) * c.stride + reach - 2 * c.pad,
                 (c.width - 1) * c.stride + reach - 2 * c.pad};
  }
  return op;
}

Shape WeightShape(const ShareCase& c) {
  if (c.transposed) return {c.inputs, c.outputs / c.groups, c.kernel, c.kernel};
  return {c.outputs, c.inputs / c.groups, c.kernel, c.kernel};
}

// Of 2 to 30 million multiplications, so that five threads have a share each.
const ShareCase kCases[] = {
    {"groups", 60, 90, 5, false, 40, 37, 3, 1, 1, 1},
    {"groups fewer than threads", 48, 64, 2, false, 33, 31, 3, 2, 1, 1},
    {"deconvolution by channels", 24, 85, 1, true, 17, 19, 3, 2, 1, 1},
    {"deconvolution by groups", 64, 64, 8, true, 23, 21, 4, 2, 1, 1},
    {"deconvolution by rows", 40, 3, 1, true, 45, 43, 4, 2, 1, 1},
    {"deconvolution by rows, dilated", 40, 3, 1, true, 45, 43, 3, 2, 0, 2},
    {"deconvolution that leaves rows out", 64, 5, 1, true, 60, 61, 1, 3, 0, 1},
    {"deconvolution to one channel", 96, 1, 1, true, 64, 64, 2, 2, 0, 1},
};

class SharesTest : public ::testing::TestWithParam<ShareCase> {};

TEST_P(SharesTest, AgreesWithThePlainKernel) {
  const ShareCase& c = GetParam();
  for (const int64_t batch : {1, 2}) {
    NodeRunner runner(OpOf(c), {{batch, c.inputs, c.height, c.width}},
                      {testing::RandomWeights(WeightShape(c), testing::kFloat32Weights)});
    const Stored expected = runner.RunPlainKernel();
    for (const int threads : {1, 2, 3, 5}) {
      const Stored actual = runner.RunAs(PlanarFormats(runner.node()), threads);
      EXPECT_EQ(runner.kernel_name(), "onednn");
      EXPECT_LE(LargestError(actual, expected), testing::kFloatTolerance) << threads << " threads";
    }
  }
}

TEST_P(SharesTest, MakeUpTheWhole) {
  const ShareCase& c = GetParam();
  const Convolution op = OpOf(c);
  for (const int most : {1, 2, 3, 5, 64}) {
    const std::vector<Share> shares = onednn::SharesOf(op, c.inputs, most);
    ASSERT_LE(shares.size(), static_cast<size_t>(most));
    int64_t values = 0;
    for (const Share& share : shares) values += share.outputs.count * share.rows.count;
    EXPECT_EQ(values, op.output_channels * op.output[0]) << most;
  }
}

INSTANTIATE_TEST_SUITE_P(Convolutions, SharesTest, ::testing::ValuesIn(kCases),
                         [](const auto& named) {
                           std::string name = named.param.name;
                           std::erase_if(name, [](char c) {
                             return std::isalnum(static_cast<unsigned char>(c)) == 0;
                           });
                           return name;
                         });

// Convolutions with rows between shares: what each reads of its input.
TEST(ShareRowsTest, RowsOfAConvolutionReadTheirSurroundings) {
  Convolution op;
  op.window = {{3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}};
  op.output = {10, 10};
  op.output_channels = 1;
  const Share top = {{0, 1}, {0, 1}, {0, 5}}, bottom = {{0, 1}, {0, 1}, {5, 5}};
  EXPECT_EQ(onednn::SourceRows(op, top, 20).begin, 0);
  EXPECT_EQ(onednn::SourceRows(op, top, 20).count, 10);  // Rows -1 to 9, of which -1 is padding.
  EXPECT_EQ(onednn::SourceRows(op, bottom, 20).begin, 9);
  EXPECT_EQ(onednn::SourceRows(op, bottom, 20).count, 11);  // Rows 9 to 19.
}

}  // namespace
}  // namespace nbits
