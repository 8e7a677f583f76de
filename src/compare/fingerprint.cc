// SPDX-License-Identifier: Apache-2.0
#include "compare/fingerprint.h"

#include <cstring>
#include <filesystem>

#include "absl/strings/str_format.h"
#include "base/file.h"
#include "coreml/package.h"
#include "nbits/target.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

// FNV-1a over words of eight bytes: tells files apart, and reads as fast as memory does.
uint64_t Hash(std::span<const std::byte> bytes) {
  constexpr uint64_t kPrime = 0x100000001b3, kBasis = 0xcbf29ce484222325;
  uint64_t hash = kBasis ^ bytes.size();
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  }
  return hash;
}

Json Describe(const CompareModel& model) {
  const auto file = MappedFile::Open(ModelFileOf(model.file));
  if (!file.ok()) return {{"file", model.file}, {"hash", nullptr}};
  return {{"file", model.file},
          {"hash", absl::StrFormat("%016x", Hash((*file)->bytes()))},
          {"int8", model.compute == Compute::kInt8}};
}

int64_t SizeOf(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? -1 : static_cast<int64_t>(size);
}

}  // namespace

Json Fingerprint(const CompareOptions& options, const std::vector<std::string>& pictures,
                 int runs) {
  Json json = {
      {"nbits", options.nbits_version}, {"commit", options.commit}, {"runs", runs},
      {"threads", options.threads},     {"target", VectorTarget()}, {"masks", options.masks},
      {"labels", options.labels},       {"task", options.task}};
  json["mask_map"] = options.mask_map.ids;
  if (const auto& grey = options.mask_map.grey) {
    json["grey"] = {{"id", grey->id}, {"label", grey->label}};
  }
  json["models"] = {Describe(options.original)};
  for (const CompareModel& variant : options.variants) json["models"].push_back(Describe(variant));
  const PictureOptions& seen = options.pictures;
  json["size"] = {seen.size, seen.width, seen.height};
  json["values"] = {seen.scale, seen.bias, seen.layout.has_value()};
  if (seen.layout) json["layout"] = *seen.layout;
  fs::path folder(options.images.empty() ? options.inputs : options.images);
  std::error_code error;
  if (!fs::is_directory(folder, error)) folder = folder.parent_path();  // It is a picture.
  for (const std::string& name : pictures) {
    json["pictures"].push_back({name, SizeOf(folder / name)});
  }
  return json;
}

}  // namespace nbits
