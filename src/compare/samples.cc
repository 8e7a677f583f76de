// SPDX-License-Identifier: Apache-2.0
#include "compare/samples.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "nbits/input.h"

namespace nbits {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtensions[] = {".npy", ".png", ".jpg", ".jpeg"};

absl::StatusOr<ImageListing> ListWithFolders(const std::string& folder) {
  NBITS_ASSIGN_OR_RETURN(ImageListing listing, ListImages(folder));
  if (!listing.files.empty()) return listing;
  ImageListing inner;
  for (const auto& [name, reason] : listing.skipped) {
    std::error_code error;
    if (!fs::is_directory(fs::path(folder) / name, error)) {
      inner.skipped.emplace_back(name, reason);
      continue;
    }
    NBITS_ASSIGN_OR_RETURN(const ImageListing part, ListImages((fs::path(folder) / name).string()));
    for (const std::string& file : part.files) inner.files.push_back(absl::StrCat(name, "/", file));
    for (const auto& [file, why] : part.skipped) {
      inner.skipped.emplace_back(absl::StrCat(name, "/", file), why);
    }
  }
  return inner;
}

// All names in a folder, hidden ones aside, sorted.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name[0] != '.') names.push_back(name);
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder, ": ", error.message()));
  std::sort(names.begin(), names.end());
  return names;
}

bool HasInputExtension(const std::string& name) {
  const std::string extension = fs::path(name).extension().string();
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

}  // namespace

Samples::Samples(const std::string& folder, const ModelDescription& model)
    : folder_(folder), inputs_(model.inputs) {
  const auto rest = std::stable_partition(inputs_.begin(), inputs_.end(),
                                          [](const auto& input) { return !input.optional; });
  needed_ = static_cast<size_t>(rest - inputs_.begin());
  for (size_t i = 0; i < needed_ && !picture_; ++i) {
    if (inputs_[i].kind == FeatureKind::kImage) picture_ = inputs_[i];
  }
}

absl::StatusOr<Samples> Samples::List(const CompareOptions& options,
                                      const ModelDescription& model) {
  const bool pictures = !options.images.empty();
  if (pictures == !options.inputs.empty()) {
    return absl::InvalidArgumentError("a folder of pictures or one of inputs is needed");
  }
  Samples samples(pictures ? options.images : options.inputs, model);
  NBITS_RETURN_IF_ERROR(pictures ? samples.ListPictures() : samples.ListInputs());
  if (samples.names_.empty()) {
    return absl::NotFoundError(absl::StrCat(
        samples.folder_, pictures ? ": no JPEG or PNG files" : ": nothing that the model takes"));
  }
  const size_t limit = static_cast<size_t>(std::max(0, options.limit));
  if (limit > 0 && samples.names_.size() > limit) samples.names_.resize(limit);
  return samples;
}

absl::Status Samples::ListPictures() {
  if (needed_ != 1 || !picture_) {
    return absl::InvalidArgumentError(
        "comparing on pictures needs a model whose only input is a picture; give others a folder "
        "of arrays");
  }
  NBITS_ASSIGN_OR_RETURN(const ImageListing listing, ListWithFolders(folder_));
  names_ = listing.files;
  skipped_.assign(listing.skipped.begin(), listing.skipped.end());
  return absl::OkStatus();
}

absl::Status Samples::ListInputs() {
  NBITS_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(folder_));
  for (const std::string& name : names) {
    std::error_code error;
    const bool is_folder = fs::is_directory(fs::path(folder_) / name, error);
    if (is_folder ? IsComplete(name) : needed_ == 1 && HasInputExtension(name)) {
      names_.push_back(name);
    } else if (is_folder) {
      skipped_.emplace_back(name, "it has not a file for every input");
    } else {
      skipped_.emplace_back(name, needed_ == 1 ? "not a .npy, PNG or JPEG file"
                                               : "not a folder with a file for each input");
    }
  }
  return absl::OkStatus();
}

// The input's file in the folder `name`.
std::optional<std::string> Samples::FileOf(const std::string& name,
                                           const FeatureDescription& input) const {
  if (input.name.find('/') != std::string::npos) return std::nullopt;
  for (const char* extension : kExtensions) {
    const fs::path file = fs::path(folder_) / name / absl::StrCat(input.name, extension);
    std::error_code error;
    if (fs::exists(file, error)) return file.string();
  }
  return std::nullopt;
}

bool Samples::IsComplete(const std::string& name) const {
  return std::all_of(
      inputs_.begin(), inputs_.begin() + static_cast<std::ptrdiff_t>(needed_),
      [&](const FeatureDescription& input) { return FileOf(name, input).has_value(); });
}

std::string Samples::InputNames() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < needed_; ++i) names.push_back(inputs_[i].name);
  return absl::StrJoin(names, ", ");
}

absl::Status Samples::ReadFile(const FeatureDescription& input, const std::string& file,
                               Sample& sample) const {
  Tensor& tensor = sample.inputs[input.name];
  if (input.kind != FeatureKind::kImage || fs::path(file).extension() == kExtensions[0]) {
    NBITS_ASSIGN_OR_RETURN(tensor, ReadInput(input, file));
    return absl::OkStatus();
  }
  NBITS_ASSIGN_OR_RETURN(const Image image, ReadImage(file));
  NBITS_ASSIGN_OR_RETURN(tensor, ImageToTensor(image, input));
  if (picture_ && input.name == picture_->name) {
    const Shape& shape = tensor.shape;  // [channels, height, width].
    sample.picture = ResizeImage(image, static_cast<int>(shape[2]), static_cast<int>(shape[1]));
  }
  return absl::OkStatus();
}

absl::StatusOr<Sample> Samples::Read(size_t number) const {
  Sample sample;
  const std::string& name = names_[number];
  const std::string path = (fs::path(folder_) / name).string();
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    NBITS_RETURN_IF_ERROR(ReadFile(inputs_[0], path, sample));
    return sample;
  }
  for (const FeatureDescription& input : inputs_) {
    if (const std::optional<std::string> file = FileOf(name, input)) {
      NBITS_RETURN_IF_ERROR(ReadFile(input, *file, sample));
    }
  }
  return sample;
}

}  // namespace nbits
