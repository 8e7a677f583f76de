// SPDX-License-Identifier: Apache-2.0
// nbits quantize for people: the plan as a table, the summary, and warnings.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/figures.h"
#include "cli/build_facts.h"
#include "cli/command.h"
#include "cli/info/info_report.h"
#include "cli/quantize/quantize_report.h"
#include "cli/text_table.h"

namespace nbits::cli {
namespace {

// Of findings; the rest is counted.
constexpr size_t kWarningsOfAKind = 5;

// Of weights: 8 bits have about 42, 6 bits 30, 4 bits 19, and each bit is worth 6. Networks differ
// in what they bear (docs/reports.md: from 6 bits on some lose visibly, with 4 bits most do).
constexpr double kGoodDecibels = 38, kFairDecibels = 26;
constexpr double kLostDecibels = 3;  // The error is as large as the weights, or nearly.

std::string Decibels(double snr_db) {
  return std::isfinite(snr_db) ? absl::StrFormat("%.1f dB", snr_db) : "exact";
}

// What one should know but need not act on.
bool IsNote(const Finding& finding) {
  return finding.harmless || finding.trouble == Trouble::kConstantChannels ||
         finding.trouble == Trouble::kUnusedTableEntries || finding.trouble == Trouble::kOtherForm;
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
  return absl::StrCat("warning: ", CountText(findings.size(), "weight"), " of ",
                      findings.size() == 1 ? "" : "at least ", worst->worst,
                      " bits were quantized already and lose a second time (", names,
                      "); better start from the Float32 model");
}

// One line for all.
void AppendNotes(const std::vector<const Finding*>& findings, std::vector<std::string>& lines) {
  if (findings.empty()) return;
  std::string line = absl::StrCat("note: ", FindingText(*findings[0]));
  if (findings.size() > 1) {
    absl::StrAppend(&line, "; the like in ", CountText(findings.size() - 1, "more weight"),
                    " (--report and --json name all)");
  }
  lines.push_back(std::move(line));
}

void AppendWarnings(const std::vector<const Finding*>& findings, std::vector<std::string>& lines) {
  const size_t shown = findings.size() <= kWarningsOfAKind + 1 ? findings.size() : kWarningsOfAKind;
  for (size_t i = 0; i < shown; ++i) {
    lines.push_back(absl::StrCat("warning: ", FindingText(*findings[i])));
  }
  if (shown == findings.size()) return;
  lines.push_back(absl::StrCat("warning: the same holds for ", findings.size() - shown,
                               " more weights (--report and --json name all)"));
}

void AppendFindings(Trouble trouble, const std::vector<const Finding*>& findings,
                    std::vector<std::string>& lines) {
  if (trouble == Trouble::kQuantizedBefore) {
    lines.push_back(RequantizedText(findings));
    return;
  }
  std::vector<const Finding*> notes, warnings;
  for (const Finding* finding : findings) {
    (IsNote(*finding) ? notes : warnings).push_back(finding);
  }
  AppendWarnings(warnings, lines);
  AppendNotes(notes, lines);
}

// Weights that are hardly what they were, in one line.
void AppendLost(const CompressReport& report, std::vector<std::string>& lines) {
  std::vector<const WeightReport*> lost;
  for (const WeightReport& weight : report.changed) {
    if (weight.snr_db < kLostDecibels) lost.push_back(&weight);
  }
  if (lost.empty()) return;
  std::string line =
      absl::StrCat("warning: ", lost[0]->path, " is lost: its SNR is ", Decibels(lost[0]->snr_db));
  if (lost.size() > 1) {
    absl::StrAppend(&line, "; so are ", CountText(lost.size() - 1, "more weight"),
                    " (--report and --json name all)");
  }
  lines.push_back(std::move(line));
}

// Decibels that the changed weights have on average, each element counted once.
std::optional<double> MeanDecibels(const CompressReport& report) {
  double sum = 0, count = 0;
  for (const WeightReport& weight : report.changed) {
    if (!std::isfinite(weight.snr_db)) continue;
    const auto elements = static_cast<double>(weight.elements);
    sum += elements * weight.snr_db;
    count += elements;
  }
  return count > 0 ? std::optional<double>(sum / count) : std::nullopt;
}

// What that means for pictures, as far as weights can tell.
std::string Outlook(double decibels) {
  const std::string figure = absl::StrFormat("the weights' SNR is %.0f dB on average", decibels);
  if (decibels >= kGoodDecibels)
    return absl::StrCat("Good: ", figure, ", a loss is seldom visible");
  if (decibels >= kFairDecibels) return absl::StrCat("Small losses are possible: ", figure);
  return absl::StrCat("Visible loss is likely: ", figure);
}

}  // namespace

std::string PlanText(const QuantizeResult& result) {
  TextTable table({false, false, true, false, false, true, true, true, false});
  table.LeaveOutFirst({1, 2});
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
      CountText(report.changed.size(), "weight"));
  if (!report.kept.empty()) absl::StrAppend(&line, ", ", report.kept.size(), " kept");
  if (report.folded_layers > 0) {
    absl::StrAppend(&line, ", ", CountText(report.folded_layers, "layer"), " folded");
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

std::string NothingChanged(const QuantizeResult& result) {
  std::map<std::string, int> reasons;
  for (const PlanEntry& entry : result.report.kept) ++reasons[entry.reason];
  const auto most =
      std::max_element(reasons.begin(), reasons.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == reasons.end()) {
    return absl::StrCat("it has no weights of a neural network; its type is ", result.type,
                        result.advice);
  }
  const bool packed = result.only_float32 && absl::EndsWith(most->first, "already");
  const std::string share = most->second == static_cast<int>(result.report.kept.size())
                                ? "each is kept"
                                : absl::StrCat(most->second, " of ", result.report.kept.size());
  return absl::StrCat("none of its weights was changed; ", share, ": ", most->first,
                      packed ? " (restore Float32 first: --mode dequantize)" : "");
}

std::string OutlookText(const QuantizeResult& result) {
  const std::optional<double> decibels = MeanDecibels(result.report);
  if (!decibels) return "";
  std::string text = Outlook(*decibels);
  if (result.output.empty()) return text + ".\n";
  return absl::StrCat(text, ". To see what it costs:\n  nbits compare ", ShellQuoted(result.model),
                      " ", ShellQuoted(result.output), " ",
                      result.takes_picture ? "--images PICTURES" : "--inputs ARRAYS",
                      " -o FOLDER\n");
}

std::vector<std::string> Warnings(const QuantizeResult& result) {
  std::map<Trouble, std::vector<const Finding*>> kinds;
  for (const Finding& finding : result.report.findings) kinds[finding.trouble].push_back(&finding);
  std::vector<std::string> lines;
  for (const auto& [trouble, findings] : kinds) {
    AppendFindings(trouble, findings, lines);
  }
  AppendLost(result.report, lines);
  if (result.report.changed.empty()) lines.push_back("note: " + NothingChanged(result));
  for (std::string& line : lines) line = Printable(line);
  return lines;
}

}  // namespace nbits::cli
