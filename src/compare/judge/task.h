// SPDX-License-Identifier: Apache-2.0
// What a model does, judged by its description and by what the original gives for one picture.
#ifndef NBITS_COMPARE_JUDGE_TASK_H_
#define NBITS_COMPARE_JUDGE_TASK_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/class_map.h"
#include "nbits/image.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits {

enum class TaskKind : uint8_t {
  kSegmentation,
  kClassification,
  kImageToImage,
  kDetection,
  kArrays
};

// "segmentation", ... as in results.json.
absl::string_view TaskName(TaskKind kind);

struct Task {
  TaskKind kind = TaskKind::kArrays;
  std::string output;  // The output looked at; for kArrays empty: all are.

  // kSegmentation: how the output becomes class ids, 0 .. classes - 1, and what they mean.
  MapRule rule = MapRule::kLabels;
  int classes = 256;
  ClassTable table;
  std::optional<int> judged_class;  // The only one that given masks mark; nullopt: all are judged.

  // kClassification: one label per element of the output. kDetection: one per class; may be empty.
  std::vector<std::string> labels;

  DetectorOutputs detector;  // kDetection; `output` is the confidences'.

  // kImageToImage: value times scale is a picture of 0..255 in channel order `color`.
  ImageColor color = ImageColor::kRgb;
  float scale = 1;
  bool channels_last = false;
};

// The rules, the first that fits:
//   0. the two outputs of an object detector: detection;
//   1. class labels and a probability output: classification;
//   2. an image output with as many channels as the image input, or a float output of three
//      channels, first or last, with the input's aspect ratio in a model without three class
//      labels: image to image;
//   3. a single output (or, where the model has labels or all outputs are maps of one channel, the
//      first) that is a label map, a map per class or a matte of the input's aspect ratio:
//      segmentation. One channel of unbounded positive values, such as depth, is not;
//   4. arrays.
// `picture` is the model's image input, null when it has none (2 and 3 do not apply then);
// `outputs` is what the original gave.
Task RecognizeTask(const ModelDescription& model, const FeatureDescription* picture,
                   const TensorMap& outputs);

// The task that `name` ("segmentation", "classification", "image_to_image", "detection", "arrays")
// asks for; empty: RecognizeTask. InvalidArgument for another name, or when the outputs cannot be
// that.
absl::StatusOr<Task> ChooseTask(absl::string_view name, const ModelDescription& model,
                                const FeatureDescription* picture, const TensorMap& outputs);

// "labels", "channels" or "matte", as in results.json.
absl::string_view RuleName(MapRule rule);

// The picture that the output shows. kImageToImage only.
absl::StatusOr<Image> OutputPicture(const Task& task, const Tensor& output);

// Index of the label that a file of an ImageNet-like folder is named after ("n01440764_tench.JPEG"
// or "tench.jpg" for "tench, Tinca tinca"): -1 when none or several are.
int LabelOfFileName(const std::vector<std::string>& labels, absl::string_view file);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_TASK_H_
