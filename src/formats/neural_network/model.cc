// SPDX-License-Identifier: Apache-2.0
#include "nbits/model.h"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "formats/neural_network/description.h"
#include "formats/neural_network/foreign_file.h"
#include "formats/neural_network/members.h"
#include "formats/neural_network/model_impl.h"
#include "formats/neural_network/networks.h"
#include "formats/neural_network/package.h"
#include "formats/neural_network/weights/collect_weights.h"
#include "formats/neural_network/weights/replacement.h"
#include "formats/neural_network/weights/weight_values.h"
#include "formats/neural_network/wire/parse_quietly.h"
#include "formats/neural_network/wire/wire_tree.h"
#include "formats/neural_network/wire/write_file.h"

namespace nbits {
namespace {

absl::Status Invalid(absl::string_view name, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(name, ": ", reason));
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

absl::StatusOr<std::unique_ptr<Model::Impl>> ReadModel(ByteSpan bytes,
                                                       std::shared_ptr<const void> storage,
                                                       std::string name) {
  auto impl = std::make_unique<Model::Impl>();
  impl->name = std::move(name);
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
  return impl;
}

// What cannot be read as a model may well be something that its reader knows by another name.
absl::StatusOr<std::unique_ptr<Model::Impl>> Read(ByteSpan bytes,
                                                  const std::shared_ptr<const void>& storage,
                                                  const std::string& name) {
  auto impl = ReadModel(bytes, storage, name);
  if (!absl::IsInvalidArgument(impl.status())) return impl;
  const std::string what = DescribeForeignFile(bytes);
  return what.empty() ? std::move(impl) : Invalid(name, what);
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
  NBITS_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(absl::StrCat(path, "/", model_file)));
  NBITS_ASSIGN_OR_RETURN(auto impl, Read(file->bytes(), file, path));
  if (HoldsProgram(impl->tree->root)) {
    return Invalid(path,
                   "an ML Program, the newer kind of Core ML model; nbits reads neural networks, "
                   "which coremltools makes with ct.convert(..., convert_to=\"neuralnetwork\")");
  }
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

// A tensor without an owner views bytes of the caller's, which may not live as long as the model.
void OwnBytes(PackedTensor& tensor) {
  if (tensor.owner != nullptr) return;
  auto copy =
      std::make_shared<const std::vector<std::byte>>(tensor.bytes.begin(), tensor.bytes.end());
  tensor.bytes = *copy;
  tensor.owner = std::move(copy);
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
  description = Describe(skeleton, tree->root);
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
    NBITS_ASSIGN_OR_RETURN(auto impl, Read(file->bytes(), file, path));
    return Model(std::move(impl));
  });
}

absl::StatusOr<Model> Model::FromBytes(std::string bytes, std::string name) {
  auto storage = std::make_shared<const std::string>(std::move(bytes));
  const ByteSpan view = std::as_bytes(std::span(*storage));
  return WithoutThrowing(name, [&]() -> absl::StatusOr<Model> {
    NBITS_ASSIGN_OR_RETURN(auto impl, Read(view, storage, name));
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
  NBITS_ASSIGN_OR_RETURN(auto impl, Read(field.payload, std::move(storage),
                                         absl::StrCat(impl_->name, ", models[", index, "]")));
  return Model(std::move(impl));
}

const ModelDescription& Model::description() const { return impl_->description; }
std::span<const WeightRef> Model::weights() const { return impl_->weights; }
int64_t Model::file_size() const { return impl_->file_size; }

absl::Status Model::ReplaceWeight(size_t index, PackedTensor tensor) {
  if (index >= impl_->weights.size()) {
    return absl::OutOfRangeError(absl::StrCat("weight ", index, " of ", impl_->weights.size()));
  }
  WeightRef& ref = impl_->weights[index];
  tensor.shape = ref.tensor.shape;
  tensor.channel_axis = ref.tensor.channel_axis;
  if (const absl::Status status = CheckReplacement(tensor, index, *impl_); !status.ok()) {
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
  return static_cast<int64_t>(EncodedSize(impl_->tree->root));
}

absl::Status Model::CheckSize() const {
  return CheckFits(impl_->name, EncodedSize(impl_->tree->root));
}

absl::Status Model::Save(const std::string& path, const Check& check) const {
  NBITS_RETURN_IF_ERROR(CheckFits(path, EncodedSize(impl_->tree->root)));
  const auto check_file = [&](const std::string& temporary) -> absl::Status {
    if (!check) return absl::OkStatus();
    NBITS_ASSIGN_OR_RETURN(const auto mapped, MappedFile::Open(temporary));
    NBITS_ASSIGN_OR_RETURN(auto written, Read(mapped->bytes(), mapped, path));
    return check(Model(std::move(written)));
  };
  const auto write_file = [&](const std::string& file) {
    return WriteTree(impl_->tree->root, file, check_file);
  };
  return NamesPackage(path) ? WritePackage(path, impl_->package, write_file) : write_file(path);
}

}  // namespace nbits
