// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/judge.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "compare/judge/class_names.h"
#include "compare/judge/key_points.h"
#include "compare/judge/true_boxes.h"
#include "compare/judge/truth.h"
#include "compare/preflight.h"

namespace nbits {

absl::Status Judge::SetTask(const FeatureDescription* picture, const TensorMap& outputs,
                            const std::vector<std::string>& samples) {
  if (task_) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(Task task, ChooseTask(options_.task, model_, picture, outputs));
  NBITS_RETURN_IF_ERROR(NameClasses(options_.class_names, task));
  NBITS_ASSIGN_OR_RETURN(labels_, TrueLabels::Read(options_.labels, task.labels));
  if (const auto& judged = options_.mask_map.grey) {
    NBITS_RETURN_IF_ERROR(CheckJudgedClass(task, *judged));
    task.judged_class = judged->id;
  }
  const bool labelled = std::any_of(samples.begin(), samples.end(), [&](const std::string& name) {
    return labels_->Of(name) >= 0;
  });
  NBITS_RETURN_IF_ERROR(CheckForTask(options_, task, labelled));
  if (!options_.boxes.empty() && task.kind != TaskKind::kDetection) {
    return absl::InvalidArgumentError("boxes are given, but the model is no object detector");
  }
  task_ = std::move(task);
  return absl::OkStatus();
}

absl::Status Judge::Begin(int number, const std::string& name, const std::optional<Image>& image,
                          const Shape& seen, TensorMap outputs,
                          std::optional<std::string>& problem) {
  picture_ = {.name = name};
  folder_.reset();
  height_ = seen.size() == 2 ? static_cast<int>(seen[0]) : 0;
  width_ = seen.size() == 2 ? static_cast<int>(seen[1]) : 0;
  if (image) {
    picture_.width = width_ = image->width;
    picture_.height = height_ = image->height;
    NBITS_ASSIGN_OR_RETURN(folder_, PictureFolder::Create(options_.output, number, *image));
    NBITS_RETURN_IF_ERROR(folder_->WriteImage(picture_));
  }
  NBITS_ASSIGN_OR_RETURN(original_, Interpret(*task_, std::move(outputs), width_, height_));
  if (original_.map.width > 0) {
    width_ = original_.map.width;
    height_ = original_.map.height;
  }
  return FindTruth(problem);
}

absl::Status Judge::FindTruth(std::optional<std::string>& problem) {
  truth_ = {};
  if (task_->kind == TaskKind::kClassification) {
    truth_.label = labels_->Of(picture_.name);
    if (truth_.label >= 0) picture_.label = task_->labels[static_cast<size_t>(truth_.label)];
  }
  if (task_->kind == TaskKind::kDetection) return FindTrueBoxes(problem);
  if (task_->kind != TaskKind::kSegmentation) return absl::OkStatus();
  auto map = ReadTruth(options_.masks, picture_.name, *task_, options_.mask_map, width_, height_);
  if (!map.ok()) {
    problem = std::string(map.status().message());
    return absl::OkStatus();
  }
  truth_.map = *std::move(map);
  if (!truth_.map) return absl::OkStatus();
  has_masks_ = true;
  return folder_ ? folder_->WriteTruth(*task_, *truth_.map, picture_) : absl::OkStatus();
}

absl::Status Judge::FindTrueBoxes(std::optional<std::string>& problem) {
  auto boxes = ReadTrueBoxes(options_.boxes.empty() ? options_.images : options_.boxes,
                             picture_.name, task_->labels.size());
  if (!boxes.ok()) {
    problem = std::string(boxes.status().message());
    return absl::OkStatus();
  }
  truth_.boxes = *std::move(boxes);
  if (!truth_.boxes) return absl::OkStatus();
  has_boxes_ = true;
  return folder_ ? folder_->WriteTruth(*task_, *truth_.boxes) : absl::OkStatus();
}

absl::StatusOr<Judgement> Judge::JudgeOutputs(TensorMap outputs, std::optional<int> row) {
  NBITS_ASSIGN_OR_RETURN(const Answer answer,
                         Interpret(*task_, std::move(outputs), width_, height_));
  NBITS_ASSIGN_OR_RETURN(Judgement judgement, JudgeAnswer(*task_, original_, answer, truth_));
  judgement.output.points = FindKeyPoints(answer.outputs, picture_.width, picture_.height);
  if (row && folder_) {
    NBITS_RETURN_IF_ERROR(folder_->WriteAnswer(*task_, *row, original_, answer, judgement.output));
  }
  return judgement;
}

std::optional<std::string> Judge::truth_source() const {
  if (has_masks_) return "masks";
  if (has_boxes_) return "boxes";
  if (labels_ && !labels_->source().empty()) return labels_->source();
  return std::nullopt;
}

}  // namespace nbits
