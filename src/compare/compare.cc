#include "nbits/compare.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "compare/contender.h"
#include "compare/gallery.h"
#include "compare/machine.h"
#include "compare/score.h"
#include "compare/statistics.h"
#include "compare/task.h"
#include "compare/temporary_folder.h"
#include "compare/truth.h"
#include "nbits/image.h"
#include "nbits/model.h"
#include "nbits/npy.h"

namespace nbits {
namespace {

constexpr int kLeastTimedRuns = 10;  // In all, when the number of runs is not given.

absl::Status Prefixed(absl::string_view prefix, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(prefix, ": ", status.message()));
}

// The single picture that the model takes.
absl::StatusOr<FeatureDescription> ImageInput(const ModelDescription& model) {
  std::vector<FeatureDescription> needed;
  for (const FeatureDescription& input : model.inputs) {
    if (!input.optional) needed.push_back(input);
  }
  if (needed.size() != 1 || needed[0].kind != FeatureKind::kImage) {
    return absl::InvalidArgumentError(
        "comparing on pictures needs a model whose only input is a picture");
  }
  return needed[0];
}

// The names of `models`, made distinct where needed.
std::vector<std::string> DistinctNames(const std::vector<CompareModel>& models) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const CompareModel& model : models) {
    const std::string stem =
        model.name.empty() ? std::filesystem::path(model.file).stem().string() : model.name;
    std::string name = stem;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = absl::StrCat(stem, " (", number, ")");
    }
    names.push_back(name);
  }
  return names;
}

class Comparison {
 public:
  explicit Comparison(const CompareOptions& options) : options_(options) {}
  absl::StatusOr<Results> Run();

 private:
  absl::Status Prepare();
  absl::Status StartAll();
  absl::Status ReadPictures();
  absl::Status RunPicture(const std::string& file, const Image& image);
  absl::Status MeasurePicture(const Tensor& input, std::vector<TensorMap>& outputs);
  absl::Status MeasureOnce(size_t turn, bool keep, const std::string& input,
                           std::vector<TensorMap>& outputs);
  absl::Status Judge(const std::string& file, const Image& image, std::vector<TensorMap> outputs);
  absl::Status JudgeAnswers(const PictureFolder& folder, const Answer& original, const Truth& truth,
                            std::vector<TensorMap> outputs, PictureResult& picture);
  Truth FindTruth(const std::string& file, int width, int height);
  void FillModel();
  void Finish();
  void Progress();
  size_t Twin() const { return contenders_.size() - 1; }

  const CompareOptions& options_;
  ModelDescription description_;
  FeatureDescription input_;
  std::optional<TemporaryFolder> temporary_;
  // One per row of the table, the original first; after them the original's second process.
  std::vector<Contender> contenders_;
  std::optional<Task> task_;
  std::vector<Score> scores_;
  ImageListing listing_;
  Results results_;
  int runs_ = 1;
  int64_t done_ = 0, total_ = 0;
};

absl::Status Comparison::Prepare() {
  NBITS_ASSIGN_OR_RETURN(listing_, ListImages(options_.images));
  for (const auto& [file, reason] : listing_.skipped) results_.skipped.push_back({file, reason});
  if (options_.limit > 0 && listing_.files.size() > static_cast<size_t>(options_.limit)) {
    listing_.files.resize(static_cast<size_t>(options_.limit));
  }
  if (listing_.files.empty()) {
    return absl::NotFoundError(absl::StrCat(options_.images, ": no JPEG or PNG files"));
  }
  const int pictures = static_cast<int>(listing_.files.size());
  runs_ = options_.runs > 0 ? options_.runs : (kLeastTimedRuns + pictures - 1) / pictures;
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(options_.original.file));
  description_ = model.description();
  const auto input = ImageInput(description_);
  if (!input.ok()) return Prefixed(options_.original.file, input.status());
  input_ = *input;
  NBITS_ASSIGN_OR_RETURN(temporary_, TemporaryFolder::Create());
  return absl::OkStatus();
}

