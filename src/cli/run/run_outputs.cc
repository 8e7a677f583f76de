// SPDX-License-Identifier: Apache-2.0
#include "cli/run/run_outputs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "compare/judge/task.h"
#include "formats/find_feature.h"
#include "nbits/class_map.h"
#include "nbits/image.h"
#include "nbits/input.h"
#include "nbits/metrics.h"
#include "nbits/npy.h"

namespace nbits::cli {
namespace {

constexpr size_t kLongestFileName = 150;
constexpr int kTopLabels = 5;

// Rows and columns of what an input was given: [height, width], or nothing.
Shape SizeOf(const FeatureDescription& input, const RunInputs& inputs) {
  const auto picture = inputs.pictures.find(input.name);
  if (picture != inputs.pictures.end()) return picture->second;
  const auto found = inputs.tensors.find(input.name);
  const Shape shape = found == inputs.tensors.end() ? InputShape(input) : found->second.shape;
  if (shape.size() < 3) return {};
  return {shape[shape.size() - 2], shape.back()};
}

// The input whose aspect ratio a map must have: the first image or, of array inputs, the first with
// rows and columns (networks whose preprocessing is done outside). In the size that was given.
FeatureDescription PictureInput(const ModelDescription& model, const RunInputs& inputs) {
  for (const bool image : {true, false}) {
    for (const FeatureDescription& input : model.inputs) {
      if (image != (input.kind == FeatureKind::kImage)) continue;
      FeatureDescription picture = input;
      picture.shape = SizeOf(input, inputs);
      if (!picture.shape.empty()) return picture;
    }
  }
  return {};
}

std::string LabelOf(const ClassTable& table, int id) {
  const auto index = static_cast<size_t>(id);
  return index < table.labels.size() ? table.labels[index] : absl::StrCat("class ", id);
}

std::vector<ClassShare> Shares(const ClassMap& map, const ClassTable& table) {
  const std::array<double, 256> shares = ClassShares(map);
  std::vector<ClassShare> found;
  for (int id = 0; id < 256; ++id) {
    if (shares[id] == 0) continue;
    found.push_back({id, LabelOf(table, id), ToHex(table.colors[id]), shares[id]});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const ClassShare& a, const ClassShare& b) { return a.share > b.share; });
  return found;
}

std::vector<LabelProbability> TopLabels(const Tensor& output,
                                        const std::vector<std::string>& labels) {
  std::vector<LabelProbability> top;
  for (const int index : TopIndices(output.values, kTopLabels)) {
    top.push_back({labels[index], output.values[index]});
  }
  return top;
}

// Writes one file and notes it in the report.
absl::Status AddFile(const std::string& path, const std::string& bytes, OutputReport& report) {
  NBITS_RETURN_IF_ERROR(WriteFileAtomically(path, bytes));
  report.files.push_back(path);
  return absl::OkStatus();
}

absl::Status AddPng(const std::string& path, const absl::StatusOr<Image>& image,
                    OutputReport& report) {
  if (!image.ok()) {  // The array is written all the same.
    report.notes.push_back(
        absl::StrCat("no picture of output '", report.name, "': ", image.status().message()));
    return absl::OkStatus();
  }
  NBITS_ASSIGN_OR_RETURN(const std::string png, EncodePng(*image));
  return AddFile(path, png, report);
}

absl::Status WriteMap(const Task& task, const Tensor& output, const std::string& path,
                      OutputReport& report) {
  NBITS_ASSIGN_OR_RETURN(const ClassMap map, ToClassMap(output, task.rule));
  ClassTable table = task.table;
  const std::vector<Color> defaults = DefaultColors();
  while (table.colors.size() < defaults.size()) {
    table.colors.push_back(defaults[table.colors.size()]);
  }
  report.classes = Shares(map, table);
  NBITS_ASSIGN_OR_RETURN(const std::string png, EncodePalettePng(map, table.colors));
  return AddFile(path, png, report);
}

// Whether all values lie in 0..1, and not all at 0: as a picture of 0..255 that would be black.
bool IsUnit(const Tensor& tensor) {
  float largest = 0;
  for (const float value : tensor.values) {
    if (!(value >= 0 && value <= 1)) return false;
    largest = std::max(largest, value);
  }
  return largest > 0;
}

// The soft edges that a mask has not: 0..1 becomes 0..255, scores of any size by the logistic
// function, as the rule has its threshold at 0.
absl::StatusOr<Image> MatteOf(MapRule rule, const Tensor& output) {
  Tensor matte = output;
  for (float& value : matte.values) {
    if (rule == MapRule::kUnitMatte) value *= 255;
    if (rule == MapRule::kLogit) value = 255 / (1 + std::exp(-value));
  }
  return TensorToImage(matte, ImageColor::kGrayscale);
}

// An output that is an image, by itself.
absl::Status WriteImage(const Tensor& output, ImageColor color, const std::string& path,
                        OutputReport& report) {
  if (!IsUnit(output)) return AddPng(path, TensorToImage(output, color), report);
  Tensor scaled = output;
  for (float& value : scaled.values) value *= 255;
  report.notes.push_back(absl::StrCat("output '", report.name, "' has values of 0 to 1; ", path,
                                      " shows them times 255"));
  return AddPng(path, TensorToImage(scaled, color), report);
}

absl::Status WriteSegmentation(const Task& task, const Tensor& output, const std::string& stem,
                               OutputReport& report) {
  const bool matte = task.rule == MapRule::kUnitMatte || task.rule == MapRule::kByteMatte ||
                     task.rule == MapRule::kLogit;
  if (!matte) return WriteMap(task, output, stem + ".png", report);
  NBITS_RETURN_IF_ERROR(AddPng(stem + ".png", MatteOf(task.rule, output), report));
  return WriteMap(task, output, stem + ".mask.png", report);
}

std::string CsvText(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

absl::Status WriteLabels(const Task& task, const Tensor& output, const std::string& path,
                         OutputReport& report) {
  report.top_labels = TopLabels(output, task.labels);
  std::string csv = "label,probability\n";
  for (size_t i = 0; i < task.labels.size(); ++i) {
    absl::StrAppend(&csv, CsvText(task.labels[i]), ",", absl::StrFormat("%.9g", output.values[i]),
                    "\n");
  }
  return AddFile(path, csv, report);
}

// What stands beside the array of the output that the task is about.
absl::Status WriteAnswer(const Task& task, const Tensor& output, const std::string& stem,
                         OutputReport& report) {
  switch (task.kind) {
    case TaskKind::kClassification:
      return WriteLabels(task, output, stem + ".csv", report);
    case TaskKind::kSegmentation:
      return WriteSegmentation(task, output, stem, report);
    case TaskKind::kImageToImage:
      return AddPng(stem + ".png", OutputPicture(task, output), report);
    default:
      return absl::OkStatus();
  }
}

absl::StatusOr<OutputReport> WriteOutput(const std::string& name, const Tensor& output,
                                         const FeatureDescription* feature, const Task& task,
                                         const std::string& stem) {
  OutputReport report{name, output.shape, {}, {}, {}, {}};
  NBITS_RETURN_IF_ERROR(AddFile(stem + ".npy", EncodeNpy(output), report));
  const bool is_image = feature != nullptr && feature->kind == FeatureKind::kImage;
  const bool is_answer = task.output == name;
  // A label map or an array in the task's terms; an image as it is.
  if (is_answer && !(is_image && task.kind == TaskKind::kImageToImage)) {
    NBITS_RETURN_IF_ERROR(WriteAnswer(task, output, stem, report));
  } else if (is_image) {
    NBITS_RETURN_IF_ERROR(WriteImage(output, feature->color, stem + ".png", report));
  }
  return report;
}

// Why a classifier's labels cannot be shown. A detector has labels and no probabilities.
void NoteLabels(const ModelDescription& model, const Task& task, const TensorMap& outputs,
                std::vector<OutputReport>& reports) {
  if (model.class_labels.empty() || task.kind == TaskKind::kClassification) return;
  if (model.predicted_probabilities_name.empty()) return;
  const auto found = outputs.find(model.predicted_probabilities_name);
  if (reports.empty()) return;
  std::string text = absl::StrCat("no labels are shown: the model names ",
                                  model.class_labels.size(), " classes, and ");
  if (found == outputs.end()) {
    absl::StrAppend(&text, "its probabilities '", model.predicted_probabilities_name,
                    "' are none of its outputs");
  } else {
    absl::StrAppend(&text, "output '", found->first, "' has ", found->second.values.size(),
                    " values");
  }
  reports[0].notes.push_back(std::move(text));
}

}  // namespace

std::string FileNameOf(const std::string& name) {
  std::string safe = name.substr(0, kLongestFileName);
  for (char& c : safe) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '.' && c != '-' && c != '_') c = '_';
  }
  if (safe.empty()) return "output";
  if (safe.front() == '.') safe.front() = '_';
  return safe;
}

std::string UniqueFileName(const std::string& name, std::set<std::string>& taken) {
  const std::string first = FileNameOf(name);
  std::string unique = first;
  // Some file systems take "A" and "a" for one name.
  for (int number = 2; !taken.insert(absl::AsciiStrToLower(unique)).second; ++number) {
    unique = absl::StrCat(first, "_", number);
  }
  return unique;
}

absl::StatusOr<std::vector<OutputReport>> WriteOutputs(const ModelDescription& model,
                                                       const RunInputs& inputs,
                                                       const TensorMap& outputs,
                                                       const std::string& folder) {
  const FeatureDescription picture = PictureInput(model, inputs);
  const Task task = RecognizeTask(model, &picture, outputs);
  std::set<std::string> taken;
  std::vector<OutputReport> reports;
  for (const auto& [name, output] : outputs) {
    const std::string file = UniqueFileName(name, taken);
    const std::string stem = (std::filesystem::path(folder) / file).string();
    NBITS_ASSIGN_OR_RETURN(OutputReport report,
                           WriteOutput(name, output, FindFeature(model.outputs, name), task, stem));
    reports.push_back(std::move(report));
  }
  NoteLabels(model, task, outputs, reports);
  return reports;
}

}  // namespace nbits::cli
