// SPDX-License-Identifier: Apache-2.0
// Four bytes of options and any bytes as a model: planned, folded, quantized, saved and opened
// again; then the plan, read from its text, makes the same bytes of the same model.
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/files/file.h"
#include "fuzz/fuzz.h"
#include "nbits/compress.h"

namespace {

using nbits::fuzz::Require;

constexpr size_t kOptionBytes = 4;
constexpr int64_t kMostElements = 1 << 12;  // k-means tables of more take too long.

// nullopt for the last of `count` choices.
template <typename Enum>
std::optional<Enum> Choice(int number, int count) {
  const int choice = number % count;
  return choice == count - 1 ? std::nullopt : std::optional<Enum>(static_cast<Enum>(choice));
}

int BitsOf(nbits::Mode mode, uint8_t byte) {
  if (mode == nbits::Mode::kFloat16) return 16;
  return mode == nbits::Mode::kCustomLut && byte >= 128 ? 0 : 1 + byte % 8;
}

nbits::CompressOptions OptionsOf(const uint8_t* bytes) {
  nbits::CompressOptions options;
  options.mode = static_cast<nbits::Mode>(bytes[0] % 7);
  options.bits = BitsOf(options.mode, bytes[1]);
  options.policy = static_cast<nbits::Policy>(bytes[2] & 1);
  options.fold = static_cast<nbits::Folding>((bytes[2] >> 1) % 3);
  options.range = Choice<nbits::Range>(bytes[2] >> 3, 3);
  options.rounding = Choice<nbits::Rounding>(bytes[2] >> 5, 3);
  options.on_overflow = static_cast<nbits::Overflow>(bytes[3] % 3);
  if (bytes[3] & 64) options.keep = {"a*"};
  if (bytes[3] & 128) options.layers = {{"*", {.mode = options.mode, .bits = options.bits}}};
  options.tables = {{"*", {-1, 0, 0.5f, 1}}};
  return options;
}

int64_t Elements(const nbits::Model& model) {
  int64_t elements = 0;
  for (const nbits::WeightRef& weight : model.weights()) {
    elements += nbits::ElementCount(weight.tensor.shape).value_or(kMostElements);
  }
  return elements;
}

// The bytes that Save writes, which hold what the report says.
std::string Saved(const nbits::Model& model, nbits::CompressReport& report) {
  static const std::string path = std::filesystem::temp_directory_path() /
                                  ("nbits_fuzz_" + std::to_string(getpid()) + ".mlmodel");
  const auto check = [&](const nbits::Model& written) { return MeasureErrors(written, report); };
  Require(model.Save(path, check).ok());
  const auto bytes = nbits::ReadFile(path);
  Require(unlink(path.c_str()) == 0 && bytes.ok());
  Require(static_cast<int64_t>(bytes->size()) == model.SerializedSize());
  return *bytes;
}

void Replay(const std::string& file, const std::string& json, int folded,
            const std::string& expected) {
  const auto plan = nbits::PlanFromJson(json);
  Require(plan.ok() && nbits::PlanToJson(*plan) == json);
  auto model = nbits::Model::FromBytes(file, "fuzz");
  Require(model.ok());
  const auto folded_again = nbits::PrepareFor(*plan, *model);
  Require(folded_again.ok() && *folded_again == folded);
  auto report = nbits::ApplyPlan(*model, *plan);
  Require(report.ok());
  Require(Saved(*model, *report) == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kOptionBytes) return 0;
  const std::string file(nbits::fuzz::Text(data + kOptionBytes, size - kOptionBytes));
  auto model = nbits::Model::FromBytes(file, "fuzz");
  if (!model.ok() || Elements(*model) > kMostElements) return 0;
  int folded = 0;
  const auto plan = nbits::Prepare(*model, OptionsOf(data), &folded);
  if (!plan.ok()) return 0;
  auto report = nbits::ApplyPlan(*model, *plan);
  if (!report.ok()) return 0;
  Replay(file, nbits::PlanToJson(*plan), folded, Saved(*model, *report));
  return 0;
}
