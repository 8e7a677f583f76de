// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/model_programs.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "formats/ml_program/blobs/blob_names.h"
#include "formats/ml_program/weights.h"
#include "formats/ml_program/write/encode.h"
#include "formats/ml_program/write/save.h"
#include "formats/neural_network/package.h"
#include "formats/neural_network/wire/write_file.h"

namespace nbits {
namespace {

absl::Status InModel(absl::string_view name, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(name, ": ", status.message()));
}

absl::Status BlobsNeedPackage(const std::string& path) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": an ML Program with weight files is written as a .mlpackage only"));
}

// The model's file, once `check` has seen it.
absl::Status WriteModelBytes(const std::string& bytes, const std::string& path,
                             const std::function<absl::Status(const std::string&)>& check) {
  NBITS_ASSIGN_OR_RETURN(AtomicFileWriter file, AtomicFileWriter::Create(path));
  NBITS_RETURN_IF_ERROR(file.Write(bytes));
  NBITS_RETURN_IF_ERROR(check(file.temporary()));
  return file.Commit();
}

}  // namespace

std::shared_ptr<BlobStore> FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return std::make_shared<BlobStore>(slash == std::string::npos ? "." : path.substr(0, slash + 1));
}

absl::StatusOr<int64_t> BlobFileBytes(const Model::Impl& impl) {
  std::set<std::string> names;
  for (const ProgramEntry& entry : ListPrograms(impl.skeleton, impl.tree->root)) {
    NBITS_RETURN_IF_ERROR(AddBlobFiles(entry.model->mlprogram(), names));
  }
  int64_t bytes = 0;
  for (const std::string& name : names) {
    auto file = impl.blobs->FileBytes(name);
    if (!file.ok()) return InModel(impl.name, file.status());
    bytes += static_cast<int64_t>(file->size());
  }
  return bytes;
}

absl::Status AddProgramWeights(Model::Impl& impl) {
  ProgramWeights collected;
  for (const ProgramEntry& entry : ListPrograms(impl.skeleton, impl.tree->root)) {
    const absl::Status status = CollectProgramWeights(entry, *impl.blobs, collected);
    if (!status.ok()) return InModel(impl.name, status);
  }
  impl.first_program_weight = impl.weights.size();
  for (WeightRef& weight : collected.weights) {
    const auto edit = impl.program_edits.find(weight.path);
    if (edit != impl.program_edits.end()) weight.tensor = edit->second;
    if (weight.tensor.owner == nullptr) weight.tensor.owner = impl.tree->storage;
    impl.weights.push_back(std::move(weight));
  }
  impl.program_places = std::move(collected.places);
  return absl::OkStatus();
}

absl::Status ReplaceProgramWeight(size_t index, PackedTensor tensor, Model::Impl& impl) {
  WeightRef& ref = impl.weights[index];
  tensor.shape = ref.tensor.shape;
  const ProgramPlace& place = impl.program_places[index - impl.first_program_weight];
  auto form = ProgramForm(tensor, place.type, place.version);
  if (!form.ok()) {
    return absl::Status(form.status().code(),
                        absl::StrCat("cannot replace ", ref.path, ": ", form.status().message()));
  }
  ref.tensor = *form;
  impl.program_edits[ref.path] = *std::move(form);
  return absl::OkStatus();
}

void PassEdits(const Model::Impl& pipeline, const std::string& place, Model::Impl& member) {
  for (const auto& [path, tensor] : pipeline.program_edits) {
    if (!absl::StartsWith(path, place)) continue;
    const std::string own = path.substr(place.size());
    for (WeightRef& weight : member.weights) {
      if (weight.program_version == 0 || weight.path != own) continue;
      member.program_edits[own] = tensor;
      weight.tensor = tensor;
    }
  }
}

absl::Status CheckTakesBlobs(const Model::Impl& impl, const std::string& path) {
  if (NamesPackage(path)) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(const int64_t bytes, BlobFileBytes(impl));
  if (bytes == 0) return absl::OkStatus();
  return BlobsNeedPackage(path);
}

absl::Status SavePrograms(const Model::Impl& impl, const std::string& path,
                          const std::function<absl::Status(const std::string&)>& check) {
  NBITS_ASSIGN_OR_RETURN(const ProgramOutput output, MakeProgramOutput(impl));
  NBITS_RETURN_IF_ERROR(CheckFits(path, output.model.size()));
  if (!NamesPackage(path)) {
    return output.files.empty() ? WriteModelBytes(output.model, path, check)
                                : BlobsNeedPackage(path);
  }
  std::set<std::string> beside;
  for (const auto& file : output.files) beside.insert(file.first);
  return WritePackage(path, impl.package, beside, [&](const std::string& file) -> absl::Status {
    const std::string folder = file.substr(0, file.rfind('/') + 1);
    for (const auto& [place, blobs] : output.files) {
      NBITS_RETURN_IF_ERROR(blobs.Write(folder + place));
    }
    return WriteModelBytes(output.model, file, check);
  });
}

}  // namespace nbits
