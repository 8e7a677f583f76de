// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "base/printable.h"
#include "nbits/report.h"
#include "report/table_columns.h"
#include "results/metric_fields.h"
#include "results/words.h"

namespace nbits {
namespace {

constexpr int kBarWidth = 12;  // Characters that the largest file's bar takes.

// Before which others a column is left out where the terminal is too narrow. What the verdict rests
// on stays.
int Dispensable(const Results& results, absl::string_view name) {
  constexpr std::array<absl::string_view, 10> kLeastNeededLast = {
      "memory",         "top5",
      "pixel_accuracy", "psnr_db",
      "agreement_miou", "max_relative_difference",
      "boundary_f",     "agreement_boundary_f",
      "spread",         "bar"};
  if (results.verdict && results.verdict->metric == name) return 0;
  const auto found = std::find(kLeastNeededLast.begin(), kLeastNeededLast.end(), name);
  return found == kLeastNeededLast.end() ? 0
                                         : static_cast<int>(found - kLeastNeededLast.begin()) + 1;
}

// Eighths of a character are drawn with the block elements U+2588 to U+258F.
std::string Bar(double fraction) {
  const int eighths =
      std::clamp(static_cast<int>(std::lround(fraction * kBarWidth * 8)), 1, kBarWidth * 8);
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += "\u2588";
  if (eighths % 8 != 0) bar += std::string("\xe2\x96") + static_cast<char>(0x90 - eighths % 8);
  return bar;
}

// What stands below a row: why its figures are missing or worth nothing.
std::vector<std::string> Notes(const VariantResult& variant) {
  std::vector<std::string> notes;
  if (variant.error) notes.push_back(absl::StrCat("failed: ", Printable(*variant.error)));
  if (variant.blank_masks > 0) {
    notes.push_back(absl::StrCat("blank masks on ", CountText(variant.blank_masks, "picture")));
  }
  if (variant.nonfinite_values > 0) {
    notes.push_back(absl::StrCat("NaN or infinite: ", CountText(variant.nonfinite_values, "value"),
                                 " of its outputs"));
  }
  return notes;
}

class TableMaker {
 public:
  explicit TableMaker(const Results& results) : results_(results) {
    for (const VariantResult& variant : results.variants) {
      largest_ = std::max(largest_, variant.bytes);
    }
  }

  // `cell` gives a variant's text; a column in which all are empty is left out.
  template <typename Function>
  void Add(std::string title, bool left, int dispensable, Function cell) {
    TableColumn column{std::move(title), left, dispensable};
    for (const VariantResult& variant : results_.variants) column.cells.push_back(cell(variant));
    const auto filled = [](const std::string& text) { return !text.empty(); };
    if (std::any_of(column.cells.begin(), column.cells.end(), filled)) columns_.push_back(column);
  }

  void AddMeasure(const MetricField& field) {
    Add(Printable(MeasureTitle(results_, field.name)), false, Dispensable(results_, field.name),
        [&](const VariantResult& variant) {
          const auto& value = variant.metrics.*field.member;
          return value ? MeasureText(field.name, *value) : EqualText(field, variant);
        });
    if (!results_.verdict || results_.verdict->metric != field.name) return;
    // What the verdict rests on shows how far chance may have moved it.
    Add("at 95 %", false, 1, [&](const VariantResult& variant) {
      return std::string(absl::StripAsciiWhitespace(IntervalText(field, variant)));
    });
  }

  void AddAll();
  std::string Text(const TableOptions& options);

 private:
  std::string Line(const std::vector<std::string>& cells) const;
  std::string RowText(size_t row) const;
  std::string TitleText() const;

  const Results& results_;
  int64_t largest_ = 1;
  std::vector<TableColumn> columns_;
};

void TableMaker::AddAll() {
  const auto time = [](const std::optional<double>& value) {
    return value ? MillisecondsText(*value) : std::string();
  };
  Add("model", true, 0, [](const VariantResult& variant) { return Printable(variant.name); });
  Add("size", false, 0, [](const VariantResult& variant) {
    return variant.bytes > 0 ? BytesText(variant.bytes) : std::string();
  });
  Add("", true, Dispensable(results_, "bar"), [this](const VariantResult& variant) {
    return variant.bytes == 0
               ? std::string()
               : Bar(static_cast<double>(variant.bytes) / static_cast<double>(largest_));
  });
  Add("time", false, 0, [&](const VariantResult& variant) { return time(variant.median_ms); });
  Add("spread", false, Dispensable(results_, "spread"),
      [&](const VariantResult& variant) { return time(variant.spread_ms); });
  Add("memory", false, Dispensable(results_, "memory"), [](const VariantResult& variant) {
    return variant.peak_memory_bytes ? BytesText(*variant.peak_memory_bytes) : std::string();
  });
  for (const MetricField& field : kMetricFields) AddMeasure(field);
}

std::string TableMaker::Line(const std::vector<std::string>& cells) const {
  std::string line;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const size_t width = WidthOf(columns_[i]);
    const std::string padding(width - std::min(width, ColumnsOf(cells[i])), ' ');
    absl::StrAppend(&line, i == 0 ? "" : "  ", columns_[i].left ? "" : padding, cells[i],
                    columns_[i].left ? padding : "");
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string TableMaker::RowText(size_t row) const {
  std::vector<std::string> cells;
  for (const TableColumn& column : columns_) cells.push_back(column.cells[row]);
  return Line(cells);
}

std::string TableMaker::TitleText() const {
  std::vector<std::string> lines;
  for (size_t i = 0; i < columns_.front().title_lines.size(); ++i) {
    std::vector<std::string> titles;
    for (const TableColumn& column : columns_) titles.push_back(column.title_lines[i]);
    lines.push_back(Line(titles));
  }
  return absl::StrJoin(lines, "\n");
}

std::string TableMaker::Text(const TableOptions& options) {
  const bool color = options.color;
  const std::vector<std::string> left_out = FitColumns(columns_, options.width);
  const char* const end = color ? "\x1b[0m" : "";
  std::string text = absl::StrCat(color ? "\x1b[1m" : "", TitleText(), end, "\n");
  for (size_t row = 0; row < results_.variants.size(); ++row) {
    const VariantResult& variant = results_.variants[row];
    const char* const start = !color ? "" : variant.error ? "\x1b[31m" : "";
    absl::StrAppend(&text, start, RowText(row), *start == 0 ? "" : end, "\n");
    for (const std::string& note : Notes(variant)) {
      absl::StrAppend(&text, start, "    ", note, *start == 0 ? "" : end, "\n");
    }
  }
  if (!left_out.empty()) {
    absl::StrAppend(&text, "(results.csv has more: ", absl::StrJoin(left_out, ", "), ")\n");
  }
  return text;
}

}  // namespace

std::string ResultsTable(const Results& results, const TableOptions& options) {
  TableMaker table(results);
  table.AddAll();
  return table.Text(options);
}

}  // namespace nbits
