// SPDX-License-Identifier: Apache-2.0
// What nbits quantize says of its work: a table, a summary, warnings, JSON and CSV.
#ifndef NBITS_CLI_QUANTIZE_QUANTIZE_REPORT_H_
#define NBITS_CLI_QUANTIZE_QUANTIZE_REPORT_H_

#include <string>
#include <vector>

#include "nbits/compress.h"

namespace nbits::cli {

// One weight of the model before and after.
struct WeightRow {
  std::string path, layer, layer_type;
  int64_t elements = 0;
  std::string from;  // "Float32", "8-bit table", ...
  std::string to;    // As a format is written: "4:linear", "float16"; "kept".
  int64_t bytes_before = 0, bytes_after = 0;
  std::string reason;                   // Why it is kept.
  const WeightReport* error = nullptr;  // Of the report; null when the weight is kept.
};

struct QuantizeResult {
  CompressReport report;
  std::vector<WeightRow> rows;  // All weights of the model, in its order.
  std::string model;            // The file.
  std::string type, advice;     // Of the model: "neuralNetwork", ...; see ProgramAdvice.
  bool takes_picture = false;   // The model, as an input.
  std::string output;           // Empty: nothing was written.
  std::string plan, csv;        // Files written besides; empty: none.
  double seconds = 0;           // Of the whole command.
  bool only_float32 = false;    // What is stored otherwise was left alone (as coremltools does).
};

// `changed` is the model that ApplyPlan changed.
std::vector<WeightRow> RowsOf(const Model& changed, const CompressReport& report);

// Aligned lines with a head, for --dry-run.
std::string PlanText(const QuantizeResult& result);
// One line.
std::string SummaryText(const QuantizeResult& result);
// Why no weight was changed: the reason that most have; to stand behind the model's name.
std::string NothingChanged(const QuantizeResult& result);
// What the loss means for whoever uses the model, and how to see it; empty where nothing is lost.
std::string OutlookText(const QuantizeResult& result);
// One line each, without "nbits: ". At most a few for each kind of trouble, and how many more.
std::vector<std::string> Warnings(const QuantizeResult& result);
// One object, indented; docs/quantize.md describes it.
std::string QuantizeJson(const QuantizeResult& result);
// A head and a line per weight, RFC 4180.
std::string ErrorsCsv(const QuantizeResult& result);

// Share of the elements that are 0 in one of original and result and not in the other.
double FlippedShare(const WeightReport& weight);

}  // namespace nbits::cli

#endif  // NBITS_CLI_QUANTIZE_QUANTIZE_REPORT_H_
