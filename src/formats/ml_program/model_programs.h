// SPDX-License-Identifier: Apache-2.0
// What a model does about the ML Programs in it.
#ifndef NBITS_FORMATS_ML_PROGRAM_MODEL_PROGRAMS_H_
#define NBITS_FORMATS_ML_PROGRAM_MODEL_PROGRAMS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "formats/neural_network/model_impl.h"

namespace nbits {

// What "@model_path" means in a model's file of that path.
std::shared_ptr<BlobStore> FolderOf(const std::string& path);

// Bytes of all weight files that the model's programs name. The errors of BlobStore, with the
// model's name.
absl::StatusOr<int64_t> BlobFileBytes(const Model::Impl& impl);

// Appends the weights of ML Programs, as they are now.
absl::Status AddProgramWeights(Model::Impl& impl);

// Puts `tensor`, which owns its bytes, in place of a program's weight. InvalidArgument, naming it,
// for a form that the program has no operation for.
absl::Status ReplaceProgramWeight(size_t index, PackedTensor tensor, Model::Impl& impl);

// A member's program that was changed within the pipeline is changed as a model by itself too.
void PassEdits(const Model::Impl& pipeline, const std::string& place, Model::Impl& member);

// InvalidArgument for weight files beside a file that is no package.
absl::Status CheckTakesBlobs(const Model::Impl& impl, const std::string& path);

// Writes a model of which programs were changed. `check` is given the model's temporary file, with
// the weight files beside it.
absl::Status SavePrograms(const Model::Impl& impl, const std::string& path,
                          const std::function<absl::Status(const std::string& file)>& check);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_MODEL_PROGRAMS_H_
