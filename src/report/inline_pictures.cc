// SPDX-License-Identifier: Apache-2.0
#include "report/inline_pictures.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "nbits/image.h"

namespace nbits {
namespace {

constexpr int kPhotographQuality = 85;  // Of JPEG; differences are drawn eight times larger.
constexpr const char* kOutputPictures[] = {"ids", "matte", "image"};

std::string DataUri(const char* type, absl::string_view bytes) {
  return absl::StrCat("data:", type, ";base64,", absl::Base64Escape(bytes));
}

// The file as a data: URI; null stays.
absl::Status Inline(Json& field, const std::string& folder, bool as_photograph) {
  if (!field.is_string()) return absl::OkStatus();
  const std::string path = (std::filesystem::path(folder) / field.get<std::string>()).string();
  NBITS_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
  const bool png = absl::EndsWith(path, ".png");
  if (png && as_photograph) {
    NBITS_ASSIGN_OR_RETURN(const Image image, DecodeImage(bytes, path));
    NBITS_ASSIGN_OR_RETURN(bytes, EncodeJpeg(image, kPhotographQuality));
  }
  field = DataUri(png && !as_photograph ? "image/png" : "image/jpeg", bytes);
  return absl::OkStatus();
}

absl::Status InlinePicture(Json& picture, const std::string& folder) {
  NBITS_RETURN_IF_ERROR(Inline(picture["image"], folder, false));
  NBITS_RETURN_IF_ERROR(Inline(picture["ground_truth"], folder, false));
  for (Json& output : picture["outputs"]) {
    for (const char* name : kOutputPictures) {
      NBITS_RETURN_IF_ERROR(Inline(output[name], folder, std::string(name) == "image"));
    }
  }
  return absl::OkStatus();
}

size_t SizeOf(const Json& field) {
  return field.is_string() ? field.get_ref<const std::string&>().size() : 0;
}

size_t PictureBytes(const Json& picture) {
  size_t bytes = SizeOf(picture["image"]) + SizeOf(picture["ground_truth"]);
  for (const Json& output : picture["outputs"]) {
    for (const char* name : kOutputPictures) bytes += SizeOf(output[name]);
  }
  return bytes;
}

void LeaveOut(Json& picture) {
  picture["image"] = picture["ground_truth"] = nullptr;
  for (Json& output : picture["outputs"]) {
    for (const char* name : kOutputPictures) output[name] = nullptr;
  }
}

// How far the worst variant is from the original; larger is worse.
double Damage(const Json& picture) {
  double damage = 0;
  for (const Json& output : picture["outputs"]) {
    if (output["agreement"].is_number()) {
      damage = std::max(damage, 1 - output["agreement"].get<double>());
    } else if (output["max_relative_difference"].is_number()) {
      damage = std::max(damage, output["max_relative_difference"].get<double>());
    }
  }
  return damage;
}

}  // namespace

absl::Status InlinePictures(Json& document, const std::string& folder, size_t budget_bytes) {
  Json& pictures = document["pictures"];
  std::vector<size_t> order(pictures.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return Damage(pictures[a]) > Damage(pictures[b]); });
  size_t used = 0;
  for (size_t index : order) {
    NBITS_RETURN_IF_ERROR(InlinePicture(pictures[index], folder));
    const size_t bytes = PictureBytes(pictures[index]);
    // The worst one is always shown.
    if (used > 0 && used + bytes > budget_bytes) {
      LeaveOut(pictures[index]);
    } else {
      used += bytes;
    }
  }
  return absl::OkStatus();
}

}  // namespace nbits
