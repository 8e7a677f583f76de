// SPDX-License-Identifier: Apache-2.0
#include "pipeline/make_stage.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "formats/find_feature.h"
#include "nbits/input.h"
#include "pipeline/import/import.h"
#include "pipeline/network_stage.h"
#include "pipeline/values.h"

namespace nbits {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostMembers = 1000;

bool IsPipeline(absl::string_view type) {
  return type == "pipeline" || type == "pipelineClassifier" || type == "pipelineRegressor";
}

bool IsSupported(absl::string_view type) {
  return IsPipeline(type) || IsClassical(type) || IsNetwork(type);
}

std::string MemberText(const MemberDescription& member) {
  return absl::StrCat(member.path, member.name.empty() ? "" : absl::StrCat(" '", member.name, "'"),
                      ", ", member.type.empty() ? "of an unknown type" : member.type);
}

absl::Status InMember(const std::string& place, const absl::Status& status) {
  if (status.ok() || place.empty()) return status;
  return absl::Status(status.code(), absl::StrCat(place, ": ", status.message()));
}

struct Member {
  std::string place;  // "models[1] 'nms' (nonMaximumSuppression)"
  std::string kind;
  bool is_network = false;
  std::unique_ptr<Stage> stage;
};

class PipelineStage : public Stage {
 public:
  PipelineStage(std::vector<Member> members, std::vector<FeatureDescription> inputs,
                std::vector<FeatureDescription> outputs)
      : members_(std::move(members)), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  absl::StatusOr<FeatureMap> Run(const Scope& outer,
                                 std::vector<LayerProfile>* profile) const override {
    Scope scope;
    for (const FeatureDescription& input : inputs_) {
      if (const FeatureValue* value = outer.Find(input.name)) scope.Add(input.name, value);
    }
    for (const Member& member : members_) {
      auto outputs = RunMember(member, scope, profile);
      if (!outputs.ok()) return InMember(member.place, outputs.status());
      scope.Add(*std::move(outputs));
    }
    return Outputs(scope);
  }

  std::map<std::string, Shape> KnownShapes() const override {
    std::map<std::string, Shape> shapes;
    for (const Member& member : members_) {
      for (const auto& [name, shape] : member.stage->KnownShapes()) shapes[name] = shape;
    }
    std::erase_if(shapes,
                  [&](const auto& known) { return FindFeature(outputs_, known.first) == nullptr; });
    return shapes;
  }

  int64_t activation_bytes() const override {
    int64_t bytes = 0;
    for (const Member& member : members_) bytes += member.stage->activation_bytes();
    return bytes;
  }

  int64_t wide_tensors() const override {
    int64_t count = 0;
    for (const Member& member : members_) count += member.stage->wide_tensors();
    return count;
  }

  void AppendMemory(const std::string& place,
                    std::vector<std::pair<std::string, MemoryReport>>& reports) const override {
    for (const Member& member : members_) {
      member.stage->AppendMemory(absl::StrCat(place, place.empty() ? "" : ", ", member.place),
                                 reports);
    }
  }

 private:
  static absl::StatusOr<FeatureMap> RunMember(const Member& member, const Scope& scope,
                                              std::vector<LayerProfile>* profile) {
    const Clock::time_point start = Clock::now();
    auto outputs = member.stage->Run(scope, profile);
    if (profile == nullptr || member.is_network) return outputs;
    const std::chrono::duration<double, std::milli> elapsed = Clock::now() - start;
    profile->push_back({member.place, member.kind, "plain", elapsed.count(), 0, 0});
    return outputs;
  }

  absl::StatusOr<FeatureMap> Outputs(const Scope& scope) const {
    FeatureMap outputs;
    for (const FeatureDescription& output : outputs_) {
      const FeatureValue* value = scope.Find(output.name);
      if (value == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat("output '", output.name, "': no member of the pipeline makes it"));
      }
      absl::StatusOr<FeatureValue> conforming = Conform(*value, output);
      if (!conforming.ok()) {
        return InMember(absl::StrCat("output '", output.name, "'"), conforming.status());
      }
      outputs[output.name] = *std::move(conforming);
    }
    return outputs;
  }

  std::vector<Member> members_;
  std::vector<FeatureDescription> inputs_, outputs_;
};

