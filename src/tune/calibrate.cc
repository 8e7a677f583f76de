// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "compress/convert.h"
#include "data/samples.h"
#include "formats/neural_network/import/import.h"
#include "nbits/tune.h"
#include "pipeline/network_stage.h"
#include "run/graph_runner.h"
#include "tune/calibrate_layer.h"
#include "tune/stretches.h"
#include "tune/work_left.h"

namespace nbits {
namespace {

constexpr size_t kHeldBack = 5;  // One picture in so many.

// Runs what shapes follow from, while the network is imported.
absl::StatusOr<graph::Function> CompileConstant(graph::Graph graph) {
  NBITS_ASSIGN_OR_RETURN(std::shared_ptr<GraphRunner> runner,
                         GraphRunner::Make(std::move(graph), {}));
  return [runner](const TensorMap& inputs) { return runner->Run(inputs, nullptr); };
}

// Pictures where the model takes one and the folder holds some, else inputs of any kind.
absl::StatusOr<Samples> ListSamples(const Model& model, const CalibrationOptions& options) {
  SampleFolder folder{options.samples, "", options.pictures, options.limit, options.model};
  auto pictures = Samples::List(folder, model.description());
  if (pictures.ok()) return pictures;
  std::swap(folder.images, folder.inputs);
  auto inputs = Samples::List(folder, model.description());
  if (inputs.ok()) return inputs;
  return absl::IsInvalidArgument(pictures.status()) ? inputs.status() : pictures.status();
}

class Calibration {
 public:
  Calibration(const Model& model, const CalibrationOptions& options, Plan& plan)
      : model_(model), options_(options), plan_(plan) {}

  absl::StatusOr<CalibrationReport> Run() {
    NBITS_ASSIGN_OR_RETURN(const Samples samples, ListSamples(model_, options_));
    report_.skipped = samples.skipped();
    NBITS_RETURN_IF_ERROR(ReadPictures(samples));
    AssignRoles(samples);
    layers_ = FindLayers(walk_->original(), model_, plan_);
    NBITS_RETURN_IF_ERROR(QuantizeOthers());
    NBITS_RETURN_IF_ERROR(VisitLayers());
    Report();
    return std::move(report_);
  }

 private:
  // The network for inputs of the first picture's shapes; all others must have the same.
  absl::Status BeginWalk(const TensorMap& inputs, size_t pictures) {
    const auto shapes = OtherShapes(model_.description().inputs, inputs);
    auto graph = graph::ImportModel(model_, shapes, CompileConstant);
    if (!graph.ok()) {
      return absl::Status(
          graph.status().code(),
          absl::StrCat(graph.status().message(), ShapeHint(model_.description().inputs, shapes)));
    }
    walk_.emplace(*std::move(graph), pictures, options_.held_bytes, options_.threads);
    return absl::OkStatus();
  }

  absl::Status AddPicture(const Samples& samples, size_t number) {
    NBITS_ASSIGN_OR_RETURN(Sample sample, samples.Read(number));
    if (!walk_) NBITS_RETURN_IF_ERROR(BeginWalk(sample.inputs, samples.names().size()));
    NBITS_RETURN_IF_ERROR(walk_->AddPicture(number, std::move(sample.inputs)));
    return absl::OkStatus();
  }

  absl::Status ReadPictures(const Samples& samples) {
    absl::Status last;
    for (size_t i = 0; i < samples.names().size(); ++i) {
      const absl::Status status = AddPicture(samples, i);
      if (status.ok()) {
        read_.push_back(i);
      } else if (!walk_ || absl::IsResourceExhausted(status)) {
        return status;  // Of the network, or of the machine.
      } else {
        report_.skipped.emplace_back(samples.names()[i], std::string(status.message()));
      }
    }
    if (!read_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(options_.samples, ": nothing that can be read (",
                                                   report_.skipped.back().first, ": ",
                                                   report_.skipped.back().second, ")"));
  }

  void AssignRoles(const Samples& samples) {
    roles_.holds_back = read_.size() >= kHeldBack;
    for (size_t i = 0; i < read_.size(); ++i) {
      const bool is_held_back = roles_.holds_back && i % kHeldBack == kHeldBack - 1;
      const std::string& name = samples.names()[read_[i]];
      (is_held_back ? roles_.judging : roles_.calibrating).push_back(read_[i]);
      (is_held_back ? report_.held_back : report_.pictures).push_back(name);
    }
    if (roles_.holds_back) return;
    roles_.judging = roles_.calibrating;
    report_.held_back = report_.pictures;
  }