absl::Status Comparison::StartAll() {
  std::vector<CompareModel> models = {options_.original};
  if (models[0].name.empty()) models[0].name = "original";
  models.insert(models.end(), options_.variants.begin(), options_.variants.end());
  const std::vector<std::string> names = DistinctNames(models);
  models.push_back(models[0]);
  for (size_t i = 0; i < models.size(); ++i) {
    contenders_.emplace_back(models[i], i < names.size() ? names[i] : names[0]);
    contenders_.back().Start(options_.worker_command, options_.threads);
    if (const auto& error = contenders_.back().row().error;
        error && (i == 0 || i == names.size())) {
      return absl::FailedPreconditionError(absl::StrCat(options_.original.file, ": ", *error));
    }
  }
  contenders_[0].row().is_original = true;
  total_ = static_cast<int64_t>(contenders_.size() * listing_.files.size()) * runs_;
  return absl::OkStatus();
}

void Comparison::Progress() {
  ++done_;
  if (options_.progress) options_.progress(std::min(done_, total_), total_);
}

// One timed run of contender `turn`.
absl::Status Comparison::MeasureOnce(size_t turn, bool keep, const std::string& input,
                                     std::vector<TensorMap>& outputs) {
  Contender& contender = contenders_[turn];
  const std::string prefix = keep ? absl::StrCat(temporary_->path(), "/output-", turn, "-") : "";
  auto answer = contender.Measure(input_.name, input, prefix);
  Progress();
  if (answer.ok()) {
    if (keep) outputs[turn] = *std::move(answer);
    return absl::OkStatus();
  }
  const bool is_original = turn == 0 || turn == Twin();
  if (is_original) return Prefixed(options_.original.file, answer.status());
  return absl::OkStatus();
}

absl::Status Comparison::MeasurePicture(const Tensor& input, std::vector<TensorMap>& outputs) {
  const std::string file = absl::StrCat(temporary_->path(), "/input.npy");
  NBITS_RETURN_IF_ERROR(WriteNpy(file, input));
  for (int run = 0; run < runs_; ++run) {
    for (size_t i = 0; i < contenders_.size(); ++i) {
      // Another one begins each round, so that no place in the order belongs to one model.
      const size_t turn = (i + static_cast<size_t>(run)) % contenders_.size();
      const bool keep = run == 0 && turn != Twin();
      NBITS_RETURN_IF_ERROR(MeasureOnce(turn, keep, file, outputs));
    }
  }
  return absl::OkStatus();
}

Truth Comparison::FindTruth(const std::string& file, int width, int height) {
  Truth truth;
  if (task_->kind == TaskKind::kClassification) truth.label = LabelOfFileName(task_->labels, file);
  if (task_->kind != TaskKind::kSegmentation) return truth;
  auto map = ReadTruth(options_.masks, file, task_->classes, options_.mask_map, width, height);
  if (map.ok()) {
    truth.map = *std::move(map);
  } else {
    results_.skipped.push_back(
        {absl::StrCat("mask of ", file), std::string(map.status().message())});
  }
  return truth;
}

absl::Status Comparison::JudgeAnswers(const PictureFolder& folder, const Answer& original,
                                      const Truth& truth, std::vector<TensorMap> outputs,
                                      PictureResult& picture) {
  picture.outputs.resize(Twin());
  for (size_t i = 0; i < Twin(); ++i) {
    if (contenders_[i].row().error) continue;
    const auto answer = Interpret(*task_, std::move(outputs[i]), picture.width, picture.height);
    if (!answer.ok()) {
      contenders_[i].Fail(answer.status());
      continue;
    }
    auto figures = scores_[i].Add(original, *answer, truth);
    if (!figures.ok()) {
      contenders_[i].Fail(figures.status());
      continue;
    }
    picture.outputs[i] = *std::move(figures);
    NBITS_RETURN_IF_ERROR(
        folder.WriteAnswer(*task_, static_cast<int>(i), original, *answer, picture.outputs[i]));
  }
  return absl::OkStatus();
}

