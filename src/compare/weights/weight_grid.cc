// SPDX-License-Identifier: Apache-2.0
#include "compare/weights/weight_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "nbits/quantize.h"

namespace nbits {
namespace {

constexpr int kBins = 96;
constexpr int64_t kBlock = 4096;  // Elements decoded at once.

// Calls visit(index, value) for every element.
template <typename Visit>
void ForEachElement(const PackedTensor& tensor, Visit visit) {
  float block[kBlock];
  const int64_t count = ElementCount(tensor.shape).value_or(0);
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const std::span<float> values(block, static_cast<size_t>(std::min(kBlock, count - begin)));
    if (!DequantizeRange(tensor, begin, values).ok()) return;
    for (size_t i = 0; i < values.size(); ++i) visit(begin + static_cast<int64_t>(i), values[i]);
  }
}

// Elements between two of neighbouring channels, and the number of channels.
struct ChannelSteps {
  int64_t stride = 1, channels = 1;
};

ChannelSteps StepsOf(const PackedTensor& tensor) {
  ChannelSteps steps;
  if (tensor.scale.size() <= 1) return steps;
  for (size_t i = static_cast<size_t>(tensor.channel_axis) + 1; i < tensor.shape.size(); ++i) {
    steps.stride *= tensor.shape[i];
  }
  steps.channels = static_cast<int64_t>(tensor.scale.size());
  return steps;
}

void SortGrid(WeightGrid& grid) {
  std::vector<std::pair<double, int64_t>> pairs;
  for (size_t i = 0; i < grid.values.size(); ++i) pairs.emplace_back(grid.values[i], grid.uses[i]);
  std::sort(pairs.begin(), pairs.end());
  grid.values.clear();
  grid.uses.clear();
  for (const auto& [value, uses] : pairs) {
    if (!grid.values.empty() && grid.values.back() == value) {
      grid.uses.back() += uses;
    } else {
      grid.values.push_back(value);
      grid.uses.push_back(uses);
    }
  }
}

WeightGrid TableGrid(const PackedTensor& tensor, const std::string& mode) {
  WeightGrid grid{tensor.bits, mode, std::nullopt, {}, {}};
  for (float value : tensor.table) {
    if (std::isfinite(value)) grid.values.push_back(value);
  }
  grid.uses.assign(grid.values.size(), 0);
  SortGrid(grid);
  ForEachElement(tensor, [&](int64_t, float value) {
    const auto at = std::lower_bound(grid.values.begin(), grid.values.end(), double{value});
    if (at != grid.values.end()) ++grid.uses[static_cast<size_t>(at - grid.values.begin())];
  });
  return grid;
}

int64_t WidestChannel(const PackedTensor& tensor) {
  const auto reach = [](float a, float b) { return std::abs(a) < std::abs(b); };
  return std::max_element(tensor.scale.begin(), tensor.scale.end(), reach) - tensor.scale.begin();
}

WeightGrid LinearGrid(const PackedTensor& tensor, const std::string& mode) {
  const int64_t channel = WidestChannel(tensor);
  const ChannelSteps steps = StepsOf(tensor);
  const double scale = tensor.scale[static_cast<size_t>(channel)];
  const double offset = tensor.offset.empty() ? 0 : tensor.offset[static_cast<size_t>(channel)];
  const bool is_signed = tensor.scheme == Scheme::kSignedLinear;
  const int64_t levels = int64_t{1} << tensor.bits, lowest = is_signed ? -levels / 2 : 0;
  WeightGrid grid{tensor.bits, mode, std::nullopt, {}, {}};
  if (steps.channels > 1) grid.channel = static_cast<int>(channel);
  for (int64_t q = lowest; q < lowest + levels; ++q) {
    grid.values.push_back(scale * static_cast<double>(q) + offset);
  }
  grid.uses.assign(grid.values.size(), 0);
  ForEachElement(tensor, [&](int64_t index, float value) {
    if (steps.channels > 1 && index / steps.stride % steps.channels != channel) return;
    const double q = scale == 0 ? 0 : std::round((value - offset) / scale);
    const double place =
        std::clamp(q - static_cast<double>(lowest), 0.0, static_cast<double>(levels - 1));
    ++grid.uses[static_cast<size_t>(place)];
  });
  SortGrid(grid);
  return grid;
}

}  // namespace

void FillBins(const PackedTensor& tensor, WeightHistogram& histogram) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  ForEachElement(tensor, [&](int64_t, float value) {
    if (!std::isfinite(value)) return;
    low = std::min<double>(low, value);
    high = std::max<double>(high, value);
  });
  if (!(low <= high)) return;
  const int bins = low < high ? kBins : 1;
  const double width = (high - low) / bins;
  for (int i = 0; i <= bins; ++i) histogram.edges.push_back(low + width * i);
  histogram.counts.assign(static_cast<size_t>(bins), 0);
  ForEachElement(tensor, [&](int64_t, float value) {
    if (!std::isfinite(value)) return;
    const double place = width > 0 ? (value - low) / width : 0;
    ++histogram.counts[static_cast<size_t>(std::clamp(place, 0.0, bins - 1.0))];
  });
}

std::optional<WeightGrid> GridOf(const PackedTensor& tensor, const std::string& mode) {
  switch (tensor.scheme) {
    case Scheme::kLookupTable:
      return TableGrid(tensor, mode);
    case Scheme::kLinear:
    case Scheme::kSignedLinear:
      return LinearGrid(tensor, mode);
    default:
      return std::nullopt;
  }
}

}  // namespace nbits
