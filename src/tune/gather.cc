// SPDX-License-Identifier: Apache-2.0
#include "tune/gather.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "tune/positions.h"

namespace nbits {
namespace {

// Of columns that are added up at a time. They belong to whole pictures; which ones does not
// depend on the machine, since the sums' last bits depend on it.
constexpr int64_t kBlockBytes = int64_t{64} << 20;

// What a layer reads at some positions of some pictures.
class ColumnBlock {
 public:
  ColumnBlock(const ColumnReader& reader, int64_t of_each, size_t pictures, bool has_two)
      : reader_(reader), of_each_(of_each), has_two_(has_two) {
    const size_t values = pictures * static_cast<size_t>(of_each * reader.column_size());
    quantized_.resize(values);
    if (has_two) original_.resize(values);
  }

  void Read(size_t place, size_t picture, const TwinValue& input) {
    const std::vector<int64_t> positions =
        ChoosePositions(reader_.positions(), of_each_, static_cast<uint64_t>(picture));
    const auto size = static_cast<size_t>(reader_.column_size());
    size_t at = place * static_cast<size_t>(of_each_) * size;
    for (const int64_t position : positions) {
      reader_.Read(input.quantized.values, position, std::span(quantized_).subspan(at, size));
      if (has_two_) {
        reader_.Read(input.original.values, position, std::span(original_).subspan(at, size));
      }
      at += size;
    }
  }

  void AddTo(size_t pictures, std::vector<SecondMoments>& moments) const {
    const int64_t positions = static_cast<int64_t>(pictures) * of_each_;
    const Columns quantized{quantized_.data(), positions, reader_.column_size()};
    const Columns original{original_.data(), positions, reader_.column_size()};
    AddToGroups(has_two_ ? &original : nullptr, quantized, moments);
  }

 private:
  const ColumnReader& reader_;
  const int64_t of_each_;
  const bool has_two_;
  std::vector<float> original_, quantized_;
};

absl::Status CheckRoom(const LayerPlace& place, int64_t block_bytes, const std::string& name) {
  const MatrixLayout& layout = place.columns.layout();
  const int64_t moments = SecondMoments::Bytes(layout.columns(), /*with_drift=*/true);
  int64_t bytes = 0;
  if (__builtin_mul_overflow(layout.groups, moments, &bytes) ||
      __builtin_add_overflow(bytes, block_bytes, &bytes)) {
    return absl::ResourceExhaustedError(absl::StrCat("layer '", name, "' is too large"));
  }
  return CheckMemory(bytes, absl::StrCat("calibrating layer '", name, "'"));
}

}  // namespace

absl::StatusOr<std::vector<SecondMoments>> GatherMoments(TwinWalk& walk, const LayerPlace& place,
                                                         std::span<const size_t> pictures,
                                                         int64_t positions, bool again) {
  const auto count = static_cast<int64_t>(pictures.size());
  const ColumnReader& reader = place.columns;
  const int64_t of_each = std::min(reader.positions(), (positions + count - 1) / count);
  const int64_t bytes_of_each = 2 * of_each * reader.column_size() *  // Of both networks.
                                static_cast<int64_t>(sizeof(float));
  const int64_t at_a_time = std::clamp<int64_t>(kBlockBytes / bytes_of_each, 1, count);
  NBITS_RETURN_IF_ERROR(
      CheckRoom(place, at_a_time * bytes_of_each, walk.original().nodes[place.node].name));
  const MatrixLayout& layout = reader.layout();
  std::vector<SecondMoments> moments(static_cast<size_t>(layout.groups),
                                     SecondMoments(layout.columns()));
  ColumnBlock block(reader, of_each, static_cast<size_t>(at_a_time), walk.has_forked());
  for (size_t begin = 0; begin < pictures.size(); begin += static_cast<size_t>(at_a_time)) {
    const std::span<const size_t> part =
        pictures.subspan(begin, std::min(pictures.size() - begin, static_cast<size_t>(at_a_time)));
    const auto read = [&](size_t picture, const TwinValue& input) {
      const auto place_of = std::find(part.begin(), part.end(), picture) - part.begin();
      block.Read(static_cast<size_t>(place_of), picture, input);
      return absl::OkStatus();
    };
    NBITS_RETURN_IF_ERROR(again ? walk.Revisit(part, read) : walk.Run(part, read));
    block.AddTo(part.size(), moments);
  }
  return moments;
}

}  // namespace nbits
