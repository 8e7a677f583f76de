// SPDX-License-Identifier: Apache-2.0
#include "cli/run/run_detections.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "cli/command.h"

namespace nbits::cli {
namespace {

using Json = nlohmann::ordered_json;

Json DetectionJson(const Detection& found, const std::vector<std::string>& labels) {
  return {{"label", LabelOf(labels, found.class_id)},
          {"class", found.class_id},
          {"confidence", found.confidence},
          {"x", found.x},
          {"y", found.y},
          {"width", found.width},
          {"height", found.height}};
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string DetectionsCsv(const DetectionReport& report) {
  std::string csv = "label,class,confidence,x,y,width,height\n";
  for (const Detection& found : report.found) {
    absl::StrAppendFormat(&csv, "%s,%d,%.6g,%.6g,%.6g,%.6g,%.6g\n",
                          CsvField(LabelOf(report.labels, found.class_id)), found.class_id,
                          found.confidence, found.x, found.y, found.width, found.height);
  }
  return csv;
}

absl::Status AddFile(const std::string& folder, const std::string& name, const std::string& bytes,
                     DetectionReport& report) {
  const std::string path = (std::filesystem::path(folder) / name).string();
  report.files.push_back(path);
  return WriteFileAtomically(path, bytes);
}

}  // namespace

absl::StatusOr<DetectionReport> WriteDetections(std::vector<Detection> found,
                                                const std::vector<std::string>& labels,
                                                const Image& picture, const std::string& folder) {
  DetectionReport report{std::move(found), labels, {}};
  NBITS_RETURN_IF_ERROR(AddFile(folder, "detections.json", DetectionsJson(report), report));
  NBITS_RETURN_IF_ERROR(AddFile(folder, "detections.csv", DetectionsCsv(report), report));
  if (picture.pixels.empty()) return report;
  NBITS_ASSIGN_OR_RETURN(const Image drawn, DrawDetections(picture, report.found, labels));
  NBITS_ASSIGN_OR_RETURN(const std::string png, EncodePng(drawn));
  NBITS_RETURN_IF_ERROR(AddFile(folder, "detections.png", png, report));
  return report;
}

std::string DetectionsText(const DetectionReport& report) {
  std::string text = absl::StrCat("detections  ", report.found.size(), "  ");
  for (const std::string& file : report.files) {
    absl::StrAppend(&text, file, &file == &report.files.back() ? "\n" : ", ");
  }
  for (const Detection& found : report.found) {
    absl::StrAppendFormat(&text, "  %6.2f %%  %s  at %.3f, %.3f  of %.3f x %.3f\n",
                          found.confidence * 100, Printable(LabelOf(report.labels, found.class_id)),
                          found.x, found.y, found.width, found.height);
  }
  return text;
}

std::string DetectionsJson(const DetectionReport& report) {
  Json list = Json::array();
  for (const Detection& found : report.found) {
    list.push_back(DetectionJson(found, report.labels));
  }
  return list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nbits::cli
