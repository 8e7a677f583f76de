// SPDX-License-Identifier: Apache-2.0
// Any text as results.json, and every text that is made of results.
#include "fuzz/fuzz.h"
#include "nbits/report.h"
#include "nbits/results.h"

namespace {

using nbits::fuzz::Require;

constexpr const char* kCondition = "(miou_drop > 0.5 or time_ratio >= 1.1) and memory_ratio != 1";
constexpr const char* kPage = "<script>{\"nbits\":\"results\"}</script>";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto results = nbits::ResultsFromJson(nbits::fuzz::Text(data, size));
  if (!results.ok()) return 0;
  const std::string json = nbits::ResultsToJson(*results);
  const auto again = nbits::ResultsFromJson(json);
  Require(again.ok() && nbits::ResultsToJson(*again) == json);
  Require(!nbits::ResultsToCsv(*results).empty());
  Require(!nbits::ResultsToMarkdown(*results).empty());
  nbits::VerdictText(*results);
  nbits::ResultsTable(*results, {.color = true});
  nbits::FailIf(*results, kCondition).IgnoreError();
  // Pictures are files; a folder that is not there leaves the rest.
  nbits::FillReport(kPage, *results, "/nonexistent").IgnoreError();
  return 0;
}
