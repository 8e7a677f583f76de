// SPDX-License-Identifier: Apache-2.0
// Compares the weights of a model as it was written with what was stored in it.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/files/file.h"
#include "base/status_macros.h"
#include "base/threads/parallel.h"
#include "compress/trouble.h"
#include "nbits/compress.h"
#include "nbits/quantize.h"

namespace nbits {
namespace {

// Bytes that one thread compares at a time: about 0.1 ms of work.
constexpr size_t kPiece = size_t{1} << 20;

// Far below what 8 bits cost, which is 42 dB.
constexpr double kHarmlessSnrDb = 50;

absl::Status Lost(const std::string& path, const std::string& reason) {
  return absl::DataLossError(absl::StrCat("read back, weight ", path, " ", reason));
}

// A stretch of one weight's bytes, compared by one thread.
struct Piece {
  size_t weight = 0, begin = 0, count = 0;
  bool differs = false;
};

std::vector<Piece> CutIntoPieces(const std::vector<PackedTensor>& tensors) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const size_t size = tensors[i].bytes.size();
    for (size_t begin = 0; begin < size; begin += kPiece) {
      pieces.push_back({i, begin, std::min(kPiece, size - begin)});
    }
  }
  return pieces;
}

// What a model that was never written holds is the report's own memory.
void Compare(std::span<const std::byte> expected, std::span<const std::byte> found, Piece& piece) {
  if (expected.data() == found.data()) return;
  expected = expected.subspan(piece.begin, piece.count);
  found = found.subspan(piece.begin, piece.count);
  piece.differs = std::memcmp(expected.data(), found.data(), piece.count) != 0;
  MappedFile::ReleasePages(expected);  // A file larger than memory fits.
  MappedFile::ReleasePages(found);
}

absl::Status CompareBytes(std::span<const WeightRef> weights,
                          const std::vector<PackedTensor>& stored) {
  std::vector<Piece> pieces = CutIntoPieces(stored);
  ParallelFor(static_cast<int64_t>(pieces.size()), [&](int64_t i) {
    Piece& piece = pieces[static_cast<size_t>(i)];
    Compare(stored[piece.weight].bytes, weights[piece.weight].tensor.bytes, piece);
  });
  for (const Piece& piece : pieces) {
    if (piece.differs) return Lost(weights[piece.weight].path, "differs from what was stored");
  }
  return absl::OkStatus();
}

// As bits: a NaN differs from itself.
bool AreSame(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

// Everything about a tensor but its bytes, of which only the number is looked at.
bool HaveSameForm(const PackedTensor& a, const PackedTensor& b) {
  return a.scheme == b.scheme && a.bits == b.bits && a.bit_order == b.bit_order &&
         a.shape == b.shape && a.channel_axis == b.channel_axis && AreSame(a.scale, b.scale) &&
         AreSame(a.offset, b.offset) && AreSame(a.table, b.table) &&
         a.bytes.size() == b.bytes.size();
}

absl::Status CompareForms(std::span<const WeightRef> weights,
                          const std::vector<PackedTensor>& stored) {
  if (weights.size() != stored.size()) {
    return absl::DataLossError(absl::StrCat("read back, the model has ", weights.size(),
                                            " weights instead of ", stored.size()));
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    if (!HaveSameForm(stored[i], weights[i].tensor)) {
      return Lost(weights[i].path, "has another form");
    }
  }
  return absl::OkStatus();
}

// What a conversion does not look for, since it would take a pass over all values of its own:
// Float16 that lost numbers shows as zeros that were none, infinite and NaN as errors of that kind.
void AddFloat16Findings(const PackedTensor& original, const WeightReport& weight, size_t index,
                        std::vector<Finding>& findings) {
  const bool is_whole = std::isfinite(weight.squared_error) && weight.zeros_flipped == 0;
  if (weight.mode != Mode::kFloat16 || is_whole) return;
  std::vector<float> values(static_cast<size_t>(weight.elements));
  if (!Dequantize(original, values).ok()) return;
  for (const TroubleCount& count : {CountNotFinite(values), CountBelowFloat16(values)}) {
    if (count.count == 0) continue;
    Finding& finding = findings.emplace_back(
        Finding{count.trouble, weight.path, weight.layer, count.count, count.total, count.worst});
    finding.weight = index;
    finding.harmless = count.trouble == Trouble::kBelowFloat16 && weight.snr_db >= kHarmlessSnrDb;
  }
}

}  // namespace

int CompressReport::WorstWeight() const {
  int worst = -1;
  for (size_t i = 0; i < changed.size(); ++i) {
    if (changed[i].squared_error == 0) continue;
    if (worst < 0 || changed[i].snr_db < changed[worst].snr_db) worst = static_cast<int>(i);
  }
  return worst;
}

absl::Status MeasureErrors(const Model& written, CompressReport& report) {
  const std::span<const WeightRef> weights = written.weights();
  NBITS_RETURN_IF_ERROR(CompareForms(weights, report.stored));
  NBITS_RETURN_IF_ERROR(CompareBytes(weights, report.stored));
  size_t changed = 0;
  for (size_t i = 0; i < weights.size() && changed < report.changed.size(); ++i) {
    const WeightReport& weight = report.changed[changed];
    if (weight.path != weights[i].path) continue;
    AddFloat16Findings(report.originals[i], weight, i, report.findings);
    ++changed;
  }
  if (changed == report.changed.size()) return absl::OkStatus();
  return Lost(report.changed[changed].path, "is missing");
}

}  // namespace nbits
