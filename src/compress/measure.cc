// Compares the weights of a model as it was written with the original ones.
#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "compress/trouble.h"
#include "compress/weight_error.h"
#include "nbits/compress.h"
#include "nbits/quantize.h"

namespace nbits {
namespace {

// Elements that one thread compares at a time: about 0.2 ms of work.
constexpr int64_t kPiece = int64_t{1} << 18;

absl::Status Lost(const std::string& path, const std::string& reason) {
  return absl::DataLossError(absl::StrCat("read back, weight ", path, " ", reason));
}

// A stretch of one weight, compared by one thread.
struct Piece {
  size_t weight = 0;
  int64_t begin = 0, end = 0;
  absl::Status status;
  WeightError error;
};

std::vector<Piece> CutIntoPieces(std::span<const WeightRef> weights,
                                 const std::vector<PackedTensor>& originals) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < weights.size(); ++i) {
    const int64_t elements = ElementCount(originals[i].shape).value_or(0);
    for (int64_t begin = 0; begin < elements; begin += kPiece) {
      Piece& piece = pieces.emplace_back();
      piece.weight = i;
      piece.begin = begin;
      piece.end = std::min(begin + kPiece, elements);
    }
  }
  return pieces;
}

absl::StatusOr<std::vector<WeightError>> CompareAll(std::span<const WeightRef> weights,
                                                    const std::vector<PackedTensor>& originals) {
  std::vector<Piece> pieces = CutIntoPieces(weights, originals);
  ParallelFor(static_cast<int64_t>(pieces.size()), [&](int64_t i) {
    Piece& piece = pieces[static_cast<size_t>(i)];
    auto error = CompareElements(originals[piece.weight], weights[piece.weight].tensor, piece.begin,
                                 piece.end);
    piece.status = error.status();
    if (error.ok()) piece.error = *error;
  });
  std::vector<WeightError> errors(weights.size());
  for (const Piece& piece : pieces) {  // In order, so that sums are the same on every machine.
    NBITS_RETURN_IF_ERROR(piece.status);
    errors[piece.weight].Merge(piece.error);
  }
  return errors;
}

absl::Status CheckSizes(std::span<const WeightRef> weights, const CompressReport& report) {
  if (weights.size() != report.originals.size()) {
    return absl::DataLossError(absl::StrCat("read back, the model has ", weights.size(),
                                            " weights instead of ", report.originals.size()));
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto now = ElementCount(weights[i].tensor.shape);
    const auto before = ElementCount(report.originals[i].shape);
    if (!now.ok() || !before.ok() || *now != *before) {
      return Lost(weights[i].path, "has another size");
    }
  }
  return absl::OkStatus();
}

// The same bytes, or at least the same values: NaN, which differs from itself, has the same bytes.
bool IsUnchanged(const PackedTensor& before, const PackedTensor& now, const WeightError& error) {
  const bool same_bytes =
      before.scheme == now.scheme && before.bits == now.bits &&
      std::equal(before.bytes.begin(), before.bytes.end(), now.bytes.begin(), now.bytes.end());
  return same_bytes || (error.squared_error == 0 && error.zeros_flipped == 0);
}

void Store(const WeightError& error, WeightReport& report) {
  report.snr_db = error.SnrDb();
  report.squared_error = error.squared_error;
  report.max_absolute_error = error.max_absolute_error;
  report.zeros_flipped = error.zeros_flipped;
}

// What a conversion does not look for, since it would take a pass over all values of its own:
// Float16 that lost numbers shows as zeros that were none, infinite and NaN as errors of that kind.
void AddFloat16Findings(const PackedTensor& original, const WeightError& error,
                        const WeightReport& weight, std::vector<Finding>& findings) {
  const bool is_finite = std::isfinite(error.signal) && std::isfinite(error.squared_error);
  if (weight.mode != Mode::kFloat16 || (is_finite && error.zeros_flipped == 0)) return;
  std::vector<float> values(static_cast<size_t>(weight.elements));
  if (!Dequantize(original, values).ok()) return;
  for (const TroubleCount& count : {CountNotFinite(values), CountBelowFloat16(values)}) {
    if (count.count == 0) continue;
    findings.push_back(
        {count.trouble, weight.path, weight.layer, count.count, count.total, count.worst});
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
  NBITS_RETURN_IF_ERROR(CheckSizes(weights, report));
  NBITS_ASSIGN_OR_RETURN(const auto errors, CompareAll(weights, report.originals));
  size_t changed = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (changed < report.changed.size() && report.changed[changed].path == weights[i].path) {
      WeightReport& weight = report.changed[changed++];
      Store(errors[i], weight);
      AddFloat16Findings(report.originals[i], errors[i], weight, report.findings);
    } else if (!IsUnchanged(report.originals[i], weights[i].tensor, errors[i])) {
      return Lost(weights[i].path, "differs, though it was to be kept");
    }
  }
  if (changed == report.changed.size()) return absl::OkStatus();
  return Lost(report.changed[changed].path, "is missing");
}

}  // namespace nbits
