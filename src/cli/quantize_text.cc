// SPDX-License-Identifier: Apache-2.0
// nbits quantize for people: the plan as a table, the summary, and warnings.
#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "cli/info_report.h"
#include "cli/quantize_report.h"
#include "cli/text_table.h"

namespace nbits::cli {
namespace {

// Of findings; the rest is counted.
constexpr size_t kWarningsOfAKind = 5, kNotesOfAKind = 2;

std::string Decibels(double snr_db) {
  return std::isfinite(snr_db) ? absl::StrFormat("%.1f dB", snr_db) : "exact";
}

std::string Plural(size_t count, const char* noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// What one should know but need not act on.
bool IsNote(Trouble trouble) {
  return trouble == Trouble::kConstantChannels || trouble == Trouble::kUnusedTableEntries;
}

// Weights that lose a second time, in one line: they are all or most of a model's.
std::string RequantizedText(const std::vector<const Finding*>& findings) {
  constexpr size_t kNames = 3;
  std::string names;
  for (size_t i = 0; i < std::min(kNames, findings.size()); ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", findings[i]->path);
  }
  if (findings.size() > kNames) absl::StrAppend(&names, ", ...");
  const auto worst =
      *std::min_element(findings.begin(), findings.end(),
                        [](const Finding* a, const Finding* b) { return a->worst < b->worst; });
  return absl::StrCat("warning: ", Plural(findings.size(), "weight"), " of ",
                      findings.size() == 1 ? "" : "at least ", worst->worst,
                      " bits were quantized already and lose a second time (", names,
                      "); better start from the Float32 model");
}

void AppendFindings(Trouble trouble, const std::vector<const Finding*>& findings,
                    std::vector<std::string>& lines) {
  if (trouble == Trouble::kQuantizedBefore) {
    lines.push_back(RequantizedText(findings));
    return;
  }
  const char* kind = IsNote(trouble) ? "note: " : "warning: ";
  const size_t most = IsNote(trouble) ? kNotesOfAKind : kWarningsOfAKind;
  const size_t shown = findings.size() <= most + 1 ? findings.size() : most;
  for (size_t i = 0; i < shown; ++i) {
    lines.push_back(absl::StrCat(kind, FindingText(*findings[i])));
  }
  if (shown == findings.size()) return;
  lines.push_back(absl::StrCat(kind, "the same holds for ", findings.size() - shown,
                               " more weights (--report and --json name all)"));
}

// Why nothing was changed: the reason that most weights have.
std::string NothingChanged(const QuantizeResult& result) {
  std::map<std::string, int> reasons;
  for (const PlanEntry& entry : result.report.kept) ++reasons[entry.reason];
  const auto most =
      std::max_element(reasons.begin(), reasons.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == reasons.end()) {
    return absl::StrCat("note: ", result.model, " has no neural network weights");
  }
  const bool packed = result.only_float32 && absl::EndsWith(most->first, "already");
  return absl::StrFormat("note: no weight of %s was changed; %d of %d: %s%s", result.model,
                         most->second, result.report.kept.size(), most->first,
                         packed ? " (restore Float32 first: --mode dequantize)" : "");
}

}  // namespace

std::string PlanText(const QuantizeResult& result) {
  TextTable table({false, false, true, false, false, true, true, true, false});
  table.Add({"weight", "layer type", "values", "from", "to", "bytes", "-> bytes", "SNR", ""});
  for (const WeightRow& row : result.rows) {
    table.Add({Printable(row.path), row.layer_type, Grouped(row.elements), row.from, row.to,
               Grouped(row.bytes_before), Grouped(row.bytes_after),
               row.error != nullptr ? Decibels(row.error->snr_db) : "", Printable(row.reason)});
  }
  std::string text;
  if (!result.rows.empty()) table.AppendTo(text);
  return text;
}

std::string SummaryText(const QuantizeResult& result) {
  const CompressReport& report = result.report;
  const auto before = static_cast<double>(std::max<int64_t>(1, report.bytes_before));
  std::string line = absl::StrFormat(
      "%s: %s -> %s bytes (%.1f %%), %s changed",
      result.output.empty() ? absl::StrCat(result.model, " (dry run, not written)") : result.output,
      Grouped(report.bytes_before), Grouped(report.bytes_after),
      100 * static_cast<double>(report.bytes_after) / before,
      Plural(report.changed.size(), "weight"));
  if (!report.kept.empty()) absl::StrAppend(&line, ", ", report.kept.size(), " kept");
  if (report.folded_layers > 0) {
    absl::StrAppend(&line, ", ", Plural(static_cast<size_t>(report.folded_layers), "layer"),
                    " folded");
  }
  if (const int worst = report.WorstWeight(); worst >= 0) {
    const WeightReport& weight = report.changed[static_cast<size_t>(worst)];
    absl::StrAppend(&line, ", worst SNR ", Decibels(weight.snr_db), " in ", weight.path);
  } else if (!report.changed.empty()) {
    absl::StrAppend(&line, ", all exact");
  }
  absl::StrAppendFormat(&line, ", %.2f s", result.seconds);
  return Printable(line);
}

std::vector<std::string> Warnings(const QuantizeResult& result) {
  std::map<Trouble, std::vector<const Finding*>> kinds;
  for (const Finding& finding : result.report.findings) kinds[finding.trouble].push_back(&finding);
  std::vector<std::string> lines;
  for (const auto& [trouble, findings] : kinds) AppendFindings(trouble, findings, lines);
  if (result.report.changed.empty()) lines.push_back(NothingChanged(result));
  for (std::string& line : lines) line = Printable(line);
  return lines;
}

}  // namespace nbits::cli
