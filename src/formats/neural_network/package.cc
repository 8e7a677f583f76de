// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/package.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "base/system.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

constexpr char kManifest[] = "Manifest.json";
constexpr char kNewModelFile[] = "Data/com.apple.CoreML/model.mlmodel";
constexpr uintmax_t kLargestManifest = 16 << 20;

absl::Status NoPackage(absl::string_view package, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(package, ": ", reason));
}

std::string WithoutSlash(absl::string_view path) {
  while (path.size() > 1 && absl::ConsumeSuffix(&path, "/")) {
  }
  return std::string(path);
}

// Relative, and not above where it begins.
bool StaysInside(const fs::path& path) {
  if (path.empty() || path.is_absolute()) return false;
  const fs::path normal = path.lexically_normal();
  return normal != "." && *normal.begin() != "..";
}

std::string Text(const nlohmann::json& object, const std::string& key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

absl::StatusOr<nlohmann::json> ReadManifest(const std::string& package) {
  const fs::path file = fs::path(package) / kManifest;
  std::error_code error;
  if (!fs::exists(file, error)) return NoPackage(package, "is a package without its manifest");
  const auto size = fs::file_size(file, error);
  if (!error && size > kLargestManifest) return NoPackage(package, "its manifest is too large");
  NBITS_ASSIGN_OR_RETURN(const std::string text, ReadFile(file.string()));
  auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  return NoPackage(package, "its manifest is no JSON object");
}

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

// A folder beside the target, removed unless it has taken the target's place.
class NewFolder {
 public:
  static absl::StatusOr<NewFolder> Beside(const std::string& target) {
    NewFolder folder;
    const fs::path parent = fs::path(target).parent_path();
    RemoveLeftovers(parent.empty() ? "." : parent.string());
    while (true) {
      const std::string name = TemporaryName(target + ".");
      folder.note_ = TemporaryNote(name, /*is_folder=*/true);
      if (mkdir(name.c_str(), 0777) == 0) {
        folder.path_ = name;
        return folder;
      }
      if (errno != EEXIST) {
        return SystemError(errno, "write", target);
      }
    }
  }
  NewFolder(NewFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), note_(std::move(other.note_)) {}
  NewFolder& operator=(NewFolder&&) = delete;
  ~NewFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

  // What stood in the target's place is removed.
  absl::Status TakePlaceOf(const std::string& target) {
    std::error_code error;
    if (fs::exists(target, error)) {
      // From now on path_ is what was there before.
      if (ExchangeFiles(path_, target)) return absl::OkStatus();
      return SystemError(errno, "replace", target);
    }
    fs::rename(path_, target, error);
    if (error) return SystemError(error.value(), "write", target);
    path_.clear();
    return absl::OkStatus();
  }

 private:
  NewFolder() = default;
  std::string path_;
  TemporaryNote note_;
};

absl::Status CheckTarget(const std::string& target) {
  std::error_code error;
  if (!fs::exists(target, error)) return absl::OkStatus();
  if (IsPackage(target) || (fs::is_directory(target, error) && fs::is_empty(target, error))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("cannot write ", target, ": it is there, and is no model package"));
}

// A package written into what it is copied from would have no end.
absl::Status CheckOutside(const std::string& target, const std::string& source) {
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(fs::absolute(target, error), error);
  const fs::path outer = fs::weakly_canonical(fs::absolute(WithoutSlash(source), error), error);
  if (error || inner == outer || !StaysInside(inner.lexically_relative(outer))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("cannot write ", target, ": it is within ", source));
}

// All of the package but its model's file.
absl::Status CopyRest(const fs::path& from, const fs::path& model_file, const fs::path& to) {
  std::error_code error;
  fs::recursive_directory_iterator entry(from, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const fs::path name = entry->path().lexically_relative(from);
    if (name == model_file) continue;
    if (entry->is_directory(error) && !entry->is_symlink(error)) {
      NBITS_RETURN_IF_ERROR(MakeFolder((to / name).string()));
    } else {
      fs::copy(entry->path(), to / name, fs::copy_options::copy_symlinks, error);
    }
    if (error) return SystemError(error.value(), "copy", entry->path().string());
  }
  return error ? SystemError(error.value(), "copy", from.string()) : absl::OkStatus();
}

}  // namespace

bool NamesPackage(absl::string_view path) {
  return absl::EndsWithIgnoreCase(WithoutSlash(path), ".mlpackage");
}

bool IsPackage(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(fs::path(path) / kManifest, error);
}

absl::StatusOr<std::string> ModelFileIn(const std::string& package) {
  NBITS_ASSIGN_OR_RETURN(const nlohmann::json manifest, ReadManifest(package));
  const std::string root = Text(manifest, "rootModelIdentifier");
  const auto items = manifest.find("itemInfoEntries");
  if (root.empty() || items == manifest.end() || !items->is_object() || !items->contains(root)) {
    return NoPackage(package, "its manifest does not say which item is the model");
  }
  const fs::path file = fs::path(Text((*items)[root], "path"));
  if (StaysInside(file)) return (fs::path("Data") / file).lexically_normal().string();
  return NoPackage(package, absl::StrCat("its manifest names the model's file '", file.string(),
                                         "', which is not within the package"));
}

std::string ModelFileOf(const std::string& path) {
  if (!IsPackage(path)) return path;
  const auto file = ModelFileIn(path);
  return file.ok() ? (fs::path(path) / *file).string() : path;
}

absl::Status WritePackage(const std::string& target, const std::string& source,
                          const std::function<absl::Status(const std::string& file)>& write) {
  const std::string place = WithoutSlash(target);
  NBITS_RETURN_IF_ERROR(CheckTarget(place));
  std::string model_file = kNewModelFile;
  if (!source.empty()) {
    NBITS_RETURN_IF_ERROR(CheckOutside(place, source));
    NBITS_ASSIGN_OR_RETURN(model_file, ModelFileIn(source));
  }
  NBITS_ASSIGN_OR_RETURN(NewFolder folder, NewFolder::Beside(place));
  const fs::path made(folder.path());
  NBITS_RETURN_IF_ERROR(MakeFolderFor((made / model_file).string()));
  NBITS_RETURN_IF_ERROR(source.empty()
                            ? WriteFileAtomically((made / kManifest).string(), NewManifest())
                            : CopyRest(source, model_file, made));
  NBITS_RETURN_IF_ERROR(write((made / model_file).string()));
  return folder.TakePlaceOf(place);
}

}  // namespace nbits
