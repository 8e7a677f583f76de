// SPDX-License-Identifier: Apache-2.0
#include "cli/compare/made_models.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "base/files/file.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "cli/build_facts.h"
#include "formats/neural_network/package.h"
#include "nbits/version.h"

namespace nbits::cli {
namespace {

absl::StatusOr<std::string> Record(const std::string& origin, const std::string& file) {
  NBITS_ASSIGN_OR_RETURN(const uint64_t hash, HashFile(file));
  return absl::StrFormat("%s to %016x", origin, hash);
}

}  // namespace

absl::StatusOr<MadeModels> MadeModels::Read(const std::string& folder, const std::string& original,
                                            bool resume) {
  MadeModels made;
  made.path_ = (std::filesystem::path(folder) / "made.json").string();
  NBITS_ASSIGN_OR_RETURN(const uint64_t hash, HashFile(ModelFileOf(original)));
  made.origin_ = absl::StrFormat("from %016x by nbits " NBITS_VERSION " %s", hash, BuildCommit());
  const auto text = ReadFile(made.path_);
  if (!resume || !text.ok()) return made;
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return made;
  for (const auto& [name, record] : json.items()) {
    if (record.is_string()) made.made_[name] = record.get<std::string>();
  }
  return made;
}

bool MadeModels::Has(const std::string& name, const std::string& file) const {
  const auto found = made_.find(name);
  if (found == made_.end()) return false;
  const auto record = Record(origin_, file);
  return record.ok() && *record == found->second;
}

absl::Status MadeModels::Add(const std::string& name, const std::string& file) {
  NBITS_ASSIGN_OR_RETURN(made_[name], Record(origin_, file));
  const nlohmann::json json = made_;
  return WriteFileAtomically(path_,
                             json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace nbits::cli
