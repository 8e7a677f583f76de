// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/write/save.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "formats/ml_program/blobs/blob_names.h"
#include "formats/ml_program/program.h"
#include "formats/ml_program/write/encode.h"
#include "formats/ml_program/write/rewrite.h"
#include "formats/neural_network/members.h"

namespace nbits {
namespace {

namespace mil = schema::mil;

constexpr char kUsualFile[] = "@model_path/weights/weight.bin";

// One weight, and where its operation was.
struct PlannedWeight {
  std::string file;
  EncodedWeight encoded;
  std::vector<size_t> blobs;  // Indices into the file's planned ones.
};

using OperationKey = std::pair<std::string, std::string>;  // Function, first output.

class OutputPlan {
 public:
  explicit OutputPlan(const Model::Impl& impl) : impl_(impl) {}

  absl::StatusOr<ProgramOutput> Make() {
    NBITS_RETURN_IF_ERROR(SetStandsAlone());
    for (const ProgramEntry& entry : ListPrograms(impl_.skeleton, impl_.tree->root)) {
      NBITS_RETURN_IF_ERROR(PlanProgram(entry));
    }
    PlaceBlobs();
    for (const ProgramEntry& entry : ListPrograms(impl_.skeleton, impl_.tree->root)) {
      NBITS_RETURN_IF_ERROR(RewriteEntry(entry));
    }
    NBITS_ASSIGN_OR_RETURN(output_.model, EncodeModel(impl_.tree->root));
    NBITS_RETURN_IF_ERROR(AddFiles());
    return std::move(output_);
  }

 private:
  // A model in one file, which has no place for others, keeps its weights in the program.
  absl::Status SetStandsAlone() {
    std::set<std::string> names;
    for (const ProgramEntry& entry : ListPrograms(impl_.skeleton, impl_.tree->root)) {
      NBITS_RETURN_IF_ERROR(AddBlobFiles(entry.model->mlprogram(), names));
    }
    stands_alone_ = impl_.package.empty() && names.empty();
    return absl::OkStatus();
  }

  // ---- Which blobs there are --------------------------------------------------------------------

  absl::Status PlanProgram(const ProgramEntry& entry) {
    NBITS_RETURN_IF_ERROR(PlanEdits(entry));
    NBITS_ASSIGN_OR_RETURN(const auto functions, FunctionsOf(entry.model->mlprogram()));
    for (const ProgramFunction& function : functions) {
      NBITS_RETURN_IF_ERROR(ForEachOperation(*function.block, [&](const mil::Operation& operation) {
        return KeepBlobs(entry, function.name, operation);
      }));
    }
    return absl::OkStatus();
  }

  absl::Status PlanEdits(const ProgramEntry& entry) {
    for (size_t i = 0; i < impl_.program_places.size(); ++i) {
      const ProgramPlace& place = impl_.program_places[i];
      const WeightRef& weight = impl_.weights[impl_.first_program_weight + i];
      if (place.node != entry.node || !impl_.program_edits.contains(weight.path)) continue;
      NBITS_RETURN_IF_ERROR(AddEdit(place, impl_.program_edits.at(weight.path)));
    }
    return absl::OkStatus();
  }

  absl::Status AddEdit(const ProgramPlace& place, const PackedTensor& tensor) {
    PlannedWeight weight;
    uint64_t old_place = kNoPlace;
    ForEachBlob(*place.operation, [&](const mil::Value::BlobFileValue& blob) {
      if (!weight.file.empty() && blob.offset() >= old_place) return;
      weight.file = blob.filename();
      old_place = blob.offset();
    });
    if (weight.file.empty() && !stands_alone_) weight.file = kUsualFile;
    weight.encoded = EncodeWeight(tensor, *place.operation, place.type, place.version, weight.file);
    for (const NewBlob& blob : weight.encoded.blobs) {
      weight.blobs.push_back(AddBlob(weight.file, blob, old_place));
    }
    if (!weight.file.empty()) changed_files_.insert(weight.file);
    weights_[place.node].emplace(OperationKey(place.function, place.name), std::move(weight));
    return absl::OkStatus();
  }

