// SPDX-License-Identifier: Apache-2.0
// What the journal keeps of one picture and model, as JSON.
#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "compare/journal.h"
#include "results/json_reader.h"

namespace nbits {
namespace {

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

}  // namespace nbits
