// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "nbits/report.h"
#include "report/inline_pictures.h"

namespace nbits {
namespace {

constexpr absl::string_view kPlaceholder = R"({"nbits":"results"})";

// Of all pictures together, as base64: leaves a megabyte for the page and the figures below 10 MB.
constexpr size_t kPictureBudget = 9'000'000;

}  // namespace

absl::StatusOr<std::string> FillReport(absl::string_view page, const Results& results,
                                       const std::string& folder) {
  const size_t place = page.find(kPlaceholder);
  if (place == absl::string_view::npos || page.rfind(kPlaceholder) != place) {
    return absl::InvalidArgumentError("the report's page has no single place for the results");
  }
  Json document = ToJsonValue(results);
  NBITS_RETURN_IF_ERROR(InlinePictures(document, folder, kPictureBudget));
  // No "</script" or "<!--" of a file's name may end the element that holds the document.
  const std::string json = absl::StrReplaceAll(DumpJson(document, -1), {{"<", "\\u003c"}});
  return absl::StrCat(page.substr(0, place), json, page.substr(place + kPlaceholder.size()));
}

}  // namespace nbits
