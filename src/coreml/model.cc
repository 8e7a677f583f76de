// SPDX-License-Identifier: Apache-2.0
#include "nbits/model.h"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "coreml/collect_weights.h"
#include "coreml/description.h"
#include "coreml/foreign_file.h"
#include "coreml/members.h"
#include "coreml/model_impl.h"
#include "coreml/networks.h"
#include "coreml/package.h"
#include "coreml/parse_quietly.h"
#include "coreml/program/blob_names.h"
#include "coreml/program/encode.h"
#include "coreml/program/program.h"
#include "coreml/program/save.h"
#include "coreml/program/weights.h"
#include "coreml/weight_values.h"
#include "coreml/wire_tree.h"

namespace nbits {
namespace {

// Protocol Buffers count a message's bytes in 32 signed bits.
constexpr uint64_t kMaxFileSize = std::numeric_limits<int32_t>::max();

absl::Status Invalid(absl::string_view name, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", reason));
}

absl::Status InModel(absl::string_view name, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(name, ": ", status.message()));
}

bool IsFolder(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Any bytes may happen to be well-formed fields; a model also has a version and a known type.
absl::Status CheckIsModel(const schema::Model& skeleton, const WireNode& root) {
  if (skeleton.specificationversion() < 1) {
    return absl::InvalidArgumentError("is not a Core ML model (no specification version)");
  }
  if (ModelTypeOf(root).empty()) {
    return absl::InvalidArgumentError("is not a Core ML model (no known model type)");
  }
  return absl::OkStatus();
}

// What its weight files take.
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

absl::StatusOr<std::unique_ptr<Model::Impl>> ReadModel(ByteSpan bytes,
                                                       std::shared_ptr<const void> storage,
                                                       std::string name,
                                                       std::shared_ptr<BlobStore> blobs) {
  auto impl = std::make_unique<Model::Impl>();
  impl->name = std::move(name);
  impl->blobs = std::move(blobs);
  impl->file_size = static_cast<int64_t>(bytes.size());
  impl->tree = std::make_shared<WireTree>();
  impl->tree->storage = std::move(storage);
  impl->tree->root.bytes = bytes;
  if (bytes.size() > kMaxFileSize) {
    return Invalid(impl->name, absl::StrCat("takes ", bytes.size(), " bytes; the format ends at ",
                                            kMaxFileSize));
  }
  if (const absl::Status status = ParseNode(bytes, impl->tree->root);
      absl::IsResourceExhausted(status)) {
    return absl::ResourceExhaustedError(absl::StrCat(impl->name, ": ", status.message()));
  } else if (!status.ok()) {
    return Invalid(impl->name,
                   absl::StrCat("is damaged, cut off, or not a Core ML model: ", status.message()));
  }
  NBITS_RETURN_IF_ERROR(impl->Refresh());
  NBITS_ASSIGN_OR_RETURN(const int64_t blob_bytes, BlobFileBytes(*impl));
  impl->file_size += blob_bytes;
  return impl;
}

// What cannot be read as a model may well be something that its reader knows by another name.
absl::StatusOr<std::unique_ptr<Model::Impl>> Read(ByteSpan bytes,
                                                  const std::shared_ptr<const void>& storage,
                                                  const std::string& name,
                                                  std::shared_ptr<BlobStore> blobs) {
  auto impl = ReadModel(bytes, storage, name, std::move(blobs));
  if (!absl::IsInvalidArgument(impl.status())) return impl;
  const std::string what = DescribeForeignFile(bytes);
  return what.empty() ? std::move(impl) : Invalid(name, what);
}

// What "@model_path" means in a model's file of that path.
std::shared_ptr<BlobStore> FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return std::make_shared<BlobStore>(slash == std::string::npos ? "." : path.substr(0, slash + 1));
}

// Other files of protocol buffers may well parse as a model of nothing: the name has to say it.
absl::Status CheckName(const std::string& path, ByteSpan bytes) {
  if (absl::EndsWithIgnoreCase(path, ".mlmodel")) return absl::OkStatus();
  const std::string what = DescribeForeignFile(bytes);
  if (!what.empty()) return Invalid(path, what);
  return Invalid(path, "is not a Core ML model (a file that ends in .mlmodel was expected)");
}

absl::Status RefuseFolder(const std::string& path) {
  const std::string what = DescribeForeignFolder(path);
  return Invalid(path, what.empty() ? "is a folder, not a .mlmodel file" : what);
}

absl::StatusOr<std::unique_ptr<Model::Impl>> ReadPackage(const std::string& path) {
  NBITS_ASSIGN_OR_RETURN(const std::string model_file, ModelFileIn(path));
  const std::string model_path = absl::StrCat(path, "/", model_file);
  NBITS_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(model_path));
  NBITS_ASSIGN_OR_RETURN(auto impl, Read(file->bytes(), file, path, FolderOf(model_path)));
  impl->package = path;
  return impl;
}

