// SPDX-License-Identifier: Apache-2.0
#include "cli/info/memory_report.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/text_table.h"

namespace nbits::cli {
namespace {

using Json = nlohmann::ordered_json;

// Characters of the picture, and of what stands on its left.
constexpr int kColumns = 72, kRows = 16, kScale = 15;

double Megabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

// The layers and the bytes that one character stands for.
struct Cell {
  double first_layer, end_layer, first_byte, end_byte;

  // How much of the cell the block fills, 0..1.
  double Share(const PlannedMemory& block) const {
    const double begin = static_cast<double>(block.offset);
    const double end = begin + static_cast<double>(block.bytes);
    const double time = std::min(end_layer, block.last_layer + 1.0) -
                        std::max<double>(first_layer, block.first_layer);
    const double space = std::min(end_byte, end) - std::max(first_byte, begin);
    if (time <= 0 || space <= 0) return 0;
    return time / (end_layer - first_layer) * space / (end_byte - first_byte);
  }
};

char CellCharacter(const MemoryReport& report, const Cell& cell) {
  double used = 0, workspace = 0;
  for (const PlannedMemory& block : report.blocks) {
    const double share = cell.Share(block);
    (block.shape.empty() && block.format == "workspace" ? workspace : used) += share;
  }
  if (workspace > used && workspace > 0.25) return 'w';
  return used + workspace > 0.75 ? '#' : used + workspace > 0.25 ? '+' : '.';
}

std::string Picture(const MemoryReport& report) {
  const double layers = static_cast<double>(report.layers.size());
  const double bytes = static_cast<double>(report.arena_bytes);
  const int room = std::clamp(TerminalWidth(STDOUT_FILENO) - kScale, 1, kColumns);
  const int columns = std::min(room, static_cast<int>(report.layers.size()));
  std::string text;
  for (int row = kRows - 1; row >= 0; --row) {
    absl::StrAppendFormat(&text, "%12s |",
                          BytesText(static_cast<int64_t>(bytes * (row + 1) / kRows)));
    for (int column = 0; column < columns; ++column) {
      const Cell cell{layers * column / columns, layers * (column + 1) / columns,
                      bytes * row / kRows, bytes * (row + 1) / kRows};
      text += CellCharacter(report, cell);
    }
    text += "|\n";
  }
  absl::StrAppendFormat(&text, "%13s 0%*d\n", "layer", columns - 1,
                        static_cast<int>(report.layers.size()));
  return text + "              # in use  + partly  w workspace  . free\n";
}

std::vector<PlannedMemory> InOrderOfTime(std::vector<PlannedMemory> blocks) {
  std::ranges::stable_sort(blocks, {}, &PlannedMemory::first_layer);
  return blocks;
}

Json BlockJson(const PlannedMemory& block) {
  return {{"name", block.name},
          {"format", block.format},
          {"shape", block.shape},
          {"offset", block.offset},
          {"bytes", block.bytes},
          {"first_layer", block.first_layer},
          {"last_layer", block.last_layer}};
}

std::string OneText(const MemoryReport& report) {
  const double above = report.bound_bytes > 0
                           ? 100.0 * static_cast<double>(report.arena_bytes - report.bound_bytes) /
                                 static_cast<double>(report.bound_bytes)
                           : 0.0;
  std::string text = absl::StrFormat(
      "arena    %13s, %.1f %% above the %s in use at once\n"
      "weights  %13s, as the file stores them\nkept     %13s of decoded weights\n",
      BytesText(report.arena_bytes), above, BytesText(report.bound_bytes),
      BytesText(report.weight_bytes), BytesText(report.kept_bytes));
  if (report.arena_bytes > 0 && !report.layers.empty())
    absl::StrAppend(&text, "\n", Picture(report));
  TextTable table({true, true, true, true, false, false, false});
  table.LeaveOutFirst({5});
  table.Add({"offset MB", "MB", "first", "last", "format", "shape", "name"});
  for (const PlannedMemory& block : InOrderOfTime(report.blocks)) {
    table.Add({absl::StrFormat("%.3f", Megabytes(block.offset)),
               absl::StrFormat("%.3f", Megabytes(block.bytes)), absl::StrCat(block.first_layer),
               absl::StrCat(block.last_layer), block.format,
               block.shape.empty() ? "" : ShapeText(block.shape), Printable(block.name)});
  }
  text += "\n";
  table.AppendTo(text);
  return text;
}

Json OneJson(const MemoryReport& report) {
  Json json = {{"arena_bytes", report.arena_bytes},
               {"bound_bytes", report.bound_bytes},
               {"weight_bytes", report.weight_bytes},
               {"kept_bytes", report.kept_bytes},
               {"blocks", Json::array()}};
  for (const PlannedMemory& block : InOrderOfTime(report.blocks)) {
    json["blocks"].push_back(BlockJson(block));
  }
  return json;
}

// A network by itself has no place.
bool IsPipeline(const MemoryReports& reports) {
  return reports.size() != 1 || !reports[0].first.empty();
}

}  // namespace

std::string MemoryText(const MemoryReports& reports) {
  if (!IsPipeline(reports)) return OneText(reports[0].second);
  std::string text = reports.empty() ? "no member is a network\n" : "";
  for (const auto& [place, report] : reports) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", Printable(place), "\n", OneText(report));
  }
  return text;
}

std::string MemoryJson(const MemoryReports& reports) {
  Json json = {{"members", Json::array()}};
  for (const auto& [place, report] : reports) {
    Json member = {{"member", place}};
    member.update(OneJson(report));
    json["members"].push_back(std::move(member));
  }
  if (!IsPipeline(reports)) json = OneJson(reports[0].second);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nbits::cli
