// SPDX-License-Identifier: Apache-2.0
#include "compare/samples.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "compare/taken_inputs.h"
#include "data/array_picture.h"
#include "data/pictures/foreign_format.h"
#include "data/pictures/picture_frame.h"
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
  const std::string extension = absl::AsciiStrToLower(fs::path(name).extension().string());
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

// Why a file without such an extension is none of the model's.
std::string WhyNoInput(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return "not a regular file";  // Reading it may never end.
  char start[kTellingBytes] = {};
  std::ifstream stream(file, std::ios::binary);
  stream.read(start, sizeof(start));
  const std::string known = NameForeignFormat({start, static_cast<size_t>(stream.gcount())});
  return known.empty() ? "not a .npy, PNG or JPEG file" : known;
}

// Whether a file among pictures is there for another reason and needs no mention, like a licence, a
// table or a model: neither its name nor what it holds is a picture's.
bool IsBesidePictures(const std::pair<std::string, std::string>& skipped) {
  constexpr const char* kPictures[] = {".png",  ".jpg",  ".jpeg", ".jpe", ".jfif", ".heic",
                                       ".heif", ".webp", ".gif",  ".bmp", ".avif", ".tif",
                                       ".tiff", ".jxl",  ".jp2",  ".dng", ".npy"};
  const auto& [name, reason] = skipped;
  const std::string extension = absl::AsciiStrToLower(fs::path(name).extension().string());
  return reason == WhyNoPicture(" ") &&
         std::find(std::begin(kPictures), std::end(kPictures), extension) == std::end(kPictures);
}

std::string Quoted(const FeatureDescription& input) {
  return absl::StrCat("'", input.name, "' (", input.name,
                      input.kind == FeatureKind::kImage ? ".png, .jpg or .npy)" : ".npy)");
}

}  // namespace

Samples::Samples(const CompareOptions& options, const ModelDescription& model)
    : folder_(options.images.empty() ? options.inputs : options.images),
      options_(options.pictures),
      inputs_(model.inputs) {
  const auto rest = std::stable_partition(inputs_.begin(), inputs_.end(),
                                          [](const auto& input) { return !input.optional; });
  needed_ = static_cast<size_t>(rest - inputs_.begin());
  const auto find = [&](bool image) {
    for (size_t i = 0; i < needed_ && !picture_; ++i) {
      const bool fits = image == (inputs_[i].kind == FeatureKind::kImage);
      if (fits && TakesPictures(inputs_[i], options_)) picture_ = inputs_[i];
    }
  };
  find(/*image=*/true);
  find(/*image=*/false);
  if (needed_ == 1 && !picture_ && IsPictureArray(inputs_[0])) shown_array_ = inputs_[0];
}

absl::StatusOr<Samples> Samples::List(const CompareOptions& options,
                                      const ModelDescription& model) {
  const bool pictures = !options.images.empty();
  if (pictures == !options.inputs.empty()) {
    return absl::InvalidArgumentError("a folder of pictures or one of inputs is needed");
  }
  Samples samples(options, model);
  absl::Status fits = CheckTakesFiles(model.inputs);
  if (fits.ok()) fits = CheckPictureOptions(model.inputs, options.pictures);
  if (fits.ok() && pictures) fits = samples.CheckTakesPictures();
  if (!fits.ok()) {
    return absl::Status(fits.code(), absl::StrCat(options.original.file, ": ", fits.message()));
  }
  NBITS_RETURN_IF_ERROR(samples.List(pictures));
  const size_t limit = static_cast<size_t>(std::max(0, options.limit));
  if (limit > 0 && samples.names_.size() > limit) samples.names_.resize(limit);
  return samples;
}

absl::Status Samples::List(bool pictures) {
  std::error_code error;
  if (fs::is_regular_file(folder_, error)) {
    const fs::path file(folder_);
    if (needed_ != 1) {
      return absl::InvalidArgumentError(absl::StrCat(folder_, " is one file, and the model takes ",
                                                     needed_, " inputs: ", InputNames()));
    }
    names_.push_back(file.filename().string());
    folder_ = file.parent_path().string();
    return absl::OkStatus();
  }
  NBITS_RETURN_IF_ERROR(pictures ? ListPictures() : ListInputs());
  if (!names_.empty()) return absl::OkStatus();
  std::string text =
      absl::StrCat(folder_, pictures ? ": no JPEG or PNG files" : ": nothing that the model takes");
  if (!skipped_.empty()) {
    absl::StrAppend(&text, " (", skipped_[0].first, ": ", skipped_[0].second, ")");
  }
  return absl::NotFoundError(text);
}

