// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/wire/write_file.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

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

}  // namespace

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

}  // namespace nbits
