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
constexpr int kMemoryReserve = 2;    // The variants alive at once get this part of the free memory.

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
  void MakeContenders();
  absl::Status StartOriginal();
  absl::StatusOr<size_t> GroupSize();
  absl::Status RunGroup(size_t begin, size_t end);
  absl::Status RunPicture(size_t number, const Image& image);
  absl::Status MeasurePicture(const Tensor& input, std::vector<TensorMap>& outputs);
  absl::Status MeasureOnce(size_t turn, bool keep, const std::string& input,
                           std::vector<TensorMap>& outputs);
  absl::Status Judge(size_t number, const Image& image, std::vector<TensorMap> outputs);
  absl::Status JudgeAnswer(const PictureFolder& folder, const Answer& original, const Truth& truth,
                           size_t contender, TensorMap outputs, PictureResult& picture);
  Truth FindTruth(const PictureResult& picture, bool first);
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
  std::vector<size_t> turns_;  // Those that run now: the original and a group of the others.
  std::optional<Task> task_;
  std::vector<Score> scores_;
  ImageListing listing_;
  std::vector<std::optional<PictureResult>> pictures_;  // One per file; none when it is unreadable.
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
  pictures_.resize(listing_.files.size());
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(options_.original.file));
  description_ = model.description();
  const auto input = ImageInput(description_);
  if (!input.ok()) return Prefixed(options_.original.file, input.status());
  input_ = *input;
  NBITS_ASSIGN_OR_RETURN(temporary_, TemporaryFolder::Create());
  return absl::OkStatus();
}

void Comparison::MakeContenders() {
  std::vector<CompareModel> models = {options_.original};
  if (models[0].name.empty()) models[0].name = "original";
  models.insert(models.end(), options_.variants.begin(), options_.variants.end());
  const std::vector<std::string> names = DistinctNames(models);
  for (size_t i = 0; i < models.size(); ++i) contenders_.emplace_back(models[i], names[i]);
  contenders_.emplace_back(models[0], names[0]);
  contenders_[0].row().is_original = true;
}

absl::Status Comparison::StartOriginal() {
  for (size_t i : {size_t{0}, Twin()}) {
    contenders_[i].Start(options_.worker_command, options_.threads);
    if (const auto& error = contenders_[i].row().error) {
      return absl::FailedPreconditionError(absl::StrCat(options_.original.file, ": ", *error));
    }
  }
  return absl::OkStatus();
}

// How many variants may be alive at once: as many as fit into the free memory when each takes as
// much as the original does.
absl::StatusOr<size_t> Comparison::GroupSize() {
  const Image grey{1, 1, 3, {128, 128, 128}};
  const auto input = ImageToTensor(grey, input_);
  if (!input.ok()) return Prefixed(options_.original.file, input.status());
  const std::string file = absl::StrCat(temporary_->path(), "/input.npy");
  NBITS_RETURN_IF_ERROR(WriteNpy(file, *input));
  for (size_t i : {size_t{0}, Twin()}) {
    const absl::Status status = contenders_[i].WarmUp(input_.name, file);
    if (!status.ok()) return Prefixed(options_.original.file, status);
  }
  const int64_t each = std::max<int64_t>(1, *contenders_[0].row().peak_memory_bytes);
  const int64_t count = AvailableMemoryBytes() / kMemoryReserve / each;
  return static_cast<size_t>(std::clamp<int64_t>(count, 1, 1024));
}

void Comparison::Progress() {
  ++done_;
  if (options_.progress) options_.progress(std::min(done_, total_), total_);
}

// One timed run of contender `turn`. Only the original's failure is an error.
absl::Status Comparison::MeasureOnce(size_t turn, bool keep, const std::string& input,
                                     std::vector<TensorMap>& outputs) {
  const std::string prefix = keep ? absl::StrCat(temporary_->path(), "/output-", turn, "-") : "";
  auto answer = contenders_[turn].Measure(input_.name, input, prefix);
  Progress();
  if (answer.ok()) {
    if (keep) outputs[turn] = *std::move(answer);
    return absl::OkStatus();
  }
  const bool is_original = turn == 0 || turn == Twin();
  return is_original ? Prefixed(options_.original.file, answer.status()) : absl::OkStatus();
}

absl::Status Comparison::MeasurePicture(const Tensor& input, std::vector<TensorMap>& outputs) {
  const std::string file = absl::StrCat(temporary_->path(), "/input.npy");
  NBITS_RETURN_IF_ERROR(WriteNpy(file, input));
  for (int run = 0; run < runs_; ++run) {
    for (size_t i = 0; i < turns_.size(); ++i) {
      // Another one begins each round, so that no place in the order belongs to one model.
      const size_t turn = turns_[(i + static_cast<size_t>(run)) % turns_.size()];
      const bool keep = run == 0 && turn != Twin();
      NBITS_RETURN_IF_ERROR(MeasureOnce(turn, keep, file, outputs));
    }
  }
  return absl::OkStatus();
}