absl::Status Samples::CheckTakesPictures() const {
  if (needed_ == 1 && picture_) return absl::OkStatus();
  std::string text =
      "comparing on pictures needs a model whose only input is a picture; give others a folder of "
      "arrays";
  PictureOptions any;
  any.layout = PictureLayout::kAuto;
  if (needed_ == 1 && TakesPictures(inputs_[0], any)) {
    absl::StrAppend(&text, ", or say how pixels become the values of '", inputs_[0].name,
                    "': --scale 1/255 (0 to 1) or --scale 1 (0 to 255), and --bias");
  }
  return absl::InvalidArgumentError(text);
}

absl::Status Samples::ListPictures() {
  NBITS_ASSIGN_OR_RETURN(const ImageListing listing, ListWithFolders(folder_));
  names_ = listing.files;
  skipped_.assign(listing.skipped.begin(), listing.skipped.end());
  if (!names_.empty()) std::erase_if(skipped_, IsBesidePictures);  // Else they say what was found.
  return absl::OkStatus();
}

absl::Status Samples::ListInputs() {
  NBITS_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(folder_));
  for (const std::string& name : names) {
    std::error_code error;
    const bool is_folder = fs::is_directory(fs::path(folder_) / name, error);
    const std::string missing = is_folder ? MissingIn(name) : "";
    if (is_folder ? missing.empty() : needed_ == 1 && HasInputExtension(name)) {
      names_.push_back(name);
    } else if (is_folder) {
      skipped_.emplace_back(name, absl::StrCat("it has no file for ", missing));
    } else {
      skipped_.emplace_back(name, needed_ == 1 ? WhyNoInput(fs::path(folder_) / name)
                                               : "not a folder with a file for each input");
    }
  }
  return absl::OkStatus();
}

std::string Samples::MissingIn(const std::string& name) const {
  std::vector<std::string> missing;
  for (size_t i = 0; i < needed_; ++i) {
    if (!InputFileIn((fs::path(folder_) / name).string(), inputs_[i])) {
      missing.push_back(Quoted(inputs_[i]));
    }
  }
  return absl::StrJoin(missing, ", ");
}

std::string Samples::InputNames() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < needed_; ++i) names.push_back(inputs_[i].name);
  return absl::StrJoin(names, ", ");
}

std::optional<FeatureDescription> Samples::PictureOf(const Sample& sample) const {
  if (!picture_ && (!shown_array_ || !sample.picture)) return std::nullopt;
  const FeatureDescription& input = picture_ ? *picture_ : *shown_array_;
  FeatureDescription seen = input;
  const auto frame = PictureFrame::Of(input, options_.layout.value_or(PictureLayout::kAuto));
  const auto found = sample.inputs.find(seen.name);
  if (!frame || found == sample.inputs.end()) return seen;
  const ImageSize size = frame->SizeOf(found->second.shape);
  if (seen.kind != FeatureKind::kImage) {
    seen.color = frame->channels() == 1 ? ImageColor::kGrayscale : ImageColor::kRgb;
  }
  seen.kind = FeatureKind::kImage;
  seen.shape = {size.height, size.width};
  return seen;
}

absl::Status Samples::ReadFile(const FeatureDescription& input, const std::string& file,
                               Sample& sample) const {
  NBITS_ASSIGN_OR_RETURN(InputValue value, ReadInputFile(input, file, options_));
  sample.inputs[input.name] = std::move(value.tensor);
  if (!value.note.empty()) sample.notes.push_back(std::move(value.note));
  if (shown_array_ && input.name == shown_array_->name) ShowArray(*shown_array_, sample);
  if (!picture_ || input.name != picture_->name) return absl::OkStatus();
  if (!value.picture) {
    ShowArray(*picture_, sample);
    return absl::OkStatus();
  }
  sample.picture = std::move(value.picture);
  sample.own_width = value.own_width;
  sample.own_height = value.own_height;
  return absl::OkStatus();
}

void Samples::ShowArray(const FeatureDescription& input, Sample& sample) {
  const Tensor& array = sample.inputs.at(input.name);
  if (input.kind == FeatureKind::kImage) {
    // Pixels as they are.
    absl::StatusOr<Image> image = TensorToImage(array, input.color);
    if (image.ok()) sample.picture = *std::move(image);
  } else {
    sample.picture = ArrayPicture(input, array);
  }
  if (!sample.picture) return;
  sample.own_width = sample.picture->width;
  sample.own_height = sample.picture->height;
}

std::vector<std::string> Samples::Files(size_t number) const {
  const std::string path = (fs::path(folder_) / names_[number]).string();
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  for (const FeatureDescription& input : inputs_) {
    if (const auto file = InputFileIn(path, input)) files.push_back(*file);
  }
  return files;
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
    if (const std::optional<std::string> file = InputFileIn(path, input)) {
      NBITS_RETURN_IF_ERROR(ReadFile(input, *file, sample));
    }
  }
  return sample;
}

}  // namespace nbits
