// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/calibrated_form.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "quantize/calibrate/range_search.h"
#include "quantize/calibrate/rounding/code_search.h"
#include "quantize/kmeans/kmeans.h"
#include "quantize/linear_grid.h"
#include "tensor/bit_pack.h"
#include "tensor/channel_layout.h"
#include "tensor/packing.h"

namespace nbits {
namespace {

bool IsSymmetricMode(Mode mode) { return mode == Mode::kLinearSymmetric; }
bool IsFreeTable(Mode mode) { return mode == Mode::kKMeansLut || mode == Mode::kCustomLut; }
bool IsGrid(Mode mode) { return mode == Mode::kLinear || mode == Mode::kLinearSymmetric; }

absl::Status CheckMode(Mode mode) {
  if (IsGrid(mode) || IsFreeTable(mode) || mode == Mode::kLinearLut) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("mode ", ModeName(mode), " has no codes"));
}

// Whether no output has weights in two channels.
bool OutputsHaveChannels(const MatrixLayout& layout, const ChannelLayout& channels) {
  if (channels.channels == 1) return true;
  if (layout.output_stride == layout.columns()) return channels.inner % layout.columns() == 0;
  return channels.inner % layout.taps == 0 &&
         channels.inner * channels.channels == layout.outputs * layout.taps;
}

absl::StatusOr<GridMap> MakeGridMap(const LayerProblem& problem, const Shape& shape,
                                    const QuantizeOptions& options) {
  const MatrixLayout& layout = problem.layout;
  const bool per_channel = options.per_channel && IsGrid(options.mode);
  const ChannelLayout channels =
      LayoutOf(shape, options.channel_axis, per_channel, layout.elements());
  if (!OutputsHaveChannels(layout, channels)) {
    return absl::InvalidArgumentError(
        absl::StrCat("channel axis ", options.channel_axis, " is not that of the outputs"));
  }
  GridMap map{channels.channels, std::vector<int32_t>(problem.stripes.lanes(), -1)};
  for (int64_t group = 0; group < layout.groups; ++group) {
    for (int64_t output = 0; output < layout.outputs; ++output) {
      const int64_t element = layout.ElementOf(group, output, 0);
      map.of_lane[problem.stripes.LaneOf(group, output)] =
          static_cast<int32_t>(element / channels.inner % channels.channels);
    }
  }
  return map;
}

// Places of entries in ascending order.
std::vector<uint8_t> AscendingEntries(std::span<const float> table) {
  std::vector<uint8_t> order(table.size());
  std::iota(order.begin(), order.end(), uint8_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](uint8_t a, uint8_t b) { return table[a] < table[b]; });
  return order;
}

// The table of a packed tensor as it is searched with.
Codebook SortedTable(const PackedTensor& tensor, std::span<const uint8_t> order, float factor) {
  std::vector<float> entries;
  for (const uint8_t place : order) entries.push_back(tensor.table[place] * factor);
  return TableOf(tensor.bits, entries);
}

// One form: from the plain one to the calibrated one.
class FormSearch {
 public:
  FormSearch(const LayerProblem& problem, const GridMap& map, const QuantizeOptions& options,
             const PackedTensor& plain)
      : problem_(problem), map_(map), options_(options), plain_(plain) {
    const bool symmetric = IsSymmetricMode(options.mode);
    form_ = {options.bits, symmetric, CenterCode(options.bits)};
    if (!plain.table.empty()) order_ = AscendingEntries(plain.table);
  }

  // Nothing where the plain form is not improved upon.
  std::optional<PackedTensor> Run(std::span<const float> plain_values) {
    CodeSolution best = PlainSolution(plain_values);
    SearchCodes(problem_, map_, *MakeFit(), StartBook(), best);
    if (std::ranges::all_of(best.is_start, [](uint8_t is_start) { return is_start != 0; })) {
      return std::nullopt;
    }
    return Pack(best);
  }

