// SPDX-License-Identifier: Apache-2.0
// Feeds files to a target of fuzzing without libFuzzer: `fuzz_replay TARGET FILE_OR_FOLDER...`. A
// target that finds something aborts, after the name of the file has been printed.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#define TARGET(name) extern "C" int Replay_##name(const uint8_t* data, size_t size);
#include "fuzz_targets.inc"
#undef TARGET

namespace {

namespace fs = std::filesystem;

struct Target {
  const char* name;
  int (*run)(const uint8_t* data, size_t size);
};

#define TARGET(name) {#name, Replay_##name},
constexpr Target kTargets[] = {
#include "fuzz_targets.inc"
};
#undef TARGET

const Target* Find(const std::string& name) {
  for (const Target& target : kTargets) {
    if (name == target.name) return &target;
  }
  return nullptr;
}

std::vector<fs::path> FilesOf(const fs::path& place) {
  if (!fs::is_directory(place)) return {place};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(place)) files.push_back(entry.path());
  return files;
}

// A copy of just the size on the heap: reading beyond it is noticed.
std::vector<uint8_t> Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int Replay(const Target& target, const std::vector<fs::path>& files) {
  for (const fs::path& file : files) {
    std::printf("%s\n", file.filename().c_str());
    std::fflush(stdout);
    const std::vector<uint8_t> bytes = Read(file);
    target.run(bytes.data(), bytes.size());
  }
  std::printf("%zu inputs\n", files.size());
  return files.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Target* target = argc > 2 ? Find(argv[1]) : nullptr;
  if (target == nullptr) {
    std::fprintf(stderr, "usage: fuzz_replay TARGET FILE_OR_FOLDER...\n");
    return 2;
  }
  std::vector<fs::path> files;
  for (int i = 2; i < argc; ++i) {
    for (fs::path& file : FilesOf(argv[i])) files.push_back(std::move(file));
  }
  return Replay(*target, files);
}
