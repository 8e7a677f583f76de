// SPDX-License-Identifier: Apache-2.0
// Two lengths of two bytes each, then a manifest, a model and a weight file of a package: opened,
// made ready, run on zeros; quantized, saved and opened again.
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "base/files/file.h"
#include "fuzz/fuzz.h"
#include "nbits/compress.h"
#include "nbits/input.h"
#include "nbits/predictor.h"

namespace {

namespace fs = std::filesystem;
using nbits::fuzz::Require;

constexpr size_t kLengthBytes = 4;
constexpr int64_t kMostElements = 1 << 12;  // More take too long.

fs::path Folder() {
  static const fs::path folder =
      fs::temp_directory_path() / ("nbits_package_" + std::to_string(getpid()));
  return folder;
}

void Write(const fs::path& path, absl::string_view bytes) {
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  Require(nbits::WriteFileAtomically(path.string(), bytes).ok());
}

// The input's three parts as a package.
std::string WritePackage(const uint8_t* data, size_t size) {
  uint16_t lengths[2];
  std::memcpy(lengths, data, sizeof(lengths));
  absl::string_view rest = nbits::fuzz::Text(data + kLengthBytes, size - kLengthBytes);
  const auto take = [&rest](size_t count) {
    const absl::string_view part = rest.substr(0, count);
    rest.remove_prefix(part.size());
    return part;
  };
  const fs::path package = Folder() / "in.mlpackage";
  Write(package / "Manifest.json", take(lengths[0]));
  Write(package / "Data/m/model.mlmodel", take(lengths[1]));
  Write(package / "Data/m/weights/weight.bin", rest);
  return package.string();
}

int64_t Elements(const nbits::Shape& shape) {
  return nbits::ElementCount(shape).value_or(kMostElements + 1);
}

void Run(const nbits::Model& model) {
  const auto predictor = nbits::Predictor::Create(model, {.threads = 1});
  if (!predictor.ok() || predictor->activation_bytes() > 4 * kMostElements) return;
  nbits::TensorMap inputs;
  for (const nbits::FeatureDescription& input : predictor->inputs()) {
    if (Elements(input.shape) > kMostElements) return;
    inputs[input.name] = {input.shape,
                          std::vector<float>(static_cast<size_t>(Elements(input.shape)), 0.0f)};
  }
  predictor->Run(inputs).IgnoreError();
}

void Quantize(nbits::Model& model, int bits) {
  auto report = nbits::Compress(model, {.mode = nbits::Mode::kLinear, .bits = bits});
  if (!report.ok()) return;
  const auto check = [&](const nbits::Model& written) { return MeasureErrors(written, *report); };
  const absl::Status saved = model.Save((Folder() / "out.mlpackage").string(), check);
  Require(saved.ok() || !absl::IsDataLoss(saved));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kLengthBytes) return 0;
  auto model = nbits::Model::Open(WritePackage(data, size));
  if (!model.ok()) return 0;
  int64_t elements = 0;
  for (const nbits::WeightRef& weight : model->weights()) elements += Elements(weight.tensor.shape);
  if (elements > kMostElements) return 0;
  Run(*model);
  Quantize(*model, 1 + data[0] % 8);
  std::error_code ignored;
  fs::remove_all(Folder(), ignored);
  return 0;
}