// The members of a pipeline that stand in it, not in one within.
std::vector<MemberDescription> DirectMembers(const ModelDescription& model) {
  std::vector<MemberDescription> members;
  for (const MemberDescription& member : model.members) {
    if (member.path.find('/') == std::string::npos) members.push_back(member);
  }
  return members;
}

// Weights that one network keeps decoded are no longer free for the next.
void Spend(const Stage& stage, EngineOptions& options) {
  if (options.memory_budget <= 0) return;
  std::vector<std::pair<std::string, MemoryReport>> reports;
  stage.AppendMemory("", reports);
  for (const auto& report : reports) options.memory_budget -= report.second.kept_bytes;
  options.memory_budget = std::max<int64_t>(0, options.memory_budget);
}

absl::StatusOr<std::unique_ptr<Stage>> MakePipeline(const Model& model, EngineOptions options,
                                                    std::map<std::string, Shape> shapes) {
  const ModelDescription& description = model.description();
  const std::vector<MemberDescription> listed = DirectMembers(description);
  std::vector<Member> members;
  for (size_t i = 0; i < listed.size(); ++i) {
    Member member{MemberText(listed[i]), listed[i].type, false, nullptr};
    absl::StatusOr<Model> opened = model.Member(i);
    if (!opened.ok()) return InMember(member.place, opened.status());
    member.is_network = IsNetwork(opened->description().type);
    const std::vector<FeatureDescription> outputs = opened->description().outputs;
    auto stage = member.is_network ? MakeNetworkStage(*std::move(opened), options, shapes)
                                   : MakeStage(*opened, options, shapes);
    if (!stage.ok()) return InMember(member.place, stage.status());
    member.stage = *std::move(stage);
    Spend(*member.stage, options);
    // What it makes hides what had the same name.
    for (const FeatureDescription& output : outputs) shapes.erase(output.name);
    shapes.merge(member.stage->KnownShapes());
    members.push_back(std::move(member));
  }
  return std::make_unique<PipelineStage>(std::move(members), description.inputs,
                                         description.outputs);
}

}  // namespace

absl::Status CheckTypes(const ModelDescription& model) {
  if (!IsPipeline(model.type)) {
    if (IsSupported(model.type)) return absl::OkStatus();
    return absl::UnimplementedError(absl::StrCat("models of type ", model.type, " cannot be run"));
  }
  if (model.members.empty()) return absl::InvalidArgumentError("the pipeline has no members");
  if (model.members.size() > kMostMembers) {
    return absl::InvalidArgumentError(absl::StrCat("the pipeline has ", model.members.size(),
                                                   " members; at most ", kMostMembers, " can run"));
  }
  std::vector<std::string> unsupported;
  for (const MemberDescription& member : model.members) {
    if (!IsSupported(member.type)) unsupported.push_back(MemberText(member));
  }
  if (unsupported.empty()) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat("the pipeline cannot be run, for its ",
                                               absl::StrJoin(unsupported, "; and for its ")));
}

absl::Status CheckShapes(const ModelDescription& model,
                         const std::map<std::string, Shape>& shapes) {
  for (const auto& given : shapes) {
    const std::string& name = given.first;
    if (FindFeature(model.inputs, name) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("the model has no input '", name, "'"));
    }
  }
  return absl::OkStatus();
}

void SetShape(const std::map<std::string, Shape>& shapes, FeatureDescription& input) {
  const auto given = shapes.find(input.name);
  const bool number = input.kind == FeatureKind::kDouble || input.kind == FeatureKind::kInt64;
  input.shape = given != shapes.end() ? given->second : number ? Shape{1} : InputShape(input);
}

absl::Status CheckInputs(const std::vector<FeatureDescription>& inputs, const FeatureMap& values) {
  for (const FeatureDescription& input : inputs) {
    if (input.optional || values.contains(input.name)) continue;
    return absl::InvalidArgumentError(absl::StrCat("input '", input.name, "' is missing"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Stage>> MakeStage(const Model& model, const EngineOptions& options,
                                                 const std::map<std::string, Shape>& shapes) {
  const std::string& type = model.description().type;
  return IsPipeline(type) ? MakePipeline(model, options, shapes) : MakeClassicalStage(model);
}

}  // namespace nbits
