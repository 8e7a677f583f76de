// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/blobs/blob_file.h"

#include <cstring>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "formats/neural_network/package.h"

namespace nbits {
namespace {

constexpr uint64_t kOlderVersion = 1;

template <typename Number>
Number NumberAt(ByteSpan bytes, uint64_t offset) {
  Number number;
  std::memcpy(&number, bytes.data() + offset, sizeof(number));
  return number;
}

absl::Status BadBlob(absl::string_view reason) {
  return absl::InvalidArgumentError(std::string(reason));
}

}  // namespace

absl::Status BlobPlaces::Take(uint64_t begin, uint64_t end) {
  const auto next = ends_.lower_bound(begin);
  if (next != ends_.end() && next->first == begin && next->second == end) return absl::OkStatus();
  const bool meets_next = next != ends_.end() && next->first < end;
  const bool meets_previous = next != ends_.begin() && std::prev(next)->second > begin;
  if (meets_next || meets_previous) return BadBlob("its bytes are another blob's too");
  ends_.emplace(begin, end);
  return absl::OkStatus();
}

absl::StatusOr<BlobFile> BlobFile::Read(ByteSpan bytes, std::shared_ptr<const void> owner) {
  if (bytes.size() < kBlobAlignment) return BadBlob("is too short for a weight file");
  const auto version = NumberAt<uint32_t>(bytes, 4);
  if (version == kBlobVersion) {
    BlobFile file(bytes, std::move(owner));
    NBITS_RETURN_IF_ERROR(file.places_.Take(0, kBlobAlignment));
    return file;
  }
  return BadBlob(absl::StrCat("is a weight file of version ", version,
                              version == kOlderVersion ? ", an older layout" : "",
                              " (version 2 was expected)"));
}

absl::StatusOr<Blob> BlobFile::At(uint64_t offset) {
  if (offset % kBlobAlignment != 0) return BadBlob("is no multiple of 64");
  if (offset > bytes_.size() || bytes_.size() - offset < kBlobAlignment) {
    return BadBlob(absl::StrCat("is beyond the file's ", bytes_.size(), " bytes"));
  }
  if (NumberAt<uint32_t>(bytes_, offset) != kBlobSentinel) {
    return BadBlob("no blob begins there (its sentinel is missing)");
  }
  Blob blob;
  const auto code = NumberAt<uint32_t>(bytes_, offset + 4);
  blob.type = FindBlobType(code);
  if (blob.type == nullptr) return BadBlob(absl::StrCat("has elements of unknown type ", code));
  const auto size = NumberAt<uint64_t>(bytes_, offset + 8);
  const auto begin = NumberAt<uint64_t>(bytes_, offset + 16);
  if (begin > bytes_.size() || bytes_.size() - begin < size) {
    return BadBlob(
        absl::StrCat("its ", size, " bytes from ", begin, " on leave the file of ", bytes_.size()));
  }
  if (begin % kBlobAlignment != 0) return BadBlob("its bytes begin at no multiple of 64");
  blob.padding_bits = NumberAt<uint64_t>(bytes_, offset + 24);
  NBITS_RETURN_IF_ERROR(places_.Take(offset, offset + kBlobAlignment));
  if (size > 0) NBITS_RETURN_IF_ERROR(places_.Take(begin, begin + size));
  blob.bytes = bytes_.subspan(begin, size);
  blob.owner = owner_;
  return blob;
}

absl::StatusOr<std::string> BlobFilePlace(const std::string& name) {
  absl::string_view place = name;
  if (!absl::ConsumePrefix(&place, "@model_path/") || !StaysInside(std::string(place))) {
    return BadBlob(absl::StrCat("weight file '", name, "': its name leads out of the package"));
  }
  return std::string(place);
}

void BlobStore::Add(const std::string& name, std::string bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  added_[name] = std::make_shared<const std::string>(std::move(bytes));
}

absl::StatusOr<BlobFile*> BlobStore::File(const std::string& name) {
  if (const auto known = files_.find(name); known != files_.end()) return &known->second;
  ByteSpan bytes;
  std::shared_ptr<const void> owner;
  if (const auto added = added_.find(name); added != added_.end()) {
    bytes = std::as_bytes(std::span(*added->second));
    owner = added->second;
  } else {
    NBITS_ASSIGN_OR_RETURN(const std::string place, BlobFilePlace(name));
    if (folder_.empty()) {
      return absl::NotFoundError(absl::StrCat("weight file '", name, "' is not there"));
    }
    NBITS_RETURN_IF_ERROR(CheckNoLinks(folder_, place));
    NBITS_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(absl::StrCat(folder_, "/", place)));
    bytes = file->bytes();
    owner = file;
  }
  auto read = BlobFile::Read(bytes, std::move(owner));
  if (!read.ok()) return BadBlob(absl::StrCat("'", name, "' ", read.status().message()));
  return &files_.emplace(name, *std::move(read)).first->second;
}

absl::StatusOr<Blob> BlobStore::Find(const std::string& name, uint64_t offset) {
  const std::lock_guard<std::mutex> lock(mutex_);
  NBITS_ASSIGN_OR_RETURN(BlobFile * file, File(name));
  auto blob = file->At(offset);
  if (blob.ok()) return blob;
  return BadBlob(absl::StrCat("'", name, "', blob at ", offset, ": ", blob.status().message()));
}

absl::StatusOr<ByteSpan> BlobStore::FileBytes(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  NBITS_ASSIGN_OR_RETURN(const BlobFile* file, File(name));
  return file->bytes();
}

}  // namespace nbits
