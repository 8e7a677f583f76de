// SPDX-License-Identifier: Apache-2.0
// Lookup tables as JSON or CSV text.
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "nbits/plan.h"

namespace nbits {
namespace {

constexpr size_t kMostEntries = 256;  // 8 bits.

absl::Status Invalid(const std::string& place, const std::string& reason) {
  return absl::InvalidArgumentError(absl::StrCat(place, ": ", reason));
}

absl::Status CheckTable(const std::vector<float>& table, const std::string& place) {
  if (table.empty()) return Invalid(place, "a table without entries");
  if (table.size() > kMostEntries) {
    return Invalid(
        place, absl::StrCat("a table of ", table.size(), " entries (at most ", kMostEntries, ")"));
  }
  for (const float entry : table) {
    if (!std::isfinite(entry)) return Invalid(place, "an entry that is not a finite Float32");
  }
  return absl::OkStatus();
}

absl::StatusOr<NamedTable> TableFromJson(const std::string& pattern, const nlohmann::json& list) {
  const std::string place = absl::StrCat("table \"", pattern, "\"");
  if (!list.is_array()) return Invalid(place, "a list of numbers was expected");
  NamedTable table{pattern, {}};
  for (const nlohmann::json& entry : list) {
    if (!entry.is_number()) return Invalid(place, "an entry that is no number");
    table.table.push_back(static_cast<float>(entry.get<double>()));
  }
  NBITS_RETURN_IF_ERROR(CheckTable(table.table, place));
  return table;
}

absl::StatusOr<std::vector<NamedTable>> TablesFromJson(const nlohmann::json& document) {
  std::vector<NamedTable> tables;
  if (document.is_array()) {
    NBITS_ASSIGN_OR_RETURN(tables.emplace_back(), TableFromJson("*", document));
    return tables;
  }
  for (const auto& [pattern, list] : document.items()) {
    NBITS_ASSIGN_OR_RETURN(tables.emplace_back(), TableFromJson(pattern, list));
  }
  return tables;
}

// Cells of a line; layer names with commas can stand in double quotes, a quote in them doubled.
std::vector<std::string> Cells(absl::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  for (std::string& cell : cells) absl::StripAsciiWhitespace(&cell);
  while (cells.size() > 1 && cells.back().empty()) cells.pop_back();  // "a,1,2,,"
  return cells;
}

absl::Status AppendNumbers(const std::vector<std::string>& cells, size_t first,
                           const std::string& place, std::vector<float>& numbers) {
  for (size_t i = first; i < cells.size(); ++i) {
    float number = 0;
    if (!absl::SimpleAtof(cells[i], &number)) {
      return Invalid(place, absl::StrCat("\"", cells[i], "\" is no number"));
    }
    numbers.push_back(number);
  }
  return absl::OkStatus();
}

bool IsNumber(const std::string& cell) {
  float number = 0;
  return absl::SimpleAtof(cell, &number);
}

absl::StatusOr<std::vector<NamedTable>> TablesFromCsv(absl::string_view text) {
  std::vector<NamedTable> tables;
  std::vector<float> common;  // Of all lines that begin with a number.
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::string place = absl::StrCat("line ", ++number);
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    const std::vector<std::string> cells = Cells(line);
    if (IsNumber(cells[0])) {
      NBITS_RETURN_IF_ERROR(AppendNumbers(cells, 0, place, common));
      continue;
    }
    NamedTable& table = tables.emplace_back(NamedTable{cells[0], {}});
    NBITS_RETURN_IF_ERROR(AppendNumbers(cells, 1, place, table.table));
    NBITS_RETURN_IF_ERROR(CheckTable(table.table, place));
  }
  if (!common.empty() && !tables.empty()) {
    return absl::InvalidArgumentError("lines with and without a layer's name");
  }
  if (common.empty()) return tables;
  NBITS_RETURN_IF_ERROR(CheckTable(common, "the table"));
  return std::vector<NamedTable>{{"*", common}};
}

}  // namespace

absl::StatusOr<std::vector<NamedTable>> ParseTables(absl::string_view text) {
  const absl::string_view start = absl::StripLeadingAsciiWhitespace(text);
  const bool is_json = !start.empty() && (start[0] == '{' || start[0] == '[');
  if (!is_json) {
    NBITS_ASSIGN_OR_RETURN(auto tables, TablesFromCsv(text));
    if (tables.empty()) return absl::InvalidArgumentError("no table is there");
    return tables;
  }
  const auto document = nlohmann::json::parse(start, nullptr, false);
  if (document.is_discarded()) return absl::InvalidArgumentError("malformed JSON");
  NBITS_ASSIGN_OR_RETURN(auto tables, TablesFromJson(document));
  if (tables.empty()) return absl::InvalidArgumentError("no table is there");
  return tables;
}

}  // namespace nbits
