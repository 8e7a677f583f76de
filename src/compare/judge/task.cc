// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/task.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "data/shape.h"
#include "formats/find_feature.h"
#include "nbits/detection.h"

namespace nbits {
namespace {

constexpr int64_t kSmallestMap = 8;      // Fewer rows or columns are not a picture.
constexpr double kRatioTolerance = 0.1;  // Networks round their output's size.

bool SameRatio(int64_t height, int64_t width, const Shape& input) {
  if (input.size() != 2 || input[0] <= 0 || input[1] <= 0) return false;
  if (height < kSmallestMap || width < kSmallestMap) return false;
  const double ratio = static_cast<double>(height) * static_cast<double>(input[1]) /
                       (static_cast<double>(width) * static_cast<double>(input[0]));
  return std::abs(ratio - 1) <= kRatioTolerance;
}

std::pair<float, float> Bounds(const Tensor& tensor) {
  if (tensor.values.empty()) return {0, 0};
  const auto [low, high] = std::minmax_element(tensor.values.begin(), tensor.values.end());
  return {*low, *high};
}

bool RecognizeDetection(const ModelDescription& model, const TensorMap& outputs, Task& task) {
  if (!model.detector || !DetectionsOf(*model.detector, outputs).ok()) return false;
  task.kind = TaskKind::kDetection;
  task.output = model.detector->confidence;
  task.detector = *model.detector;
  task.labels = model.class_labels;
  return true;
}

bool RecognizeClassification(const ModelDescription& model, const TensorMap& outputs, Task& task) {
  const auto found = outputs.find(model.predicted_probabilities_name);
  if (model.class_labels.empty() || found == outputs.end()) return false;
  if (found->second.values.size() != model.class_labels.size()) return false;
  task.kind = TaskKind::kClassification;
  task.output = found->first;
  task.labels = model.class_labels;
  return true;
}

// Three channels on this axis (0 or 2 of three), the others of the input's aspect ratio.
bool HasColorsAt(size_t axis, const Tensor& tensor, const FeatureDescription& input) {
  const Shape shape = WithoutOnes(tensor.shape);
  const size_t row = axis == 0 ? 1 : 0;
  return shape.size() == 3 && shape[axis] == 3 &&
         SameRatio(shape[row], shape[row + 1], input.shape);
}

// Rule 2 for one output.
bool IsPicture(const FeatureDescription& output, const Tensor& tensor,
               const FeatureDescription& input, size_t labels) {
  if (output.kind == FeatureKind::kImage) return IsGrey(output.color) == IsGrey(input.color);
  if (labels == 3 || output.element_type == "int32") return false;
  return HasColorsAt(0, tensor, input) || HasColorsAt(2, tensor, input);
}

bool RecognizeImageToImage(const ModelDescription& model, const FeatureDescription& input,
                           const TensorMap& outputs, Task& task) {
  const size_t labels = ReadClassTable(model).labels.size();
  for (const auto& [name, tensor] : outputs) {
    const FeatureDescription* output = FindFeature(model.outputs, name);
    if (output == nullptr || !IsPicture(*output, tensor, input, labels)) continue;
    task.kind = TaskKind::kImageToImage;
    task.output = name;
    if (output->kind == FeatureKind::kImage) {
      task.color = output->color;
      return true;
    }
    // Arrays come as 0..1 or as 0..255; a value well above 1 tells them apart.
    if (Bounds(tensor).second <= 2) task.scale = 255;
    task.channels_last = !HasColorsAt(0, tensor, input);
    return true;
  }
  return false;
}

// The axes of the map in WithoutOnes(shape) start at 1 for channels first.
bool MapFits(MapRule rule, const Tensor& tensor, const FeatureDescription& output,
             const Shape& input) {
  const Shape shape = WithoutOnes(tensor.shape);
  const size_t row = rule == MapRule::kArgmaxFirst ? 1 : 0;
  if (shape.size() < row + 2 || !SameRatio(shape[row], shape[row + 1], input)) return false;
  if (rule == MapRule::kByteMatte) return output.kind == FeatureKind::kImage;
  return rule != MapRule::kLogit || Bounds(tensor).first < 0;
}

int ClassCount(MapRule rule, const Tensor& tensor, size_t labels) {
  const Shape shape = WithoutOnes(tensor.shape);
  switch (rule) {
    case MapRule::kArgmaxFirst:
      return static_cast<int>(shape.front());
    case MapRule::kArgmaxLast:
      return static_cast<int>(shape.back());
    case MapRule::kLabels:
      return labels >= 2 && labels <= 255 ? static_cast<int>(labels) : 255;
    default:
      return 2;
  }
}

bool RecognizeSegmentation(const ModelDescription& model, const FeatureDescription& input,
                           const TensorMap& outputs, Task& task) {
  const size_t labels = ReadClassTable(model).labels.size();
  size_t flat = 0;
  for (const auto& [name, tensor] : outputs) flat += WithoutOnes(tensor.shape).size() == 2 ? 1 : 0;
  if (outputs.size() > 1 && labels == 0 && flat != outputs.size()) return false;
  for (const FeatureDescription& output : model.outputs) {
    const auto found = outputs.find(output.name);
    if (found == outputs.end()) continue;
    auto rule = DetectMapRule(output, found->second);
    if (!rule.ok() || !MapFits(*rule, found->second, output, input.shape)) continue;
    // Converters leave networks that end in a sigmoid at 0..1 even where the output is a picture.
    const float largest = Bounds(found->second).second;
    if (*rule == MapRule::kByteMatte && largest > 0 && largest <= 1) rule = MapRule::kUnitMatte;
    task.kind = TaskKind::kSegmentation;
    task.output = output.name;
    task.rule = *rule;
    task.classes = ClassCount(*rule, found->second, labels);
    task.table = ReadClassTable(model, task.classes);
    return true;
  }
  return false;
}

std::string Normalized(absl::string_view text) {
  return absl::AsciiStrToLower(
      absl::StripAsciiWhitespace(absl::StrReplaceAll(text, {{"_", " "}, {"-", " "}})));
}

// "n01440764_tench.JPEG" -> "tench".
std::string NameOfFile(absl::string_view file) {
  std::string stem = std::filesystem::path(std::string(file)).stem().string();
  const auto digits = [&](size_t count) {
    return std::all_of(stem.begin() + 1, stem.begin() + 1 + static_cast<long>(count),
                       [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
  };
  if (stem.size() > 10 && stem[0] == 'n' && stem[9] == '_' && digits(8)) stem.erase(0, 10);
  return Normalized(stem);
}

bool HasName(absl::string_view label, const std::string& name) {
  for (absl::string_view synonym : absl::StrSplit(label, ',')) {
    if (Normalized(synonym) == name) return true;
  }
  return false;
}

// [rows, columns, channels] as [channels, rows, columns].
Tensor ChannelsFirst(const Tensor& picture) {
  const Shape shape = WithoutOnes(picture.shape);
  const size_t channels = static_cast<size_t>(shape.back());
  const size_t pixels = picture.values.size() / channels;
  Tensor turned{{shape[2], shape[0], shape[1]}, std::vector<float>(picture.values.size())};
  for (size_t i = 0; i < pixels; ++i) {
    for (size_t c = 0; c < channels; ++c) {
      turned.values[c * pixels + i] = picture.values[i * channels + c];
    }
  }
  return turned;
}

}  // namespace

absl::string_view TaskName(TaskKind kind) {
  switch (kind) {
    case TaskKind::kSegmentation:
      return "segmentation";
    case TaskKind::kClassification:
      return "classification";
    case TaskKind::kImageToImage:
      return "image_to_image";
    case TaskKind::kDetection:
      return "detection";
    default:
      return "arrays";
  }
}

Task RecognizeTask(const ModelDescription& model, const FeatureDescription* picture,
                   const TensorMap& outputs) {
  Task task;
  if (RecognizeDetection(model, outputs, task)) return task;
  if (RecognizeClassification(model, outputs, task) || picture == nullptr) return task;
  if (RecognizeImageToImage(model, *picture, outputs, task)) return task;
  RecognizeSegmentation(model, *picture, outputs, task);
  return task;
}

absl::StatusOr<Task> ChooseTask(absl::string_view name, const ModelDescription& model,
                                const FeatureDescription* picture, const TensorMap& outputs) {
  if (name.empty()) return RecognizeTask(model, picture, outputs);
  Task task;
  const bool fits =
      name == TaskName(TaskKind::kArrays) ||
      (name == TaskName(TaskKind::kDetection) && RecognizeDetection(model, outputs, task)) ||
      (name == TaskName(TaskKind::kClassification) &&
       RecognizeClassification(model, outputs, task)) ||
      (name == TaskName(TaskKind::kSegmentation) && picture != nullptr &&
       RecognizeSegmentation(model, *picture, outputs, task)) ||
      (name == TaskName(TaskKind::kImageToImage) && picture != nullptr &&
       RecognizeImageToImage(model, *picture, outputs, task));
  if (fits) return task;
  return absl::InvalidArgumentError(
      absl::StrCat("the model's outputs are not those of the task \"", name, "\""));
}

absl::string_view RuleName(MapRule rule) {
  switch (rule) {
    case MapRule::kLabels:
      return "labels";
    case MapRule::kArgmaxFirst:
    case MapRule::kArgmaxLast:
      return "channels";
    default:
      return "matte";
  }
}

absl::StatusOr<Image> OutputPicture(const Task& task, const Tensor& output) {
  if (task.scale == 1 && !task.channels_last) return TensorToImage(output, task.color);
  Tensor scaled = task.channels_last ? ChannelsFirst(output) : output;
  for (float& value : scaled.values) value *= task.scale;
  return TensorToImage(scaled, task.color);
}

int LabelOfFileName(const std::vector<std::string>& labels, absl::string_view file) {
  const std::string name = NameOfFile(file);
  int found = -1;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!HasName(labels[i], name)) continue;
    if (found >= 0) return -1;
    found = static_cast<int>(i);
  }
  return found;
}

}  // namespace nbits