  // What is quantized without pictures is so from the start.
  absl::Status QuantizeOthers() {
    for (size_t id = 0; id < layers_.sources.size(); ++id) {
      const std::optional<size_t> source = layers_.sources[id];
      if (!source || layers_.reasons[*source].empty()) continue;
      const PlanEntry& entry = plan_.entries[*source];
      if (entry.mode == Mode::kCustomLut && entry.table.empty()) continue;
      NBITS_ASSIGN_OR_RETURN(Conversion conversion,
                             ConvertWeight(model_.weights()[*source], entry, plan_.on_overflow,
                                           /*table_function=*/nullptr));
      if (!conversion.packed) continue;
      NBITS_RETURN_IF_ERROR(
          walk_->Replace(static_cast<graph::WeightId>(id), *std::move(conversion.packed)));
    }
    return absl::OkStatus();
  }

  absl::Status VisitLayers() {
    std::vector<size_t> stops;
    for (const LayerPlace& place : layers_.places) stops.push_back(place.node);
    std::vector<Stretch> stretches = CutAt(walk_->original(), stops);
    const std::vector<double> work =
        WorkOfLayers(walk_->original(), stretches, layers_.places, roles_, options_.positions);
    double done = 0;
    for (size_t i = 0; i < stops.size(); ++i) {
      const LayerPlace& place = layers_.places[i];
      if (options_.progress) options_.progress(done, model_.weights()[place.weight].layer);
      if (options_.interrupted != nullptr && *options_.interrupted) {
        return absl::AbortedError("interrupted");
      }
      NBITS_RETURN_IF_ERROR(walk_->Enter(std::move(stretches[i]), place.node));
      NBITS_ASSIGN_OR_RETURN(
          outcomes_.emplace_back(),
          CalibrateLayer(model_, place, roles_, options_.positions, *walk_, plan_));
      report_.spilled_bytes = std::max(report_.spilled_bytes, walk_->spilled_bytes());
      done += work[i];
    }
    return absl::OkStatus();
  }

  // In the model's order.
  void Report() {
    std::vector<std::optional<CalibratedWeight>> rows(plan_.entries.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const WeightRef& weight = model_.weights()[i];
      if (layers_.reasons[i].empty()) continue;
      rows[i] = CalibratedWeight{weight.path, weight.layer, CalibrationOutcome::kDataFree,
                                 layers_.reasons[i]};
    }
    for (size_t i = 0; i < layers_.places.size(); ++i) {
      rows[layers_.places[i].weight] = std::move(outcomes_[i]);
    }
    for (auto& row : rows) {
      if (row) report_.weights.push_back(*std::move(row));
    }
  }

  const Model& model_;
  const CalibrationOptions& options_;
  Plan& plan_;
  CalibrationReport report_;
  std::optional<TwinWalk> walk_;
  std::vector<size_t> read_;  // Numbers of the pictures that could be.
  PictureRoles roles_;
  Layers layers_;
  std::vector<CalibratedWeight> outcomes_;  // By place.
};

}  // namespace

absl::StatusOr<std::vector<uint64_t>> CalibrationHashes(const Model& model,
                                                        const CalibrationOptions& options) {
  NBITS_ASSIGN_OR_RETURN(const Samples samples, ListSamples(model, options));
  std::vector<uint64_t> hashes;
  for (size_t i = 0; i < samples.names().size(); ++i) {
    for (const std::string& file : samples.Files(i)) {
      if (const auto hash = HashFile(file); hash.ok()) hashes.push_back(*hash);
    }
  }
  return hashes;
}

absl::StatusOr<CalibrationReport> Calibrate(const Model& model, const CalibrationOptions& options,
                                            Plan& plan) {
  const std::string& type = model.description().type;
  if (!IsNetwork(type) || type == "mlProgram") {
    return absl::UnimplementedError(
        absl::StrCat("calibration takes a neural network by itself, not a model of type ", type));
  }
  return WithoutThrowing("calibrating", [&] { return Calibration(model, options, plan).Run(); });
}

}  // namespace nbits