  // Weights that shared a blob share it again, where they became the same.
  size_t AddBlob(const std::string& file, const NewBlob& blob, uint64_t old_place) {
    std::vector<PlannedBlob>& blobs = files_[file];
    for (size_t i = 0; old_place != kNoPlace && i < blobs.size(); ++i) {
      const PlannedBlob& other = blobs[i];
      if (other.is_new && other.order == old_place && other.fresh.type == blob.type &&
          std::ranges::equal(other.fresh.bytes, blob.bytes)) {
        return i;
      }
    }
    PlannedBlob planned;
    planned.order = old_place;
    planned.is_new = true;
    planned.fresh = blob;
    blobs.push_back(std::move(planned));
    return blobs.size() - 1;
  }

  absl::Status KeepBlobs(const ProgramEntry& entry, const std::string& function,
                         const mil::Operation& operation) {
    const std::string name = operation.outputs_size() == 0 ? "" : operation.outputs(0).name();
    const auto edits = weights_.find(entry.node);
    if (edits != weights_.end() && edits->second.contains({function, name})) {
      return absl::OkStatus();
    }
    absl::Status status;
    ForEachBlob(operation, [&](const mil::Value::BlobFileValue& blob) {
      if (status.ok()) status = KeepBlob(blob);
    });
    return status;
  }

  absl::Status KeepBlob(const mil::Value::BlobFileValue& blob) {
    if (!kept_.insert({blob.filename(), blob.offset()}).second) return absl::OkStatus();
    PlannedBlob planned;
    planned.order = blob.offset();
    NBITS_ASSIGN_OR_RETURN(planned.old, impl_.blobs->Find(blob.filename(), blob.offset()));
    NBITS_ASSIGN_OR_RETURN(const ByteSpan file, impl_.blobs->FileBytes(blob.filename()));
    planned.old_record = file.subspan(blob.offset(), kBlobAlignment);
    files_[blob.filename()].push_back(std::move(planned));
    return absl::OkStatus();
  }

  // ---- Where they stand -------------------------------------------------------------------------

  void PlaceBlobs() {
    for (const std::string& file : changed_files_) {
      GivePlaces(files_[file]);
      for (const PlannedBlob& blob : files_[file]) {
        if (!blob.is_new) moved_[{file, blob.order}] = blob.place;
      }
    }
  }

  // ---- The model --------------------------------------------------------------------------------

  absl::Status RewriteEntry(const ProgramEntry& entry) {
    const auto edits = weights_.find(entry.node);
    int version = entry.model->specificationversion();
    ProgramChanges changes;
    if (edits != weights_.end() && version < kConstexprVersion) {
      version = kConstexprVersion;
      changes.opset = absl::StrCat("CoreML", version - 1);
    }
    changes.replace = [&](const std::string& function,
                          const mil::Operation& operation) -> std::optional<mil::Operation> {
      if (edits == weights_.end() || operation.outputs_size() == 0) return std::nullopt;
      const auto found = edits->second.find({function, operation.outputs(0).name()});
      if (found == edits->second.end() || !IsConstant(operation)) return std::nullopt;
      return Placed(found->second);
    };
    changes.move = [this](const mil::Value::BlobFileValue& blob) -> std::optional<uint64_t> {
      const auto found = moved_.find({blob.filename(), blob.offset()});
      return found == moved_.end() ? std::nullopt : std::optional<uint64_t>(found->second);
    };
    NBITS_ASSIGN_OR_RETURN(std::string program, RewriteProgram(ContentOf(*entry.node), changes));
    programs_[entry.node] = {std::move(program), version};
    return absl::OkStatus();
  }