// The bytes of a node that is no longer as it was read, which `storage` keeps.
ByteSpan Encoded(const WireNode& node, std::shared_ptr<const void>& storage) {
  auto bytes = std::make_shared<std::vector<std::byte>>();
  bytes->reserve(EncodedSize(node));
  const absl::Status status = EncodeNode(node, [&](ByteSpan piece) {
    bytes->insert(bytes->end(), piece.begin(), piece.end());
    return absl::OkStatus();
  });
  storage = bytes;
  return status.ok() ? ByteSpan(*bytes) : ByteSpan();
}

// A member's program that was changed within the pipeline is changed as a model by itself too.
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

// Writes small pieces together: one system call for each would cost more than the copy.
class BufferedWriter {
 public:
  explicit BufferedWriter(AtomicFileWriter& file) : file_(file) {}

  absl::Status Write(ByteSpan bytes) {
    if (buffer_.size() + bytes.size() > kBufferSize) NBITS_RETURN_IF_ERROR(Flush());
    if (bytes.size() > kBufferSize) return file_.Write(bytes);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return absl::OkStatus();
  }

  absl::Status Flush() {
    const absl::Status status = file_.Write(ByteSpan(buffer_));
    buffer_.clear();
    return status;
  }

 private:
  static constexpr size_t kBufferSize = 1 << 16;
  AtomicFileWriter& file_;
  std::vector<std::byte> buffer_;
};

// `check` is given the temporary file before it takes its place.
absl::Status WriteTree(const WireNode& root, const std::string& path,
                       const std::function<absl::Status(const std::string& temporary)>& check) {
  NBITS_ASSIGN_OR_RETURN(AtomicFileWriter file, AtomicFileWriter::Create(path));
  NBITS_RETURN_IF_ERROR(file.Reserve(static_cast<int64_t>(EncodedSize(root))));
  BufferedWriter writer(file);
  NBITS_RETURN_IF_ERROR(EncodeNode(root, [&](ByteSpan bytes) { return writer.Write(bytes); }));
  NBITS_RETURN_IF_ERROR(writer.Flush());
  NBITS_RETURN_IF_ERROR(check(file.temporary()));
  return file.Commit();
}

absl::Status CheckFits(const std::string& name, uint64_t size) {
  if (size <= kMaxFileSize) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(name, ": the model would take ", size,
                                                   " bytes; the format ends at ", kMaxFileSize));
}

// The model's file, once `check` has seen it.
absl::Status WriteModelBytes(const std::string& bytes, const std::string& path,
                             const std::function<absl::Status(const std::string&)>& check) {
  NBITS_ASSIGN_OR_RETURN(AtomicFileWriter file, AtomicFileWriter::Create(path));
  NBITS_RETURN_IF_ERROR(file.Write(bytes));
  NBITS_RETURN_IF_ERROR(check(file.temporary()));
  return file.Commit();
}

// Weight files have a place in packages only.
absl::Status CheckTakesBlobs(const Model::Impl& impl, const std::string& path) {
  if (NamesPackage(path)) return absl::OkStatus();
  NBITS_ASSIGN_OR_RETURN(const int64_t bytes, BlobFileBytes(impl));
  if (bytes == 0) return absl::OkStatus();
  return Invalid(path, "an ML Program with weight files is written as a .mlpackage only");
}

