// SPDX-License-Identifier: Apache-2.0
// Answers as ServeMeasurements does, without a network: its "model" marks the bright pixels, and
// fails in the way that the file's name says. Arguments: MODEL THREADS.
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "nbits/npy.h"

namespace {

using Json = nlohmann::json;

// [1, H, W] of 0 and 255; "-wrong" gives the opposite in the upper half.
nbits::Tensor Bright(const nbits::Tensor& input, bool wrong) {
  const int64_t height = input.shape[1], width = input.shape[2];
  nbits::Tensor output{{1, height, width}, {}};
  for (int64_t i = 0; i < height * width; ++i) {
    const bool bright = input.values[static_cast<size_t>(i)] > 127;
    output.values.push_back(bright != (wrong && i < height * width / 2) ? 255 : 0);
  }
  return output;
}

// "-scattered" takes 1 and 10 milliseconds in turn, others always as long.
double Milliseconds(const std::string& model) {
  static int runs = 0;
  if (model.find("-scattered") == std::string::npos) return 2.5;
  return runs++ % 2 == 0 ? 1 : 10;
}

Json Answer(const std::string& model, const Json& request) {
  const auto input = nbits::ReadNpy(request["inputs"].begin()->get<std::string>());
  if (!input.ok()) return {{"error", std::string(input.status().message())}};
  Json answer = {{"ms", Milliseconds(model)}, {"peak_memory_bytes", 1000000}};
  if (!request["save"].is_string()) return answer;
  const std::string file = request["save"].get<std::string>() + "0.npy";
  const bool wrong = model.find("-wrong") != std::string::npos;
  if (!nbits::WriteNpy(file, Bright(*input, wrong)).ok()) return {{"error", "cannot write"}};
  answer["outputs"] = {{"output", file}};
  return answer;
}

}  // namespace

int main(int, char** argv) {
  const std::string model = argv[1];
  if (model.find("-unloadable") != std::string::npos) {
    std::cout << R"({"error": "layer \"x\" is unknown"})" << std::endl;
    return 0;
  }
  std::cout << R"({"load_ms": 1.5})" << std::endl;
  int requests = 0;
  for (std::string line; std::getline(std::cin, line);) {
    if (model.find("-crash") != std::string::npos && ++requests == 2) raise(SIGKILL);
    std::cout << Answer(model, Json::parse(line)) << std::endl;
  }
}