 private:
  std::unique_ptr<CodebookFit> MakeFit() const {
    if (!IsFreeTable(options_.mode)) return MakeGridFit(problem_, map_, form_);
    return MakeTableFit(problem_, options_.mode == Mode::kCustomLut);
  }

  CodeSolution PlainSolution(std::span<const float> values) const {
    std::vector<uint8_t> codes(values.size());
    UnpackBits(plain_.bytes.data(), 0, plain_.bits, plain_.bit_order, codes);
    CodeSolution plain{PlainBook(), StripedFrom(codes, problem_.layout),
                       map_.Sums(ErrorsUnderMoments(problem_, values)),
                       std::vector<uint8_t>(map_.grids, 1)};
    if (!plain.book.is_table()) return plain;
    std::vector<uint8_t> place(order_.size());
    for (size_t i = 0; i < order_.size(); ++i) place[order_[i]] = static_cast<uint8_t>(i);
    for (uint8_t& code : plain.codes.data) code = place[code];
    return plain;
  }

  Codebook PlainBook() const {
    if (IsFreeTable(options_.mode)) return SortedTable(plain_, order_, problem_.factor);
    Codebook book = EmptyGrids(options_.bits, problem_.stripes.lanes());
    map_.ForEachOutput([&](int64_t lane, int64_t grid) {
      SetGrid(book, lane, ScaleOf(grid) * problem_.factor, OffsetOf(grid) * problem_.factor);
    });
    return book;
  }

  // Of the plain form; tables of equal steps included.
  float ScaleOf(int64_t grid) const {
    if (plain_.table.empty()) return plain_.scale[grid];
    return plain_.table[1] - plain_.table[0];
  }
  float OffsetOf(int64_t grid) const {
    return plain_.table.empty() ? plain_.offset[grid] : plain_.table[0];
  }

  Codebook StartBook() const {
    if (!IsFreeTable(options_.mode)) return SearchRanges(problem_, map_, form_);
    if (options_.mode == Mode::kCustomLut) return SortedTable(plain_, order_, problem_.factor);
    std::vector<float> values, importance;
    for (const GroupProblem& group : problem_.groups) AddWeights(group, values, importance);
    return TableOf(options_.bits, KMeansTable(values, importance, 1 << options_.bits));
  }

  // The group's targets, and what an error of each counts.
  void AddWeights(const GroupProblem& group, std::vector<float>& values,
                  std::vector<float>& importance) const {
    const std::vector<float> columns = Importance(problem_, group);
    const int64_t index = &group - problem_.groups.data();
    for (int64_t o = 0; o < problem_.stripes.outputs; ++o) {
      const int64_t element = problem_.stripes.ElementOf(problem_.stripes.LaneOf(index, o));
      for (size_t k = 0; k < columns.size(); ++k) {
        values.push_back(problem_.target.data[element + static_cast<int64_t>(k) * kStripe]);
        importance.push_back(static_cast<float>(group.weight * columns[k]));
      }
    }
  }

  // Nothing where a value leaves Float32's range.
  std::optional<PackedTensor> Pack(const CodeSolution& best) const {
    PackedTensor tensor = plain_;
    const bool fits = IsFreeTable(options_.mode) ? SetTable(best, tensor)
                      : plain_.table.empty()     ? SetGrids(best, tensor)
                                                 : SetSteps(best, tensor);
    if (!fits) return std::nullopt;
    std::vector<uint8_t> codes(problem_.layout.elements());
    PlaceInTensor(best.codes, problem_.layout, codes);
    const bool reorder = options_.mode == Mode::kCustomLut;
    const auto encode = [&](int64_t begin, std::span<uint8_t> out) {
      for (size_t i = 0; i < out.size(); ++i) {
        const uint8_t code = codes[begin + static_cast<int64_t>(i)];
        out[i] = reorder ? order_[code] : code;
      }
    };
    EncodePacked(problem_.layout.elements(), encode, tensor);
    return tensor;
  }