absl::Status SaveProgram(const Model::Impl& impl, const std::string& path,
                         const std::function<absl::Status(const std::string&)>& check) {
  NBITS_ASSIGN_OR_RETURN(const ProgramOutput output, MakeProgramOutput(impl));
  NBITS_RETURN_IF_ERROR(CheckFits(path, output.model.size()));
  if (!NamesPackage(path) && output.files.empty()) {
    return WriteModelBytes(output.model, path, check);
  }
  if (!NamesPackage(path)) {
    return Invalid(path, "an ML Program with weight files is written as a .mlpackage only");
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

WireNode* EnclosingModel(WireNode* node) {
  while (node->kind != MessageKind::kModel) node = node->parent;
  return node;
}

WirePiece VersionPiece(int version) {
  auto owner = std::make_shared<std::string>();
  AppendTag(wire::kSpecificationVersion, WireType::kVarint, *owner);
  AppendVarint(static_cast<uint64_t>(version), *owner);
  const ByteSpan bytes = std::as_bytes(std::span(*owner));
  return {.field = wire::kSpecificationVersion, .bytes = bytes, .child = nullptr, .owner = owner};
}

void WriteVersion(int version, WireNode& model) {
  std::erase_if(model.pieces,
                [](const WirePiece& piece) { return piece.field == wire::kSpecificationVersion; });
  model.pieces.insert(model.pieces.begin(), VersionPiece(version));
}

void RaiseVersion(int version, WireNode& weight, Model::Impl& impl) {
  WireNode* model = EnclosingModel(&weight);
  schema::Model* skeleton = SkeletonOf(*model, impl.skeleton);
  if (skeleton == nullptr || skeleton->specificationversion() >= version) return;
  WriteVersion(version, *model);
  skeleton->set_specificationversion(version);
  impl.description.specification_version = impl.skeleton.specificationversion();
}

// A tensor without an owner views bytes of the caller's, which may not live as long as the model.
void OwnBytes(PackedTensor& tensor) {
  if (tensor.owner != nullptr) return;
  auto copy =
      std::make_shared<const std::vector<std::byte>>(tensor.bytes.begin(), tensor.bytes.end());
  tensor.bytes = *copy;
  tensor.owner = std::move(copy);
}

absl::Status ReplaceProgramWeight(size_t index, PackedTensor tensor, Model::Impl& impl) {
  WeightRef& ref = impl.weights[index];
  tensor.shape = ref.tensor.shape;
  const ProgramPlace& place = impl.program_places[index - impl.first_program_weight];
  OwnBytes(tensor);
  auto form = ProgramForm(tensor, place.type, place.version);
  if (!form.ok()) {
    return absl::Status(form.status().code(),
                        absl::StrCat("cannot replace ", ref.path, ": ", form.status().message()));
  }
  ref.tensor = *form;
  impl.program_edits[ref.path] = *std::move(form);
  return absl::OkStatus();
}

// Appends the weights of ML Programs, as they are now.
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

absl::Status CheckReplacement(const PackedTensor& tensor) {
  if (tensor.bits < 8 && tensor.bit_order != BitOrder::kMostSignificantFirst) {
    return absl::InvalidArgumentError("neural networks store the most significant bit first");
  }
  return Validate(tensor);
}

}  // namespace

absl::Status Model::Impl::Refresh() {
  NumberWeights(*tree);
  const std::string bytes = EncodeSkeleton(tree->root);
  schema::Model parsed;
  // Short fields take that much more room as objects; measured with many empty layers.
  constexpr int64_t kObjectsToBytes = 24;
  NBITS_RETURN_IF_ERROR(CheckMemory(kObjectsToBytes * static_cast<int64_t>(bytes.size()), name));
  if (bytes.size() > kMaxFileSize || !ParseQuietly(std::as_bytes(std::span(bytes)), parsed)) {
    return Invalid(name, "is damaged or not a Core ML model: its fields cannot be read");
  }
  if (const absl::Status status = CheckIsModel(parsed, tree->root); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " ", status.message()));
  }
  auto collected = CollectWeights(parsed, *tree);
  if (!collected.ok()) return Invalid(name, collected.status().message());
  skeleton = std::move(parsed);
  weights = std::move(collected->weights);
  scales = std::move(collected->scales);
  NBITS_RETURN_IF_ERROR(AddProgramWeights(*this));
  auto described = Describe(skeleton, tree->root, function);
  if (!described.ok()) return Invalid(name, described.status().message());
  description = *std::move(described);
  return absl::OkStatus();
}

Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

absl::StatusOr<Model> Model::Open(const std::string& path) {
  if (IsFolder(path) && (IsPackage(path) || NamesPackage(path))) {
    NBITS_ASSIGN_OR_RETURN(auto impl, ReadPackage(path));
    return Model(std::move(impl));
  }
  if (IsFolder(path)) return RefuseFolder(path);
  NBITS_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  NBITS_RETURN_IF_ERROR(CheckName(path, file->bytes()));
  return WithoutThrowing(path, [&]() -> absl::StatusOr<Model> {
    NBITS_ASSIGN_OR_RETURN(auto impl, Read(file->bytes(), file, path, FolderOf(path)));
    return Model(std::move(impl));
  });
}

