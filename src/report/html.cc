#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "nbits/report.h"
#include "report/to_json.h"

namespace nbits {
namespace {

constexpr absl::string_view kPlaceholder = R"({"nbits":"results"})";

std::string Join(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

// Replaces the path in `field` by the file itself; null stays.
absl::Status Inline(Json& field, const std::string& folder) {
  if (!field.is_string()) return absl::OkStatus();
  const std::string path = field.get<std::string>();
  NBITS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(Join(folder, path)));
  const char* const type = absl::EndsWith(path, ".png") ? "image/png" : "image/jpeg";
  field = absl::StrCat("data:", type, ";base64,", absl::Base64Escape(bytes));
  return absl::OkStatus();
}

absl::Status InlinePictures(Json& document, const std::string& folder) {
  for (Json& picture : document["pictures"]) {
    NBITS_RETURN_IF_ERROR(Inline(picture["image"], folder));
    NBITS_RETURN_IF_ERROR(Inline(picture["ground_truth"], folder));
    for (Json& output : picture["outputs"]) {
      NBITS_RETURN_IF_ERROR(Inline(output["ids"], folder));
      NBITS_RETURN_IF_ERROR(Inline(output["image"], folder));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> FillReport(absl::string_view page, const Results& results,
                                       const std::string& folder) {
  const size_t place = page.find(kPlaceholder);
  if (place == absl::string_view::npos || page.rfind(kPlaceholder) != place) {
    return absl::InvalidArgumentError("the report's page has no single place for the results");
  }
  Json document = ToJsonValue(results);
  NBITS_RETURN_IF_ERROR(InlinePictures(document, folder));
  // No "</script" or "<!--" of a file's name may end the element that holds the document.
  const std::string json = absl::StrReplaceAll(DumpJson(document, -1), {{"<", "\\u003c"}});
  return absl::StrCat(page.substr(0, place), json, page.substr(place + kPlaceholder.size()));
}

}  // namespace nbits