  bool SetTable(const CodeSolution& best, PackedTensor& tensor) const {
    if (options_.mode == Mode::kCustomLut) return true;
    for (size_t i = 0; i < tensor.table.size(); ++i) {
      tensor.table[i] = best.book.table[i] / problem_.factor;
    }
    return FindExtremes(tensor.table).finite;
  }

  LinearGrid GridOf(const CodeSolution& best, int64_t lane) const {
    LinearGrid grid;
    grid.code.max_code = form_.last();
    grid.scale = best.book.scale[lane] / problem_.factor;
    grid.offset = best.book.offset[lane] / problem_.factor;
    return grid;
  }

  bool SetGrids(const CodeSolution& best, PackedTensor& tensor) const {
    bool fits = true;
    map_.ForEachOutput([&](int64_t lane, int64_t index) {
      if (best.is_start[index] != 0) return;
      const LinearGrid grid = GridOf(best, lane);
      fits = fits && IsRepresentable(grid);
      tensor.scale[index] = grid.stored_scale();
      tensor.offset[index] = grid.stored_offset();
    });
    return fits;
  }

  // A table of equal steps.
  bool SetSteps(const CodeSolution& best, PackedTensor& tensor) const {
    const LinearGrid grid = GridOf(best, 0);
    for (size_t i = 0; i < tensor.table.size(); ++i) {
      tensor.table[i] = AsStored(static_cast<double>(i) * grid.scale + grid.offset);
    }
    return IsRepresentable(grid);
  }

  const LayerProblem& problem_;
  const GridMap& map_;
  const QuantizeOptions& options_;
  const PackedTensor& plain_;
  GridForm form_;
  std::vector<uint8_t> order_;  // Of the plain table: places of its entries, ascending.
};

double Total(const std::vector<double>& errors) {
  return std::accumulate(errors.begin(), errors.end(), 0.0);
}

absl::StatusOr<std::vector<float>> Decoded(const PackedTensor& tensor, size_t count) {
  std::vector<float> values(count);
  NBITS_RETURN_IF_ERROR(Dequantize(tensor, values));
  return values;
}

}  // namespace

absl::StatusOr<Calibrated> CalibratedForm(const LayerProblem& problem,
                                          std::span<const float> values, const Shape& shape,
                                          const QuantizeOptions& options) {
  NBITS_RETURN_IF_ERROR(CheckMode(options.mode));
  QuantizeOptions plain_options = options;
  plain_options.importance = {};
  Calibrated result;
  NBITS_ASSIGN_OR_RETURN(result.tensor, Quantize(values, shape, plain_options));
  NBITS_ASSIGN_OR_RETURN(const GridMap map, MakeGridMap(problem, shape, options));
  NBITS_ASSIGN_OR_RETURN(std::vector<float> decoded, Decoded(result.tensor, values.size()));
  const double unit = problem.ErrorUnit();
  result.errors.signal = unit * Total(problem.energy);
  result.errors.plain = unit * Total(ErrorsUnderMoments(problem, decoded));
  result.errors.calibrated = result.errors.plain;
  result.is_plain = true;
  std::optional<PackedTensor> better =
      FormSearch(problem, map, options, result.tensor).Run(decoded);
  if (!better) return result;
  NBITS_ASSIGN_OR_RETURN(decoded, Decoded(*better, values.size()));
  const double error = unit * Total(ErrorsUnderMoments(problem, decoded));
  if (!(error < result.errors.plain)) return result;
  result.tensor = *std::move(better);
  result.errors.calibrated = error;
  result.is_plain = false;
  return result;
}

std::vector<double> ErrorsUnderMoments(const LayerProblem& problem, std::span<const float> values) {
  StripedMatrix<float> errors = StripedFrom(values, problem.layout, problem.factor);
  for (size_t i = 0; i < errors.data.size(); ++i) errors.data[i] -= problem.target.data[i];
  return Energies(problem, errors);
}

}  // namespace nbits
