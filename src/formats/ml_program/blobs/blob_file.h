// SPDX-License-Identifier: Apache-2.0
// Weight files of ML Programs ("MIL blob storage", version 2). All numbers are little-endian, all
// places multiples of 64 bytes:
//
//   file header, 64 bytes    u32 number of blobs, u32 version (2), zeros
//   per blob: a record, 64 bytes, then its bytes
//     +0  u32 0xdeadbeef     +4  u32 type (DataTypeFacts::blob_code)
//     +8  u64 bytes          +16 u64 where they begin, from the start of the file
//     +24 u64 bits that are unused at the end of the last byte, for elements below 8 bits; of
//         other types older writers leave garbage there
//     +32 reserved
//
// A program names a blob by the place of its record. Elements below 8 bits are a stream without
// gaps, the least significant bit first.
//
// Source: Core ML's public sources (MILBlob StorageFormat), and files that coremltools 9.0 writes.
#ifndef NBITS_FORMATS_ML_PROGRAM_BLOBS_BLOB_FILE_H_
#define NBITS_FORMATS_ML_PROGRAM_BLOBS_BLOB_FILE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "formats/ml_program/blobs/data_type.h"
#include "formats/neural_network/wire/wire_reader.h"

namespace nbits {

inline constexpr uint64_t kBlobAlignment = 64;  // Bytes; also the size of a header or record.
inline constexpr uint32_t kBlobSentinel = 0xdeadbeef;
inline constexpr uint32_t kBlobVersion = 2;

struct Blob {
  const DataTypeFacts* type = nullptr;
  ByteSpan bytes;
  uint64_t padding_bits = 0;  // Has a meaning below 8 bits.
  std::shared_ptr<const void> owner;
};

// The places of a weight file that blobs take, each by its first byte.
class BlobPlaces {
 public:
  // InvalidArgument when another blob has some of these bytes; the same place may come again.
  absl::Status Take(uint64_t begin, uint64_t end);

 private:
  std::map<uint64_t, uint64_t> ends_;
};

// One weight file. Nothing is copied.
class BlobFile {
 public:
  // InvalidArgument: no header, another version.
  static absl::StatusOr<BlobFile> Read(ByteSpan bytes, std::shared_ptr<const void> owner);

  // The blob whose record is at `offset`. InvalidArgument: what is there is no record, or its bytes
  // leave the file or are another blob's too.
  absl::StatusOr<Blob> At(uint64_t offset);

  ByteSpan bytes() const { return bytes_; }

 private:
  BlobFile(ByteSpan bytes, std::shared_ptr<const void> owner)
      : bytes_(bytes), owner_(std::move(owner)) {}

  ByteSpan bytes_;
  std::shared_ptr<const void> owner_;
  BlobPlaces places_;
};

// The weight files of one model, opened when a blob is first asked for. May be used from several
// threads at once.
class BlobStore {
 public:
  // `folder` holds the model's file and is what "@model_path" in a blob's name means; empty: there
  // is none, and the only files are those that were added.
  explicit BlobStore(std::string folder) : folder_(std::move(folder)) {}

  // A file that is in memory.
  void Add(const std::string& name, std::string bytes);

  // `name` as programs write it, "@model_path/weights/weight.bin". NotFound, naming the file, when
  // it is missing; InvalidArgument, naming file and offset, for a name that leaves the folder or
  // goes through a link, and for what BlobFile refuses.
  absl::StatusOr<Blob> Find(const std::string& name, uint64_t offset);

  // All its bytes, with the same errors.
  absl::StatusOr<ByteSpan> FileBytes(const std::string& name);

  const std::string& folder() const { return folder_; }

 private:
  absl::StatusOr<BlobFile*> File(const std::string& name);

  std::string folder_;
  std::mutex mutex_;
  std::map<std::string, BlobFile> files_;                            // Guarded by mutex_.
  std::map<std::string, std::shared_ptr<const std::string>> added_;  // Guarded by mutex_.
};

// The file's place below the model's folder: what follows "@model_path/". InvalidArgument for a
// name that leaves it.
absl::StatusOr<std::string> BlobFilePlace(const std::string& name);

}  // namespace nbits

#endif  // NBITS_FORMATS_ML_PROGRAM_BLOBS_BLOB_FILE_H_