absl::Status Comparison::Judge(const std::string& file, const Image& image,
                               std::vector<TensorMap> outputs) {
  if (!task_) {
    task_ = RecognizeTask(description_, input_, outputs[0]);
    for (size_t i = 0; i < Twin(); ++i) scores_.emplace_back(*task_);
  }
  PictureResult picture;
  picture.name = file;
  picture.width = image.width;
  picture.height = image.height;
  const auto original = Interpret(*task_, outputs[0], image.width, image.height);
  if (!original.ok()) return Prefixed(options_.original.file, original.status());
  NBITS_ASSIGN_OR_RETURN(
      const PictureFolder folder,
      PictureFolder::Create(options_.output, static_cast<int>(results_.pictures.size()), image));
  NBITS_RETURN_IF_ERROR(folder.WriteImage(picture));
  const Truth truth = FindTruth(file, image.width, image.height);
  if (truth.map) NBITS_RETURN_IF_ERROR(folder.WriteTruth(*task_, *truth.map, picture));
  NBITS_RETURN_IF_ERROR(JudgeAnswers(folder, *original, truth, std::move(outputs), picture));
  results_.pictures.push_back(std::move(picture));
  return absl::OkStatus();
}

absl::Status Comparison::RunPicture(const std::string& file, const Image& image) {
  NBITS_ASSIGN_OR_RETURN(const Tensor input, ImageToTensor(image, input_));
  const int height = static_cast<int>(input.shape[1]), width = static_cast<int>(input.shape[2]);
  std::vector<TensorMap> outputs(contenders_.size());
  NBITS_RETURN_IF_ERROR(MeasurePicture(input, outputs));
  return Judge(file, ResizeImage(image, width, height), std::move(outputs));
}

absl::Status Comparison::ReadPictures() {
  for (const std::string& file : listing_.files) {
    const auto image = ReadImage((std::filesystem::path(options_.images) / file).string());
    if (image.ok()) {
      NBITS_RETURN_IF_ERROR(RunPicture(file, *image));
    } else {
      results_.skipped.push_back({file, std::string(image.status().message())});
      total_ -= static_cast<int64_t>(contenders_.size()) * runs_;
    }
  }
  if (!results_.pictures.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(options_.images, ": no readable picture; ",
                                                 results_.skipped.back().file, ": ",
                                                 results_.skipped.back().reason));
}

void Comparison::FillModel() {
  results_.created = UtcNow();
  results_.nbits_version = options_.nbits_version;
  results_.cpu = CpuName();
  results_.cores = DefaultThreads();
  results_.threads = options_.threads > 0 ? options_.threads : DefaultThreads();
  results_.model_name = std::filesystem::path(options_.original.file).stem().string();
  results_.model_type = description_.type;
  results_.input = input_.name;
  results_.task = std::string(TaskName(task_->kind));
  if (task_->kind == TaskKind::kClassification) results_.labels = task_->labels;
  if (task_->kind != TaskKind::kSegmentation) return;
  results_.labels = task_->table.labels;
  for (const Color& color : task_->table.colors) results_.colors.push_back(ToHex(color));
  results_.background_id = task_->table.background_id;
}

void Comparison::Finish() {
  FillModel();
  for (Contender& contender : contenders_) contender.Finish();
  const double first = contenders_[0].row().median_ms.value_or(0);
  const double second = contenders_[Twin()].row().median_ms.value_or(0);
  if (first > 0) results_.time_ratio_spread = std::abs(second / first - 1);
  for (size_t i = 0; i < Twin(); ++i) {
    VariantResult& row = contenders_[i].row();
    if (!row.error) row.metrics = scores_[i].Finish(row.is_original);
    results_.variants.push_back(std::move(row));
  }
}

absl::StatusOr<Results> Comparison::Run() {
  NBITS_RETURN_IF_ERROR(Prepare());
  NBITS_RETURN_IF_ERROR(StartAll());
  NBITS_RETURN_IF_ERROR(ReadPictures());
  Finish();
  return std::move(results_);
}

}  // namespace

absl::StatusOr<Results> Compare(const CompareOptions& options) { return Comparison(options).Run(); }

}  // namespace nbits