  // The operation with its blobs' places in the file.
  mil::Operation Placed(const PlannedWeight& weight) const {
    mil::Operation operation = weight.encoded.operation;
    if (weight.blobs.empty()) return operation;
    const std::vector<PlannedBlob>& blobs = files_.at(weight.file);
    const auto place = [&](mil::Value& value) {
      if (!value.has_blobfilevalue()) return;
      const size_t index = weight.blobs[value.blobfilevalue().offset()];
      value.mutable_blobfilevalue()->set_offset(blobs[index].place);
    };
    for (auto& attribute : *operation.mutable_attributes()) place(attribute.second);
    for (auto& input : *operation.mutable_inputs()) {
      for (auto& binding : *input.second.mutable_arguments()) {
        if (binding.has_value()) place(*binding.mutable_value());
      }
    }
    return operation;
  }

  bool HoldsChanged(const WireNode& node) const {
    if (programs_.contains(&node)) return true;
    return std::any_of(node.pieces.begin(), node.pieces.end(), [this](const WirePiece& piece) {
      return piece.child != nullptr && HoldsChanged(*piece.child);
    });
  }

  // The node's body; programs are those that were written anew.
  absl::StatusOr<std::string> EncodeModel(const WireNode& node) {
    std::string body;
    const auto program = programs_.find(&node);
    for (const WirePiece& piece : node.pieces) {
      if (piece.child != nullptr && HoldsChanged(*piece.child)) {
        NBITS_ASSIGN_OR_RETURN(const std::string child, EncodeModel(*piece.child));
        AppendField(piece.field, child, body);
      } else if (piece.child != nullptr) {
        NBITS_RETURN_IF_ERROR(EncodeNode(*piece.child, [&](ByteSpan bytes) {
          Append(bytes, body);
          return absl::OkStatus();
        }));
      } else if (program != programs_.end() && piece.field == wire::kMlProgram) {
        AppendField(piece.field, program->second.body, body);
      } else if (program != programs_.end() && piece.field == wire::kSpecificationVersion) {
        AppendTag(piece.field, WireType::kVarint, body);
        AppendVarint(static_cast<uint64_t>(program->second.version), body);
      } else {
        Append(piece.bytes, body);
      }
    }
    return body;
  }

  static void Append(ByteSpan bytes, std::string& out) {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  static void AppendField(uint32_t number, const std::string& body, std::string& out) {
    AppendTag(number, WireType::kLengthDelimited, out);
    AppendVarint(body.size(), out);
    out += body;
  }

  // ---- The files --------------------------------------------------------------------------------

  absl::Status AddFiles() {
    for (auto& [name, blobs] : files_) {
      if (!changed_files_.contains(name)) {
        NBITS_ASSIGN_OR_RETURN(const ByteSpan file, impl_.blobs->FileBytes(name));
        output_.kept_bytes += static_cast<int64_t>(file.size());
        continue;
      }
      if (blobs.empty()) continue;
      NBITS_ASSIGN_OR_RETURN(const std::string place, BlobFilePlace(name));
      output_.files[place] = MakeBlobFile(blobs);
    }
    return absl::OkStatus();
  }

  struct ChangedProgram {
    std::string body;
    int version = 0;
  };

  const Model::Impl& impl_;
  bool stands_alone_ = false;
  std::map<std::string, std::vector<PlannedBlob>> files_;
  std::set<std::string> changed_files_;
  std::set<std::pair<std::string, uint64_t>> kept_;
  std::map<std::pair<std::string, uint64_t>, uint64_t> moved_;
  std::map<const WireNode*, std::map<OperationKey, PlannedWeight>> weights_;
  std::map<const WireNode*, ChangedProgram> programs_;
  ProgramOutput output_;
};

}  // namespace

int64_t ProgramOutput::size() const {
  int64_t bytes = static_cast<int64_t>(model.size()) + kept_bytes;
  for (const auto& file : files) bytes += static_cast<int64_t>(file.second.size);
  return bytes;
}

absl::StatusOr<ProgramOutput> MakeProgramOutput(const Model::Impl& impl) {
  // The program as it is parsed, as bytes, and once more on the way.
  NBITS_RETURN_IF_ERROR(
      CheckMemory(3 * static_cast<int64_t>(impl.tree->root.bytes.size()), "writing the model"));
  return OutputPlan(impl).Make();
}

}  // namespace nbits
