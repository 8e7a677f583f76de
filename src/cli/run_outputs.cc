// SPDX-License-Identifier: Apache-2.0
#include "cli/run_outputs.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "compare/task.h"
#include "nbits/class_map.h"
#include "nbits/image.h"
#include "nbits/metrics.h"
#include "nbits/npy.h"

namespace nbits::cli {
namespace {

constexpr size_t kLongestFileName = 150;
constexpr int kTopLabels = 5;

const FeatureDescription* Find(const std::vector<FeatureDescription>& features,
                               const std::string& name) {
  for (const FeatureDescription& feature : features) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

// The input whose aspect ratio a map must have: the first image or, of array inputs, the first with
// rows and columns (networks whose preprocessing is done outside).
FeatureDescription PictureInput(const ModelDescription& model) {
  for (const FeatureDescription& input : model.inputs) {
    if (input.kind == FeatureKind::kImage) return input;
  }
  for (const FeatureDescription& input : model.inputs) {
    if (input.shape.size() < 3) continue;
    FeatureDescription picture = input;
    picture.shape = {input.shape[input.shape.size() - 2], input.shape.back()};
    return picture;
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

absl::StatusOr<OutputReport> WriteOutput(const std::string& name, const Tensor& output,
                                         const FeatureDescription* feature, const Task& task,
                                         const std::string& stem) {
  OutputReport report{name, output.shape, {}, {}, {}};
  NBITS_RETURN_IF_ERROR(AddFile(stem + ".npy", EncodeNpy(output), report));
  const bool is_image = feature != nullptr && feature->kind == FeatureKind::kImage;
  if (is_image) {
    NBITS_ASSIGN_OR_RETURN(const Image image, TensorToImage(output, feature->color));
    NBITS_ASSIGN_OR_RETURN(const std::string png, EncodePng(image));
    NBITS_RETURN_IF_ERROR(AddFile(stem + ".png", png, report));
  }
  if (task.output != name) return report;
  if (task.kind == TaskKind::kClassification) report.top_labels = TopLabels(output, task.labels);
  if (task.kind == TaskKind::kSegmentation) {
    NBITS_RETURN_IF_ERROR(WriteMap(task, output, stem + (is_image ? ".mask.png" : ".png"), report));
  }
  if (task.kind == TaskKind::kImageToImage && !is_image) {
    NBITS_ASSIGN_OR_RETURN(const Image image, OutputPicture(task, output));
    NBITS_ASSIGN_OR_RETURN(const std::string png, EncodePng(image));
    NBITS_RETURN_IF_ERROR(AddFile(stem + ".png", png, report));
  }
  return report;
}

// FileNameOf, with a number where two outputs would share a file.
std::string UniqueFileName(const std::string& name, std::set<std::string>& taken) {
  const std::string first = FileNameOf(name);
  std::string unique = first;
  for (int number = 2; !taken.insert(unique).second; ++number) {
    unique = absl::StrCat(first, "_", number);
  }
  return unique;
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

absl::StatusOr<std::vector<OutputReport>> WriteOutputs(const ModelDescription& model,
                                                       const TensorMap& outputs,
                                                       const std::string& folder) {
  const FeatureDescription picture = PictureInput(model);
  const Task task = RecognizeTask(model, &picture, outputs);
  std::set<std::string> taken;
  std::vector<OutputReport> reports;
  for (const auto& [name, output] : outputs) {
    const std::string file = UniqueFileName(name, taken);
    const std::string stem = (std::filesystem::path(folder) / file).string();
    NBITS_ASSIGN_OR_RETURN(OutputReport report,
                           WriteOutput(name, output, Find(model.outputs, name), task, stem));
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace nbits::cli
