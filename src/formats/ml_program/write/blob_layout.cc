// SPDX-License-Identifier: Apache-2.0
#include "formats/ml_program/write/blob_layout.h"

#include <algorithm>
#include <cstring>

#include "base/files/file.h"
#include "base/status_macros.h"

namespace nbits {
namespace {

uint64_t Aligned(uint64_t place) {
  return (place + kBlobAlignment - 1) / kBlobAlignment * kBlobAlignment;
}

template <typename Number>
void PutNumber(Number number, size_t offset, std::array<std::byte, kBlobAlignment>& record) {
  std::memcpy(record.data() + offset, &number, sizeof(number));
}

std::array<std::byte, kBlobAlignment> RecordOf(const PlannedBlob& blob) {
  std::array<std::byte, kBlobAlignment> record{};
  if (!blob.is_new) {
    std::copy(blob.old_record.begin(), blob.old_record.end(), record.begin());
  } else {
    const auto size = static_cast<uint64_t>(blob.fresh.bytes.size());
    const auto bits = static_cast<uint64_t>(blob.fresh.count * blob.fresh.type->bits);
    PutNumber(kBlobSentinel, 0, record);
    PutNumber(blob.fresh.type->blob_code, 4, record);
    PutNumber(size, 8, record);
    PutNumber(blob.fresh.type->bits < 8 ? 8 * size - bits : uint64_t{0}, 24, record);
  }
  PutNumber(blob.place + kBlobAlignment, 16, record);
  return record;
}

}  // namespace

void GivePlaces(std::vector<PlannedBlob>& blobs) {
  std::vector<size_t> order(blobs.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return blobs[a].order < blobs[b].order; });
  uint64_t place = kBlobAlignment;
  for (const size_t i : order) {
    blobs[i].place = Aligned(place);
    place = blobs[i].place + kBlobAlignment + blobs[i].bytes().size();
  }
}

BlobFileOutput MakeBlobFile(std::vector<PlannedBlob> blobs) {
  std::stable_sort(blobs.begin(), blobs.end(),
                   [](const auto& a, const auto& b) { return a.place < b.place; });
  BlobFileOutput file;
  for (const PlannedBlob& blob : blobs) {
    file.size = blob.place + kBlobAlignment + blob.bytes().size();
    file.entries.push_back({RecordOf(blob), blob.place, blob.bytes(),
                            blob.is_new ? blob.fresh.owner : blob.old.owner});
  }
  return file;
}

absl::Status BlobFileOutput::Write(const std::string& path) const {
  NBITS_ASSIGN_OR_RETURN(AtomicFileWriter file, AtomicFileWriter::Create(path));
  NBITS_RETURN_IF_ERROR(file.Reserve(static_cast<int64_t>(size)));
  std::array<std::byte, kBlobAlignment> header{};
  PutNumber(static_cast<uint32_t>(entries.size()), 0, header);
  PutNumber(kBlobVersion, 4, header);
  NBITS_RETURN_IF_ERROR(file.Write(header));
  uint64_t written = kBlobAlignment;
  const std::array<std::byte, kBlobAlignment> zeros{};
  for (const Entry& entry : entries) {
    NBITS_RETURN_IF_ERROR(file.Write(ByteSpan(zeros).first(entry.place - written)));
    NBITS_RETURN_IF_ERROR(file.Write(entry.record));
    NBITS_RETURN_IF_ERROR(file.Write(entry.bytes));
    MappedFile::ReleasePages(entry.bytes);
    written = entry.place + kBlobAlignment + entry.bytes.size();
  }
  return file.Commit();
}

}  // namespace nbits
