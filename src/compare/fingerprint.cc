// SPDX-License-Identifier: Apache-2.0
#include "compare/fingerprint.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/hash.h"
#include "formats/neural_network/package.h"
#include "nbits/target.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

std::string HashOf(const std::string& file) {
  const auto hash = HashFile(file);
  return hash.ok() ? absl::StrFormat("%016x", *hash) : "none";
}

// Other files that say what is true of the sample: its mask, and the boxes beside a picture.
std::vector<std::string> TruthFiles(const CompareOptions& options, const std::string& name) {
  fs::path folder(options.images.empty() ? options.inputs : options.images);
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) folder = folder.parent_path();  // It is a picture.
  const fs::path boxes = options.boxes.empty() ? folder : fs::path(options.boxes);
  std::vector<std::string> files = {(boxes / name).replace_extension(".txt").string()};
  if (!options.masks.empty()) {
    files.push_back((fs::path(options.masks) / (fs::path(name).stem().string() + ".png")).string());
  }
  std::erase_if(files, [](const std::string& file) {
    std::error_code error;
    return !fs::is_regular_file(file, error);
  });
  return files;
}

// Variants of the same bytes are told apart by their order.
std::vector<std::string> VariantKeys(const CompareOptions& options) {
  std::vector<std::string> keys;
  std::map<std::string, int> taken;
  for (const CompareModel& variant : options.variants) {
    std::string key =
        variant.error ? absl::StrCat("none ", variant.name) : HashOf(ModelFileOf(variant.file));
    if (variant.compute == Compute::kInt8) absl::StrAppend(&key, "-int8");
    if (const int earlier = taken[key]++; earlier > 0) absl::StrAppend(&key, " ", earlier);
    keys.push_back(std::move(key));
  }
  return keys;
}

// Whatever else changes figures belongs here.
Json Settings(const CompareOptions& options) {
  Json json = {
      {"version of nbits", options.nbits_version},
      {"commit of nbits", options.commit},
      {"runs", options.runs},
      {"threads", options.threads},
      {"target", VectorTarget()},
      {"task", options.task},
      {"labels", options.labels.empty() ? "none" : HashOf(options.labels)},
      {"names of classes", options.class_names.empty() ? "none" : HashOf(options.class_names)},
      {"mask map", options.mask_map.ids},
      {"grey class", nullptr}};
  const PictureOptions& seen = options.pictures;
  json["size of pictures"] = {seen.size, seen.width, seen.height};
  json["values of pictures"] = {seen.scale, seen.bias};
  json["layout"] = nullptr;
  if (seen.layout) json["layout"] = *seen.layout;
  if (const auto& grey = options.mask_map.grey) {
    json["grey class"] = {{"id", grey->id}, {"label", grey->label}};
  }
  return json;
}

std::string Shown(const Json& json, const std::string& name) {
  const auto member = json.find(name);
  return member == json.end() ? "not said" : DumpJson(*member, -1);
}

}  // namespace

RunIdentity IdentifySettings(const CompareOptions& options) {
  RunIdentity run;
  run.settings = Settings(options);
  run.original = HashOf(ModelFileOf(options.original.file));
  return run;
}

std::string SampleKey(const CompareOptions& options, const Samples& samples, size_t number) {
  std::vector<std::string> files = samples.Files(number);
  const std::vector<std::string> truth = TruthFiles(options, samples.names()[number]);
  std::string key = absl::StrCat(samples.names()[number], " ");
  for (const std::string& file : files) absl::StrAppend(&key, HashOf(file));
  for (const std::string& file : truth) {
    absl::StrAppend(&key, fs::path(file).extension().string(), HashOf(file));
  }
  return key;
}

// Names may hold blanks, what follows them does not.
std::string NamedOnly(absl::string_view key) {
  return absl::StrCat(key.substr(0, key.rfind(' ')), " ");
}

RunIdentity Identify(const CompareOptions& options, const Samples& samples) {
  RunIdentity run = IdentifySettings(options);
  run.variants = VariantKeys(options);
  for (size_t i = 0; i < samples.names().size(); ++i) {
    run.samples.push_back(options.resume ? SampleKey(options, samples, i)
                                         : absl::StrCat(samples.names()[i], " "));
  }
  return run;
}

std::vector<std::string> Differences(const Json& before, const Json& now) {
  std::vector<std::string> differences;
  for (const auto& [name, value] : now.items()) {
    if (before.is_object() && before.contains(name) && before.at(name) == value) continue;
    differences.push_back(absl::StrCat(name, " was ",
                                       before.is_object() ? Shown(before, name) : "not said",
                                       " and is ", Shown(now, name)));
  }
  return differences;
}

}  // namespace nbits