// A mask that cannot be used is listed among the skipped files, when it is met for the `first`
// time.
Truth Comparison::FindTruth(const PictureResult& picture, bool first) {
  Truth truth;
  if (task_->kind == TaskKind::kClassification) {
    truth.label = LabelOfFileName(task_->labels, picture.name);
  }
  if (task_->kind != TaskKind::kSegmentation) return truth;
  auto map = ReadTruth(options_.masks, picture.name, task_->classes, options_.mask_map,
                       picture.width, picture.height);
  if (map.ok()) {
    truth.map = *std::move(map);
  } else if (first) {
    results_.skipped.push_back(
        {absl::StrCat("mask of ", picture.name), std::string(map.status().message())});
  }
  return truth;
}

absl::Status Comparison::JudgeAnswer(const PictureFolder& folder, const Answer& original,
                                     const Truth& truth, size_t contender, TensorMap outputs,
                                     PictureResult& picture) {
  Contender& judged = contenders_[contender];
  if (judged.row().error) return absl::OkStatus();
  const auto answer = Interpret(*task_, std::move(outputs), picture.width, picture.height);
  if (!answer.ok()) return judged.Fail(answer.status()), absl::OkStatus();
  auto figures = scores_[contender].Add(original, *answer, truth);
  if (!figures.ok()) return judged.Fail(figures.status()), absl::OkStatus();
  picture.outputs[contender] = *std::move(figures);
  return folder.WriteAnswer(*task_, static_cast<int>(contender), original, *answer,
                            picture.outputs[contender]);
}

absl::Status Comparison::Judge(size_t number, const Image& image, std::vector<TensorMap> outputs) {
  if (!task_) {
    task_ = RecognizeTask(description_, input_, outputs[0]);
    for (size_t i = 0; i < Twin(); ++i) scores_.emplace_back(*task_);
  }
  const auto original = Interpret(*task_, outputs[0], image.width, image.height);
  if (!original.ok()) return Prefixed(options_.original.file, original.status());
  NBITS_ASSIGN_OR_RETURN(const PictureFolder folder,
                         PictureFolder::Create(options_.output, static_cast<int>(number), image));
  const bool first = !pictures_[number].has_value();
  if (first) {
    pictures_[number].emplace();
    pictures_[number]->name = listing_.files[number];
    pictures_[number]->width = image.width;
    pictures_[number]->height = image.height;
    pictures_[number]->outputs.resize(Twin());
    NBITS_RETURN_IF_ERROR(folder.WriteImage(*pictures_[number]));
  }
  PictureResult& picture = *pictures_[number];
  const Truth truth = FindTruth(picture, first);
  if (first && truth.map) {
    NBITS_RETURN_IF_ERROR(folder.WriteTruth(*task_, *truth.map, picture));
  }
  for (size_t turn : turns_) {
    if (turn == Twin() || (turn == 0 && !first)) continue;
    NBITS_RETURN_IF_ERROR(
        JudgeAnswer(folder, *original, truth, turn, std::move(outputs[turn]), picture));
  }
  return absl::OkStatus();
}

absl::Status Comparison::RunPicture(size_t number, const Image& image) {
  NBITS_ASSIGN_OR_RETURN(const Tensor input, ImageToTensor(image, input_));
  const int height = static_cast<int>(input.shape[1]), width = static_cast<int>(input.shape[2]);
  std::vector<TensorMap> outputs(contenders_.size());
  NBITS_RETURN_IF_ERROR(MeasurePicture(input, outputs));
  return Judge(number, ResizeImage(image, width, height), std::move(outputs));
}

// Contenders [begin, end) on all pictures, with the original beside them as their reference.
absl::Status Comparison::RunGroup(size_t begin, size_t end) {
  const bool first = begin == 1;
  turns_ = {0};
  for (size_t i = begin; i < end; ++i) {
    contenders_[i].Start(options_.worker_command, options_.threads);
    if (!contenders_[i].row().error) turns_.push_back(i);
  }
  if (first) turns_.push_back(Twin());
  for (size_t number = 0; number < listing_.files.size(); ++number) {
    const std::string& file = listing_.files[number];
    const auto image = ReadImage((std::filesystem::path(options_.images) / file).string());
    if (image.ok()) {
      NBITS_RETURN_IF_ERROR(RunPicture(number, *image));
    } else if (first) {
      results_.skipped.push_back({file, std::string(image.status().message())});
    }
  }
  for (size_t turn : turns_) {
    if (turn != 0) contenders_[turn].Finish();
  }
  return absl::OkStatus();
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
  contenders_[0].Finish();
  for (auto& picture : pictures_) {
    if (picture) results_.pictures.push_back(*std::move(picture));
  }
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
  MakeContenders();
  NBITS_RETURN_IF_ERROR(StartOriginal());
  NBITS_ASSIGN_OR_RETURN(const size_t group, GroupSize());
  const size_t groups = std::max<size_t>(1, (Twin() - 1 + group - 1) / group);
  total_ = static_cast<int64_t>((contenders_.size() + groups - 1) * listing_.files.size()) * runs_;
  for (size_t begin = 1; begin == 1 || begin < Twin(); begin += group) {
    NBITS_RETURN_IF_ERROR(RunGroup(begin, std::min(begin + group, Twin())));
    if (!task_) {
      const SkippedFile& last = results_.skipped.back();
      return absl::InvalidArgumentError(
          absl::StrCat(options_.images, ": no readable picture; ", last.file, ": ", last.reason));
    }
  }
  Finish();
  return std::move(results_);
}

}  // namespace

absl::StatusOr<Results> Compare(const CompareOptions& options) { return Comparison(options).Run(); }

}  // namespace nbits
