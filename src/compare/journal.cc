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
#include "base/file.h"
#include "base/status_macros.h"
#include "compare/json_reader.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

// Counts of a confusion matrix that are not 0, as [truth, predicted, pixels].
Json ToJson(const ConfusionMatrix& matrix) {
  Json cells = Json::array();
  for (int truth = 0; truth < matrix.classes(); ++truth) {
    for (int predicted = 0; predicted <= matrix.classes(); ++predicted) {
      const int64_t count = matrix.count(truth, predicted);
      if (count != 0) cells.push_back({truth, predicted, count});
    }
  }
  return cells;
}

void ReadMatrix(JsonReader& reader, const Json& json, const char* name, ConfusionMatrix& matrix) {
  reader.Each(json, name, [&](const Json& cell) {
    const bool is_cell = cell.is_array() && cell.size() == 3 && cell[0].is_number_integer() &&
                         cell[1].is_number_integer() && cell[2].is_number_integer();
    if (!is_cell || !matrix.AddCount(cell[0], cell[1], cell[2]).ok()) {
      reader.Fail(absl::StrCat("'", name, "' holds more than counts"));
    }
  });
}

Json ToJson(const DetectionMatches& matches) {
  Json json = {{"found", Json::array()}, {"expected", Json::array()}};
  for (const DetectionMatches::Found& box : matches.found) {
    json["found"].push_back({box.class_id, box.confidence, box.right ? 1 : 0});
  }
  for (const auto& [class_id, boxes] : matches.expected) {
    json["expected"].push_back({class_id, boxes});
  }
  return json;
}

constexpr int64_t kMostBoxes = int64_t{1} << 40;  // So that thousands of entries can be merged.

// Calls read(values) with each list of `count` numbers; the first is a class.
template <typename Function>
void ReadRows(JsonReader& reader, const Json& json, const char* name, size_t count, Function read) {
  reader.Each(json, name, [&](const Json& row) {
    bool numbers = row.is_array() && row.size() == count && row[0].is_number_integer();
    for (size_t i = 1; numbers && i < count; ++i) numbers = row[i].is_number();
    if (!numbers) return reader.Fail(absl::StrCat("'", name, "' holds more than boxes"));
    read(row);
  });
}

void ReadMatches(JsonReader& reader, const Json& json, const char* name,
                 DetectionMatches& matches) {
  if (!JsonReader::Has(json, name)) return;  // Of another task.
  const Json& read = reader.Member(json, name);
  ReadRows(reader, read, "found", 3, [&](const Json& row) {
    matches.found.push_back({row[0].get<int>(), row[1].get<double>(), row[2].get<int>() != 0});
  });
  ReadRows(reader, read, "expected", 2, [&](const Json& row) {
    matches.expected[row[0].get<int>()] = std::clamp<int64_t>(row[1].get<int64_t>(), 1, kMostBoxes);
  });
}

struct CountField {
  using Member = int64_t Tally::*;
  const char* name;
  Member member;
};
constexpr CountField kCounts[] = {
    {"pictures", &Tally::pictures},           {"masked", &Tally::masked},
    {"labelled", &Tally::labelled},           {"right", &Tally::right},
    {"right_in_five", &Tally::right_in_five}, {"same_top1", &Tally::same_top1},
    {"same_top5", &Tally::same_top5},         {"blank", &Tally::blank},
    {"nonfinite", &Tally::nonfinite},
};

struct SumField {
  using Member = double Tally::*;
  const char* name;
  Member member;
};
constexpr SumField kSums[] = {
    {"boundary_sum", &Tally::boundary_sum},
    {"agreement_boundary_sum", &Tally::agreement_boundary_sum},
};

struct DifferenceField {
  using Member = double ArrayDifference::*;
  const char* name;
  Member member;
};
constexpr DifferenceField kDifferences[] = {
    {"noise", &ArrayDifference::noise},
    {"signal", &ArrayDifference::signal},
    {"peak", &ArrayDifference::peak},
    {"max_difference", &ArrayDifference::max_difference},
};

// JSON has no infinities: text keeps them, and every bit of the others.
Json ExactText(double value) { return absl::StrFormat("%a", value); }

void ReadExact(JsonReader& reader, const Json& json, const char* name, double& value) {
  std::string text;
  reader.Read(json, name, text);
  char* end = nullptr;
  value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != 0) reader.Fail(absl::StrCat("'", name, "' is no number"));
}

Json ToJson(const ArrayDifference& difference) {
  Json json = {{"count", difference.count}};
  for (const DifferenceField& field : kDifferences) {
    json[field.name] = ExactText(difference.*field.member);
  }
  return json;
}

ArrayDifference ReadDifference(JsonReader& reader, const Json& json) {
  ArrayDifference difference;
  reader.Read(json, "count", difference.count);
  for (const DifferenceField& field : kDifferences) {
    ReadExact(reader, json, field.name, difference.*field.member);
  }
  return difference;
}

Json ToJson(const Tally& tally) {
  Json json = {{"agreement", ToJson(tally.agreement)}, {"truth", ToJson(tally.truth)}};
  for (const CountField& field : kCounts) json[field.name] = tally.*field.member;
  for (const SumField& field : kSums) json[field.name] = ExactText(tally.*field.member);
  json["agreement_boxes"] = ToJson(tally.agreement_boxes);
  json["true_boxes"] = ToJson(tally.true_boxes);
  json["outputs"] = Json::array();
  for (const ArrayDifference& output : tally.outputs) json["outputs"].push_back(ToJson(output));
  return json;
}

void ReadTally(JsonReader& reader, const Json& json, Tally& tally) {
  ReadMatrix(reader, json, "agreement", tally.agreement);
  ReadMatrix(reader, json, "truth", tally.truth);
  for (const CountField& field : kCounts) reader.Read(json, field.name, tally.*field.member);
  for (const SumField& field : kSums) ReadExact(reader, json, field.name, tally.*field.member);
  ReadMatches(reader, json, "agreement_boxes", tally.agreement_boxes);
  ReadMatches(reader, json, "true_boxes", tally.true_boxes);
  reader.Each(json, "outputs", [&](const Json& element) {
    tally.outputs.push_back(ReadDifference(reader, element));
  });
}

Json ReadJsonFile(const std::string& path) {
  const auto text = ReadFile(path);
  if (!text.ok()) return Json(Json::value_t::discarded);
  return Json::parse(*text, nullptr, /*allow_exceptions=*/false);
}

}  // namespace

std::string JournalEntryToJson(const JournalEntry& entry) {
  const Json json = {{"times_ms", entry.times_ms},
                     {"load_ms", entry.load_ms},
                     {"peak_memory_bytes", entry.peak_memory_bytes},
                     {"output", ToJsonValue(entry.output)},
                     {"tally", ToJson(entry.tally)}};
  return DumpJson(json, -1);
}

std::optional<JournalEntry> JournalEntryFromJson(absl::string_view text, const Task& task) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  absl::Status status;
  JsonReader reader(status);
  JournalEntry entry{.tally = Tally(task)};
  reader.Read(json, "times_ms", entry.times_ms);
  reader.Read(json, "load_ms", entry.load_ms);
  reader.Read(json, "peak_memory_bytes", entry.peak_memory_bytes);
  entry.output = ReadPictureOutput(reader, reader.Member(json, "output"));
  ReadTally(reader, reader.Member(json, "tally"), entry.tally);
  return status.ok() ? std::optional<JournalEntry>(std::move(entry)) : std::nullopt;
}

namespace {

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
