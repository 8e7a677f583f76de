// SPDX-License-Identifier: Apache-2.0
#include "compare/journal.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "results/json_reader.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

// Counts of a confusion matrix that are not 0, as [truth, predicted, pixels].
Json ReadJsonFile(const std::string& path) {
  const auto text = ReadFile(path);
  if (!text.ok()) return Json(Json::value_t::discarded);
  return Json::parse(*text, nullptr, /*allow_exceptions=*/false);
}

constexpr char kPictures[] = "samples", kVariants[] = "variants", kOriginal[] = "original",
               kSettings[] = "settings";
constexpr char kNotes[] = "samples.jsonl";
constexpr int kTwin = -1;

bool IsRun(const Json& run) {
  if (!run.is_object()) return false;
  for (const char* list : {kPictures, kVariants}) {
    if (!run.contains(list) || !run.at(list).is_array()) return false;
  }
  return run.contains(kOriginal) && run.contains(kSettings);
}

// Whether what is there can be gone on with.
absl::Status CheckSame(const std::string& output, const Json& before, const RunIdentity& run) {
  std::vector<std::string> obstacles = Differences(before.at(kSettings), run.settings);
  if (before.at(kOriginal) != run.original) {
    obstacles.insert(obstacles.begin(), "the original is another model");
  }
  if (obstacles.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      output, ": what was measured there does not hold for this run: ",
      absl::StrJoin(obstacles, "; "), "; without --resume, or in another folder, it begins anew"));
}

// Puts what was noted in place of what only has its name. A last line that was cut short is none.
void AddNotes(const std::string& notes, Json& known) {
  for (const absl::string_view line : absl::StrSplit(notes, '\n')) {
    const Json note = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool is_note = note.is_array() && note.size() == 2 && note[0].is_number_unsigned() &&
                         note[1].is_string() && note[0].get<size_t>() < known.size();
    if (!is_note) continue;
    Json& sample = known[note[0].get<size_t>()];
    if (sample == NamedOnly(note[1].get<std::string>())) sample = note[1];
  }
}

// The places of `keys` in the list `known`, to which those that it has not are added. What has only
// a name there has not been looked at: it is as good as what has the name now.
std::vector<int> PlacesIn(Json& known, const std::vector<std::string>& keys, int& added) {
  std::map<std::string, int> places;
  for (const Json& key : known) {
    places.emplace(key.is_string() ? key.get<std::string>() : "", static_cast<int>(places.size()));
  }
  std::vector<int> found;
  for (const std::string& key : keys) {
    if (const auto named = places.find(NamedOnly(key)); named != places.end()) {
      known[static_cast<size_t>(named->second)] = key;
      found.push_back(named->second);
      continue;
    }
    const auto [place, is_new] = places.emplace(key, static_cast<int>(places.size()));
    if (is_new) known.push_back(key);
    if (is_new) ++added;
    found.push_back(place->second);
  }
  return found;
}

}  // namespace

void Journal::Number(const RunIdentity& run, Json& known) {
  int new_pictures = 0, new_variants = 0;
  const bool is_first = known[kPictures].empty();
  pictures_ = PlacesIn(known[kPictures], run.samples, new_pictures);
  contenders_ = PlacesIn(known[kVariants], run.variants, new_variants);
  for (int& number : contenders_) ++number;
  contenders_.insert(contenders_.begin(), 0);
  contenders_.push_back(kTwin);
  if (is_first || new_pictures + new_variants == 0) return;
  news_ = absl::StrCat("goes on with what is there; new or changed: ", new_variants, " of ",
                       run.variants.size(), " variants, ", new_pictures, " of ", run.samples.size(),
                       " pictures or arrays");
}

absl::StatusOr<Journal> Journal::Open(const std::string& output, const RunIdentity& run,
                                      bool resume) {
  Journal journal((fs::path(output) / "progress").string());
  const std::string path = (fs::path(journal.folder_) / "run.json").string();
  const Json before = ReadJsonFile(path);
  Json known = {{kSettings, run.settings},
                {kOriginal, run.original},
                {kVariants, Json::array()},
                {kPictures, Json::array()}};
  if (resume && IsRun(before)) {
    NBITS_RETURN_IF_ERROR(CheckSame(output, before, run));
    known = before;
    if (const auto notes = ReadFile(journal.NotesPath()); notes.ok()) {
      AddNotes(*notes, known[kPictures]);
    }
  } else {
    NBITS_RETURN_IF_ERROR(journal.Forget());
    if (resume) journal.news_ = "nothing to resume is there: begins anew";
  }
  journal.Number(run, known);
  NBITS_RETURN_IF_ERROR(WriteFileAtomically(path, DumpJson(known, 1)));
  std::error_code ignored;
  fs::remove(journal.NotesPath(), ignored);  // They are in run.json now.
  return journal;
}

std::string Journal::NotesPath() const { return (fs::path(folder_) / kNotes).string(); }

// One write for a line, at the end: what is there is not written again for each of thousands.
absl::Status Journal::Note(size_t picture, const std::string& key) const {
  std::ofstream notes(NotesPath(), std::ios::app);
  notes << DumpJson({pictures_[picture], key}, -1) + "\n" << std::flush;
  if (notes) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("cannot write ", NotesPath()));
}

absl::Status Journal::Check(const std::string& output, const RunIdentity& run) {
  const Json before = ReadJsonFile((fs::path(output) / "progress" / "run.json").string());
  return IsRun(before) ? CheckSame(output, before, run) : absl::OkStatus();
}

// What a journal has written, and nothing else: the folder may be the user's own.
absl::Status Journal::Forget() const {
  NBITS_RETURN_IF_ERROR(MakeFolder(folder_));
  std::error_code error;
  std::vector<fs::path> old;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool is_ours = absl::EndsWith(name, ".json") &&
                         (absl::ascii_isdigit(static_cast<unsigned char>(name[0])) ||
                          absl::StartsWith(name, "more-") || name == "run.json");
    if (is_ours || name == kNotes) old.push_back(entry->path());
  }
  for (const fs::path& path : old) fs::remove(path, error);
  return absl::OkStatus();
}

std::string Journal::PathOf(size_t picture, size_t contender) const {
  const bool is_more = picture >= pictures_.size();
  const int number = is_more ? pictures_.back() : pictures_[picture];
  const int row = contenders_[contender];
  return (fs::path(folder_) / absl::StrCat(is_more ? "more-" : "", number, "-",
                                           row == kTwin ? "twin" : absl::StrCat(row), ".json"))
      .string();
}

std::optional<JournalEntry> Journal::Find(const Task& task, size_t picture,
                                          size_t contender) const {
  const auto text = ReadFile(PathOf(picture, contender));
  return text.ok() ? JournalEntryFromJson(*text, task) : std::nullopt;
}

absl::Status Journal::Store(size_t picture, size_t contender, const JournalEntry& entry) const {
  return WriteFileAtomically(PathOf(picture, contender), JournalEntryToJson(entry));
}

}  // namespace nbits