absl::StatusOr<Model> Model::FromBytes(std::string bytes, std::string name) {
  auto storage = std::make_shared<const std::string>(std::move(bytes));
  const ByteSpan view = std::as_bytes(std::span(*storage));
  return WithoutThrowing(name, [&]() -> absl::StatusOr<Model> {
    NBITS_ASSIGN_OR_RETURN(auto impl, Read(view, storage, name, std::make_shared<BlobStore>("")));
    return Model(std::move(impl));
  });
}

absl::StatusOr<Model> Model::Member(size_t index) const {
  const std::vector<const WireNode*> members = MembersOf(impl_->tree->root);
  if (index >= members.size()) {
    return absl::OutOfRangeError(absl::StrCat("member ", index, " of ", members.size()));
  }
  const WireNode& node = *members[index];
  std::shared_ptr<const void> storage = impl_->tree->storage;
  ByteSpan bytes = node.bytes;
  if (node.edited) bytes = Encoded(node, storage);
  WireField field;
  NBITS_RETURN_IF_ERROR(WireReader(bytes).Next(field));
  NBITS_ASSIGN_OR_RETURN(auto impl,
                         Read(field.payload, std::move(storage),
                              absl::StrCat(impl_->name, ", models[", index, "]"), impl_->blobs));
  PassEdits(*impl_, absl::StrCat("models[", index, "]/"), *impl);
  return Model(std::move(impl));
}

absl::Status Model::UseFunction(const std::string& name) {
  if (!impl_->skeleton.has_mlprogram()) {
    return Invalid(impl_->name, "only ML Programs have functions");
  }
  if (const auto found = FindFunction(impl_->skeleton.mlprogram(), name); !found.ok()) {
    return InModel(impl_->name, found.status());
  }
  NBITS_ASSIGN_OR_RETURN(impl_->description, Describe(impl_->skeleton, impl_->tree->root, name));
  impl_->function = name;
  return absl::OkStatus();
}

const ModelDescription& Model::description() const { return impl_->description; }
std::span<const WeightRef> Model::weights() const { return impl_->weights; }
int64_t Model::file_size() const { return impl_->file_size; }

absl::Status Model::ReplaceWeight(size_t index, PackedTensor tensor) {
  if (index >= impl_->weights.size()) {
    return absl::OutOfRangeError(absl::StrCat("weight ", index, " of ", impl_->weights.size()));
  }
  WeightRef& ref = impl_->weights[index];
  if (ref.program_version > 0) return ReplaceProgramWeight(index, std::move(tensor), *impl_);
  tensor.shape = ref.tensor.shape;
  tensor.channel_axis = ref.tensor.channel_axis;
  if (const absl::Status status = CheckReplacement(tensor); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot replace ", ref.path, ": ", status.message()));
  }
  OwnBytes(tensor);
  WireNode& node = *impl_->tree->weights[index];
  WriteWeight(tensor, impl_->scales[index], node);
  RaiseVersion(RequiredSpecificationVersion(tensor.scheme), node, *impl_);
  ref.tensor = std::move(tensor);
  return absl::OkStatus();
}

int64_t Model::SerializedSize() const {
  if (!impl_->program_edits.empty()) {
    const auto output = MakeProgramOutput(*impl_);
    return output.ok() ? output->size() : 0;
  }
  const auto blob_bytes = BlobFileBytes(*impl_);
  return static_cast<int64_t>(EncodedSize(impl_->tree->root)) + blob_bytes.value_or(0);
}

absl::Status Model::CheckSize() const {
  return CheckFits(impl_->name, EncodedSize(impl_->tree->root));
}

absl::Status Model::Save(const std::string& path, const Check& check) const {
  NBITS_RETURN_IF_ERROR(CheckFits(path, EncodedSize(impl_->tree->root)));
  NBITS_RETURN_IF_ERROR(CheckTakesBlobs(*impl_, path));
  const auto check_file = [&](const std::string& temporary) -> absl::Status {
    if (!check) return absl::OkStatus();
    NBITS_ASSIGN_OR_RETURN(const auto mapped, MappedFile::Open(temporary));
    NBITS_ASSIGN_OR_RETURN(auto written, Read(mapped->bytes(), mapped, path, FolderOf(temporary)));
    return check(Model(std::move(written)));
  };
  if (!impl_->program_edits.empty()) return SaveProgram(*impl_, path, check_file);
  const auto write_file = [&](const std::string& file) {
    return WriteTree(impl_->tree->root, file, check_file);
  };
  return NamesPackage(path) ? WritePackage(path, impl_->package, {}, write_file) : write_file(path);
}

}  // namespace nbits
