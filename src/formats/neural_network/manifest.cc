// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/manifest.h"

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "formats/neural_network/package.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kLargestManifest = 16 << 20;

absl::Status NoPackage(absl::string_view package, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(package, ": ", reason));
}

std::string Text(const nlohmann::json& object, const std::string& key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// JSON readers take one of several members of the same name; which one is up to them.
class DoubledKeys {
 public:
  bool operator()(int /*depth*/, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    if (event == nlohmann::json::parse_event_t::object_start) open_.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end) open_.pop_back();
    if (event == nlohmann::json::parse_event_t::key &&
        !open_.back().insert(parsed.get<std::string>()).second) {
      found_ = parsed.get<std::string>();
    }
    return true;
  }
  const std::string& found() const { return found_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string found_;
};

// Core ML's own reader takes versions up to 1.0.0.
bool IsKnownVersion(const std::string& version) {
  return version.empty() || version == "1.0.0" || absl::StartsWith(version, "0.");
}

absl::Status CheckManifest(const std::string& package, const nlohmann::json& manifest) {
  const std::string version = Text(manifest, "fileFormatVersion");
  if (!IsKnownVersion(version)) {
    return NoPackage(package, absl::StrCat("its manifest is of version ", version,
                                           " (at most 1.0.0 was expected)"));
  }
  const auto items = manifest.find("itemInfoEntries");
  if (items == manifest.end() || !items->is_object()) return absl::OkStatus();
  for (const auto& item : items->items()) {
    const std::string path = Text(item.value(), "path");
    std::error_code error;
    if (!StaysInside(path)) {
      return NoPackage(package, absl::StrCat("its manifest names the file '", path,
                                             "', which is not within the package"));
    }
    if (fs::exists(fs::path(package) / "Data" / path, error)) continue;
    return NoPackage(package,
                     absl::StrCat("its manifest names the file '", path, "', which is missing"));
  }
  return absl::OkStatus();
}

absl::StatusOr<nlohmann::json> ReadManifest(const std::string& package) {
  const fs::path file = fs::path(package) / kManifest;
  std::error_code error;
  if (!fs::exists(file, error)) return NoPackage(package, "is a package without its manifest");
  const auto size = fs::file_size(file, error);
  if (!error && size > kLargestManifest) return NoPackage(package, "its manifest is too large");
  NBITS_ASSIGN_OR_RETURN(const std::string text, ReadFile(file.string()));
  DoubledKeys doubled;
  auto json = nlohmann::json::parse(text, std::ref(doubled), /*allow_exceptions=*/false);
  if (!json.is_object()) return NoPackage(package, "its manifest is no JSON object");
  if (!doubled.found().empty()) {
    return NoPackage(package, absl::StrCat("its manifest says '", doubled.found(), "' twice"));
  }
  NBITS_RETURN_IF_ERROR(CheckManifest(package, json));
  return json;
}

// Identifiers are compared without case.
const nlohmann::json* FindItem(const nlohmann::json& manifest, const std::string& identifier) {
  const auto items = manifest.find("itemInfoEntries");
  if (items == manifest.end() || !items->is_object()) return nullptr;
  for (auto item = items->begin(); item != items->end(); ++item) {
    if (absl::EqualsIgnoreCase(item.key(), identifier)) return &item.value();
  }
  return nullptr;
}

}  // namespace

std::string NewManifest() {
  // One identifier is as good as another: they tell the items of this package apart.
  constexpr char kIdentifier[] = "6E626974-7300-4000-8000-000000000001";
  const nlohmann::ordered_json manifest = {{"fileFormatVersion", "1.0.0"},
                                           {"itemInfoEntries",
                                            {{kIdentifier,
                                              {{"author", "com.apple.CoreML"},
                                               {"description", "CoreML Model Specification"},
                                               {"name", "model.mlmodel"},
                                               {"path", "com.apple.CoreML/model.mlmodel"}}}}},
                                           {"rootModelIdentifier", kIdentifier}};
  return manifest.dump(4) + "\n";
}

absl::StatusOr<std::string> ModelFileIn(const std::string& package) {
  NBITS_ASSIGN_OR_RETURN(const nlohmann::json manifest, ReadManifest(package));
  const std::string root = Text(manifest, "rootModelIdentifier");
  const nlohmann::json* item = FindItem(manifest, root);
  if (root.empty() || item == nullptr) {
    return NoPackage(package, "its manifest does not say which item is the model");
  }
  const fs::path file = fs::path(Text(*item, "path"));
  if (StaysInside(file.string())) {
    const std::string place = (fs::path("Data") / file).lexically_normal().string();
    NBITS_RETURN_IF_ERROR(CheckNoLinks(package, place));
    return place;
  }
  return NoPackage(package, absl::StrCat("its manifest names the model's file '", file.string(),
                                         "', which is not within the package"));
}

}  // namespace nbits
