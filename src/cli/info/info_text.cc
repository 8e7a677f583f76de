// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/info/info_outputs.h"
#include "cli/info/info_report.h"
#include "cli/text_table.h"
#include "formats/neural_network/foreign_file.h"
#include "nbits/forms.h"

namespace nbits::cli {
namespace {

constexpr size_t kLongestValue = 100;  // Metadata can hold whole documents.
constexpr size_t kShownLabels = 5;

// At most kLongestValue bytes, not cut within a UTF-8 character.
std::string Shortened(const std::string& text) {
  if (text.size() <= kLongestValue) return Printable(text);
  size_t end = kLongestValue;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(Printable(text.substr(0, end)), "... (", text.size(), " bytes)");
}

std::string Times(const Shape& shape) { return shape.empty() ? "-" : absl::StrJoin(shape, " x "); }

const char* ColorName(ImageColor color) {
  switch (color) {
    case ImageColor::kGrayscale:
      return "grayscale";
    case ImageColor::kRgb:
      return "RGB";
    case ImageColor::kBgr:
      return "BGR";
    case ImageColor::kGrayscaleFloat16:
      return "grayscale Float16";
  }
  return "";
}

const char* KindName(FeatureKind kind) {
  static constexpr std::array<const char*, 9> kNames = {
      "array", "image", "int64", "double", "string", "dictionary", "sequence", "state", "other"};
  return kNames[static_cast<size_t>(kind)];
}

std::string RangeText(const std::vector<std::pair<int64_t, int64_t>>& ranges) {
  std::vector<std::string> axes;
  for (const auto& [low, high] : ranges) {
    axes.push_back(absl::StrCat(low, "..", high < 0 ? "any" : absl::StrCat(high)));
  }
  return absl::StrJoin(axes, " x ");
}

// "image RGB, height x width 513 x 513" and the like.
std::string TypeText(const FeatureDescription& feature) {
  std::string text = KindName(feature.kind);
  if (feature.kind == FeatureKind::kImage) {
    absl::StrAppend(&text, " ", ColorName(feature.color), ", height x width ",
                    Times(feature.shape));
  } else if (feature.kind == FeatureKind::kMultiArray || feature.kind == FeatureKind::kState) {
    absl::StrAppend(&text, " ", feature.element_type, " ", Times(feature.shape));
  }
  if (!feature.shape_range.empty()) {
    absl::StrAppend(&text, ", flexible ", RangeText(feature.shape_range));
  }
  if (!feature.enumerated_shapes.empty()) {
    absl::StrAppend(&text, ", one of ", feature.enumerated_shapes.size(), " shapes");
  }
  if (feature.optional) absl::StrAppend(&text, ", optional");
  return text;
}

void AppendFeatures(const char* title, const std::vector<FeatureDescription>& features,
                    std::string& out) {
  if (features.empty()) return;
  absl::StrAppend(&out, "\n", title, "\n");
  TextTable table({false, false});
  for (const auto& feature : features) table.Add({Printable(feature.name), TypeText(feature)});
  table.AppendTo(out);
}

void AppendHeader(const Model& model, const std::string& path, std::string& out) {
  const ModelDescription& description = model.description();
  absl::StrAppend(&out, Printable(path), "\n");
  TextTable table({false, false});
  table.Add({"type", absl::StrCat(description.type, ProgramAdvice(model))});
  table.Add({"specification version", absl::StrCat(description.specification_version)});
  table.Add({"file size", Grouped(model.file_size()) + " bytes"});
  if (description.updatable) table.Add({"updatable", "yes: a device can train it further"});
  if (!description.predicted_feature_name.empty()) {
    table.Add({"predicted feature", Printable(description.predicted_feature_name)});
  }
  table.AppendTo(out);
}

// The last part of a path such as "models[0]/models[1]", indented by how deep it stands.
std::string Indented(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return path;
  const size_t depth = static_cast<size_t>(std::count(path.begin(), path.end(), '/'));
  return std::string(2 * depth, ' ') + path.substr(slash + 1);
}

void AppendMembers(const ModelDescription& description, std::string& out) {
  if (description.members.empty()) return;
  absl::StrAppend(&out, "\nMembers, in the order in which they run\n");
  TextTable table({false, false, false, true, false});
  table.Add({"place", "name", "type", "bytes", ""});
  for (const MemberDescription& member : description.members) {
    table.Add({Indented(member.path), Printable(member.name), member.type, Grouped(member.bytes),
               member.updatable ? "updatable" : ""});
  }
  table.AppendTo(out);
}

void AppendLayers(const ModelDescription& description, std::string& out) {
  if (description.layer_counts.empty()) return;
  int total = 0;
  TextTable table({false, true});
  for (const auto& [kind, count] : description.layer_counts) {
    total += count;
    table.Add({kind, Grouped(count)});
  }
  absl::StrAppend(&out, "\nLayers: ", Grouped(total), "\n");
  table.AppendTo(out);
}

void AppendStorage(const Model& model, std::string& out) {
  absl::StrAppend(&out, "\nWeights: ", Grouped(static_cast<int64_t>(model.weights().size())), "\n");
  if (model.weights().empty()) return;
  TextTable table({false, true, true, true});
  table.Add({"storage", "tensors", "values", "bytes"});
  for (const StorageSummary& row : SummarizeStorage(model)) {
    table.Add({row.storage, Grouped(row.count), Grouped(row.elements), Grouped(row.bytes)});
  }
  table.AppendTo(out);
}

// What Core ML itself refuses in the file.
void AppendBreaches(const Model& model, std::string& out) {
  constexpr size_t kShown = 20;
  const std::vector<FormBreach> breaches = FormBreaches(model);
  if (breaches.empty()) return;
  absl::StrAppend(
      &out, "\nCore ML refuses this file: ", Grouped(static_cast<int64_t>(breaches.size())), "\n");
  TextTable table({false, false});
  for (size_t i = 0; i < std::min(kShown, breaches.size()); ++i) {
    table.Add({Printable(breaches[i].path), breaches[i].reason});
  }
  table.AppendTo(out);
  if (breaches.size() > kShown) {
    absl::StrAppend(&out, "  and ", breaches.size() - kShown, " more (--json names all)\n");
  }
}

void AppendEachWeight(const Model& model, std::string& out) {
  if (model.weights().empty()) return;
  absl::StrAppend(&out, "\nEach weight\n");
  TextTable table({false, false, false, false, true});
  table.Add({"path", "layer", "shape", "storage", "bytes"});
  for (const WeightRef& weight : model.weights()) {
    table.Add({Printable(weight.path), weight.layer_type, Times(weight.tensor.shape),
               StorageName(weight.tensor), Grouped(StoredBytes(weight.tensor))});
  }
  table.AppendTo(out);
}

void AppendLabels(const std::vector<std::string>& labels, std::string& out) {
  if (labels.empty()) return;
  const size_t shown = std::min(labels.size(), kShownLabels);
  std::vector<std::string> first(labels.begin(),
                                 labels.begin() + static_cast<std::ptrdiff_t>(shown));
  absl::StrAppend(&out, "\nClass labels: ", Grouped(static_cast<int64_t>(labels.size())), "\n  ",
                  Shortened(absl::StrJoin(first, ", ")), shown < labels.size() ? ", ..." : "",
                  "\n");
}

void AppendMetadata(const ModelDescription& description, std::string& out) {
  TextTable table({false, false});
  const std::pair<const char*, const std::string*> known[] = {
      {"description", &description.short_description},
      {"version", &description.version},
      {"author", &description.author},
      {"license", &description.license}};
  bool any = !description.user_defined.empty();
  for (const auto& [name, value] : known) {
    if (value->empty()) continue;
    any = true;
    table.Add({name, Shortened(*value)});
  }
  for (const auto& [key, value] : description.user_defined) {
    table.Add({Shortened(key), Shortened(value)});
  }
  if (!any) return;
  absl::StrAppend(&out, "\nMetadata\n");
  table.AppendTo(out);
}

}  // namespace

std::string InfoText(const Model& model, const std::string& path, bool each_weight) {
  const ModelDescription& description = model.description();
  std::string out;
  AppendHeader(model, path, out);
  AppendFeatures("Inputs", description.inputs, out);
  AppendFeatures("Outputs", OutputsWithShapes(model), out);
  AppendMembers(description, out);
  AppendLayers(description, out);
  AppendStorage(model, out);
  AppendBreaches(model, out);
  AppendLabels(description.class_labels, out);
  AppendMetadata(description, out);
  if (each_weight) AppendEachWeight(model, out);
  return out;
}

}  // namespace nbits::cli
