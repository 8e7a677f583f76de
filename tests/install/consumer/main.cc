// SPDX-License-Identifier: Apache-2.0
// What a first program with nbits does: stores a model's weights in 4 bits, runs it, saves it.
// consumer MODEL OUTPUT; built against the installed library in each way there is.
#include <nbits/nbits.h>

#include <cstdio>

absl::Status Shrink(const char* from, const char* to) {
  auto model = nbits::Model::Open(from);
  if (!model.ok()) return model.status();
  auto report = nbits::Compress(*model, {.bits = 4});
  if (!report.ok()) return report.status();
  if (report->changed.empty()) return absl::InternalError("no weight was quantized");
  auto engine = nbits::Engine::Create(*model);
  if (!engine.ok()) return engine.status();
  nbits::TensorMap inputs;
  for (const nbits::FeatureDescription& input : engine->inputs()) {
    inputs[input.name] = {input.shape, std::vector<float>(*nbits::ElementCount(input.shape), 100)};
  }
  auto outputs = engine->Run(inputs);
  if (!outputs.ok()) return outputs.status();
  for (const auto& [name, tensor] : *outputs) {
    std::printf("%s: %zu values\n", name.c_str(), tensor.values.size());
  }
  return model->Save(to);
}

int main(int, char** argv) {
  std::printf("nbits %s\n", std::string(nbits::Version()).c_str());
  const absl::Status status = Shrink(argv[1], argv[2]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
