// SPDX-License-Identifier: Apache-2.0
// Files beyond the format's 2 GB. Nothing here takes that much memory or disk: the file is sparse,
// and the pages of the large weight are never touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "nbits/model.h"
#include "tests/formats/handmade.h"
#include "tests/support/test_folder.h"

namespace nbits {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kLimit = 2147483647;  // Of a Protocol Buffers message, in bytes.

TEST(SizeLimit, LargerFilesAreRefused) {
  const TestFolder folder;
  const std::string path = folder / "huge.mlmodel";
  std::ofstream(path) << "x";
  ASSERT_EQ(truncate(path.c_str(), kLimit + 1), 0);
  const auto model = Model::Open(path);
  ASSERT_FALSE(model.ok());
  EXPECT_THAT(std::string(model.status().message()), HasSubstr("2147483648 bytes"));
  EXPECT_THAT(std::string(model.status().message()), HasSubstr("ends at 2147483647"));
}

// A model of one weight of `elements` elements, one bit each.
std::string OneBitModel(int64_t elements) {
  schema::Model model = testing::EmptyNetwork();
  auto& product = *testing::AddLayer(model, "product", "x", "y").mutable_innerproduct();
  product.set_outputchannels(1);
  product.set_inputchannels(elements);
  auto& weights = *product.mutable_weights();
  weights.set_rawvalue(std::string(elements / 8, '\0'));
  weights.mutable_quantization()->set_numberofbits(1);
  auto& table = *weights.mutable_quantization()->mutable_lookuptablequantization();
  table.add_floatvalue(0);
  table.add_floatvalue(1);
  return model.SerializeAsString();
}

TEST(SizeLimit, LargerModelsAreNotWritten) {
  constexpr int64_t kElements = 600000000;  // 2.4 GB as Float32.
  const TestFolder folder;
  const std::string path = folder / "large.mlmodel";
  auto model = Model::FromBytes(OneBitModel(kElements), "large");
  ASSERT_TRUE(model.ok()) << model.status();
  void* pages =
      mmap(nullptr, 4 * kElements, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  PackedTensor tensor;
  tensor.bytes = {static_cast<const std::byte*>(pages), size_t{4} * kElements};
  tensor.owner = std::shared_ptr<const void>(pages, [](void* p) { munmap(p, 4 * kElements); });
  ASSERT_TRUE(model->ReplaceWeight(0, std::move(tensor)).ok());
  EXPECT_EQ(model->CheckSize().code(), absl::StatusCode::kResourceExhausted);
  const absl::Status status = model->Save(path);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("ends at 2147483647"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace nbits
