// SPDX-License-Identifier: Apache-2.0
// Packages with a weight file, made for tests.
#ifndef NBITS_TESTS_MLPROGRAM_PACKAGE_BUILDER_H_
#define NBITS_TESTS_MLPROGRAM_PACKAGE_BUILDER_H_

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/mlprogram/program_builder.h"

namespace nbits {

template <typename Number>
void PutBytes(Number number, size_t at, std::string& bytes) {
  std::memcpy(bytes.data() + at, &number, sizeof(number));
}

struct TestBlob {
  uint32_t code = 2;  // Float32.
  std::string bytes;
  uint64_t padding_bits = 0;
};

// A weight file; `offsets` gets the place of each blob's record.
inline std::string WeightFile(const std::vector<TestBlob>& blobs, std::vector<uint64_t>& offsets) {
  std::string file(64, '\0');
  PutBytes(static_cast<uint32_t>(blobs.size()), 0, file);
  PutBytes(uint32_t{2}, 4, file);
  for (const TestBlob& blob : blobs) {
    file.resize((file.size() + 63) / 64 * 64, '\0');
    const size_t record = file.size();
    offsets.push_back(record);
    file.resize(record + 64, '\0');
    PutBytes(uint32_t{0xdeadbeef}, record, file);
    PutBytes(blob.code, record + 4, file);
    PutBytes(static_cast<uint64_t>(blob.bytes.size()), record + 8, file);
    PutBytes(static_cast<uint64_t>(record + 64), record + 16, file);
    PutBytes(blob.padding_bits, record + 24, file);
    file += blob.bytes;
  }
  return file;
}

inline std::string FloatBytes(const std::vector<float>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size());
}

constexpr char kTestManifest[] = R"({
    "fileFormatVersion": "1.0.0",
    "itemInfoEntries": {
        "AA": {"author": "com.apple.CoreML", "description": "CoreML Model Specification",
               "name": "model.mlmodel", "path": "com.apple.CoreML/model.mlmodel"},
        "BB": {"author": "com.apple.CoreML", "description": "CoreML Model Weights",
               "name": "weights", "path": "com.apple.CoreML/weights"}
    },
    "rootModelIdentifier": "AA"
}
)";

inline void WriteTo(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

inline void WritePackageFiles(const std::string& package, const std::string& model,
                              const std::string& weights,
                              const std::string& manifest = kTestManifest) {
  const std::filesystem::path root(package);
  WriteTo(root / "Manifest.json", manifest);
  WriteTo(root / "Data/com.apple.CoreML/model.mlmodel", model);
  WriteTo(root / "Data/com.apple.CoreML/weights/weight.bin", weights);
}

// y = x * W^T, x [1, 8], W [16, 8] of the given type in the weight file at `offset`.
inline ProgramBuilder LinearProgram(uint64_t offset, int opset = 5,
                                    mil::DataType type = mil::FLOAT32) {
  ProgramBuilder program(opset);
  program.Input("x", {1, 8});
  program.Constant("w", BlobValue(type, {16, 8}, offset), {16, 8}, type);
  program.Add("linear").In("x", "x").In("weight", "w").Out("y", {1, 16});
  program.Output("y");
  return program;
}

inline std::vector<float> LinearWeights() {
  std::vector<float> weights;
  for (int i = 0; i < 128; ++i) weights.push_back(static_cast<float>((i * 37) % 101) / 50 - 1);
  return weights;
}

}  // namespace nbits

#endif  // NBITS_TESTS_MLPROGRAM_PACKAGE_BUILDER_H_
