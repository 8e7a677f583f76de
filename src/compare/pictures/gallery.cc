// SPDX-License-Identifier: Apache-2.0
#include "compare/pictures/gallery.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "compare/pictures/render.h"

namespace nbits {
namespace {

constexpr int kBlurDivisor = 64;    // Radius of the background's blur: this part of the width.
constexpr int kDifferenceGain = 8;  // Differences of pictures are shown so many times larger.

// 256 colours: an id outside the model's classes must be drawable too.
std::vector<Color> Palette(const Task& task) {
  std::vector<Color> colors = DefaultColors();
  std::copy_n(task.table.colors.begin(), std::min(colors.size(), task.table.colors.size()),
              colors.begin());
  return colors;
}

bool SameForm(const Image& a, const Image& b) {
  return a.width == b.width && a.height == b.height && a.channels == b.channels;
}

}  // namespace

PictureFolder::PictureFolder(std::string output, std::string folder, const Image& image)
    : output_(std::move(output)), folder_(std::move(folder)), image_(ToRgb(image)) {}

absl::StatusOr<PictureFolder> PictureFolder::Create(const std::string& output, int number,
                                                    const Image& image) {
  PictureFolder folder(output, absl::StrCat("pictures/", number), image);
  NBITS_RETURN_IF_ERROR(MakeFolder((std::filesystem::path(output) / folder.folder_).string()));
  return folder;
}

std::string PictureFolder::Relative(const std::string& name) const {
  return absl::StrCat(folder_, "/", name);
}

absl::Status PictureFolder::Write(const std::string& name,
                                  const absl::StatusOr<std::string>& contents) const {
  if (!contents.ok()) return contents.status();
  return WriteFileAtomically((std::filesystem::path(output_) / folder_ / name).string(), *contents);
}

absl::Status PictureFolder::WriteImage(PictureResult& result) const {
  result.image = Relative("image.jpg");
  return Write("image.jpg", EncodeJpeg(image_));
}

absl::Status PictureFolder::WriteTruth(const Task& task, const ClassMap& truth,
                                       PictureResult& result) const {
  result.ground_truth = Relative("truth.png");
  NBITS_RETURN_IF_ERROR(Write("truth.png", EncodeMaskPng(truth)));
  return Write("truth-colors.png", EncodePalettePng(truth, Palette(task)));
}

absl::Status PictureFolder::WriteTruth(const Task& task,
                                       const std::vector<Detection>& truth) const {
  NBITS_ASSIGN_OR_RETURN(const Image drawn, DrawDetections(image_, truth, task.labels));
  return Write("truth.png", EncodePng(drawn));
}

absl::Status PictureFolder::WriteMaps(const Task& task, const std::string& stem,
                                      const ClassMap& original, const ClassMap& map) const {
  const int radius = std::max(1, image_.width / kBlurDivisor);
  NBITS_RETURN_IF_ERROR(Write(stem + ".png", EncodeMaskPng(map)));
  NBITS_RETURN_IF_ERROR(Write(stem + "-colors.png", EncodePalettePng(map, Palette(task))));
  NBITS_RETURN_IF_ERROR(
      Write(stem + "-blur.jpg",
            EncodeJpeg(BlurBackground(image_, map, task.table.background_id, radius))));
  return Write(stem + "-difference.png", EncodePng(DifferencePicture(image_, original, map)));
}

absl::Status PictureFolder::WriteAnswer(const Task& task, int variant, const Answer& original,
                                        const Answer& answer, PictureOutput& result) const {
  const std::string stem = absl::StrCat(variant);
  if (task.kind == TaskKind::kSegmentation) {
    result.ids = Relative(stem + ".png");
    if (!answer.matte.pixels.empty()) {
      result.matte = Relative(stem + "-matte.png");
      NBITS_RETURN_IF_ERROR(Write(stem + "-matte.png", EncodePng(answer.matte)));
    }
    return WriteMaps(task, stem, original.map, answer.map);
  }
  if (task.kind == TaskKind::kDetection) {
    result.image = Relative(stem + ".png");
    NBITS_ASSIGN_OR_RETURN(const Image drawn, DrawDetections(image_, answer.boxes, task.labels));
    return Write(stem + ".png", EncodePng(drawn));
  }
  if (task.kind != TaskKind::kImageToImage) return absl::OkStatus();
  result.image = Relative(stem + ".png");
  NBITS_RETURN_IF_ERROR(Write(stem + ".png", EncodePng(answer.picture)));
  if (!SameForm(original.picture, answer.picture)) return absl::OkStatus();
  return Write(stem + "-difference.png",
               EncodePng(DifferencePicture(original.picture, answer.picture, kDifferenceGain)));
}

}  // namespace nbits
