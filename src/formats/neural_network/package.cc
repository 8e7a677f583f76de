// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/package.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/files/file.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "base/system.h"
#include "formats/neural_network/manifest.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

constexpr char kNewModelFile[] = "Data/com.apple.CoreML/model.mlmodel";

std::string WithoutSlash(absl::string_view path) {
  while (path.size() > 1 && absl::ConsumeSuffix(&path, "/")) {
  }
  return std::string(path);
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
  if (error || inner == outer || !StaysInside(inner.lexically_relative(outer).string())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("cannot write ", target, ": it is within ", source));
}

// All of the package but the files that are made anew.
absl::Status CopyRest(const fs::path& from, const std::set<fs::path>& made, const fs::path& to) {
  std::error_code error;
  fs::recursive_directory_iterator entry(from, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const fs::path name = entry->path().lexically_relative(from);
    if (made.contains(name)) continue;
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

bool StaysInside(const std::string& path) {
  const fs::path name(path);
  if (name.empty() || name.is_absolute()) return false;
  const fs::path normal = name.lexically_normal();
  return normal != "." && *normal.begin() != "..";
}

absl::Status CheckNoLinks(const std::string& folder, const std::string& place) {
  fs::path path(folder);
  for (const fs::path& part : fs::path(place).lexically_normal()) {
    path /= part;
    std::error_code error;
    if (!fs::is_symlink(path, error)) continue;
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": is a link, within a package"));
  }
  return absl::OkStatus();
}

bool IsPackage(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(fs::path(path) / kManifest, error);
}

std::string ModelFileOf(const std::string& path) {
  if (!IsPackage(path)) return path;
  const auto file = ModelFileIn(path);
  return file.ok() ? (fs::path(path) / *file).string() : path;
}

absl::StatusOr<uint64_t> HashModel(const std::string& path) {
  if (!IsPackage(path)) return HashFile(path);
  std::set<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(WithoutSlash(path), error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (entry->is_regular_file(error)) files.insert(entry->path().string());
  }
  uint64_t all = 0;
  for (const std::string& file : files) {
    NBITS_ASSIGN_OR_RETURN(const uint64_t hash, HashFile(file));
    // FNV's prime: the order of the files counts.
    all = (all ^ hash) * 0x100000001b3u;
  }
  return all;
}

absl::Status WritePackage(const std::string& target, const std::string& source,
                          const std::set<std::string>& beside,
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
  std::set<fs::path> files = {model_file};
  for (const std::string& file : beside) files.insert(fs::path(model_file).parent_path() / file);
  for (const fs::path& file : files) {
    NBITS_RETURN_IF_ERROR(MakeFolderFor((made / file).string()));
  }
  NBITS_RETURN_IF_ERROR(source.empty()
                            ? WriteFileAtomically((made / kManifest).string(), NewManifest())
                            : CopyRest(source, files, made));
  NBITS_RETURN_IF_ERROR(write((made / model_file).string()));
  return folder.TakePlaceOf(place);
}

}  // namespace nbits
