// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/key_points.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "data/shape.h"

namespace nbits {
namespace {

constexpr int64_t kMostPoints = 1024;    // More are a cloud or a mesh that nobody tells apart.
constexpr int64_t kSmallestHeatmap = 4;  // Rows and columns of a heat map.
constexpr double kAspectTolerance = 0.1;
constexpr double kInside = 0.9;     // So many of the points must lie in the picture.
constexpr double kMargin = 0.1;     // Or so little outside.
constexpr double kLargestPart = 2;  // Larger coordinates are pixels.
constexpr double kQuarter = 0.25;   // Of a cell, towards its larger neighbour.

bool IsNamed(const std::string& name, std::initializer_list<absl::string_view> words) {
  const std::string lower = absl::AsciiStrToLower(name);
  return std::any_of(words.begin(), words.end(),
                     [&](absl::string_view word) { return absl::StrContains(lower, word); });
}

// Points in space have no place in the picture.
bool IsPointList(const std::string& name) {
  return IsNamed(name, {"landmark", "keypoint", "key_point", "joint"}) &&
         !IsNamed(name, {"world", "3d"});
}

bool IsHeatMap(const std::string& name) {
  return IsNamed(name, {"heatmap", "heat_map", "keypoint", "key_point", "joint", "landmark"});
}

double Sigmoid(double value) { return 1 / (1 + std::exp(-value)); }

// --- Lists ---------------------------------------------------------------------------------------

// Coordinates lie `next` values apart; a point's values `step`.
struct ListLayout {
  int64_t points = 0, values = 0, next = 1, step = 0;
};

KeyPoints ReadList(const std::vector<float>& list, const ListLayout& layout, int width,
                   int height) {
  KeyPoints points;
  double largest = 0;
  const auto at = [&](int64_t point, int64_t value) {
    return static_cast<double>(
        list[static_cast<size_t>(point * layout.step + value * layout.next)]);
  };
  for (int64_t i = 0; i < layout.points; ++i) {
    points.x.push_back(at(i, 0));
    points.y.push_back(at(i, 1));
    largest = std::max({largest, std::abs(at(i, 0)), std::abs(at(i, 1))});
    if (layout.values == 5) points.confidence.push_back(Sigmoid(at(i, 3)));
  }
  if (largest <= kLargestPart) return points;
  for (double& x : points.x) x /= width;
  for (double& y : points.y) y /= height;
  return points;
}

bool LiesInPicture(const KeyPoints& points) {
  const auto inside = [](double part) { return part >= -kMargin && part <= 1 + kMargin; };
  int64_t count = 0;
  for (size_t i = 0; i < points.x.size(); ++i) {
    if (!std::isfinite(points.x[i]) || !std::isfinite(points.y[i])) return false;
    count += inside(points.x[i]) && inside(points.y[i]) ? 1 : 0;
  }
  return static_cast<double>(count) >= kInside * static_cast<double>(points.x.size());
}

std::vector<ListLayout> Layouts(const Shape& shape, int64_t elements) {
  const auto fits = [](int64_t values) { return values >= 2 && values <= 5; };
  if (shape.size() == 2 && fits(shape[1])) return {{shape[0], shape[1], 1, shape[1]}};
  if (shape.size() == 2 && fits(shape[0])) return {{shape[1], shape[0], shape[1], 1}};
  std::vector<ListLayout> layouts;
  for (int64_t values = 2; values <= 5 && shape.size() == 1; ++values) {
    if (elements % values == 0) layouts.push_back({elements / values, values, 1, values});
  }
  return layouts;
}

std::optional<KeyPoints> FromList(const Tensor& tensor, int width, int height) {
  const int64_t elements = static_cast<int64_t>(tensor.values.size());
  for (const ListLayout& layout : Layouts(WithoutOnes(tensor.shape), elements)) {
    if (layout.points < 3 || layout.points > kMostPoints) continue;
    KeyPoints points = ReadList(tensor.values, layout, width, height);
    if (LiesInPicture(points)) return points;
  }
  return std::nullopt;
}

// --- Heat maps -----------------------------------------------------------------------------------

// One map per point: its cells lie `column` and `row` values apart, the maps `map`.
struct Maps {
  const std::vector<float>* values = nullptr;
  int64_t count = 0, rows = 0, columns = 0;
  int64_t map = 0, row = 0, column = 0;

  double at(int64_t point, int64_t y, int64_t x) const {
    return (*values)[static_cast<size_t>(point * map + y * row + x * column)];
  }
};

std::optional<Maps> MapsOf(const Tensor& tensor, int width, int height) {
  const Shape shape = WithoutOnes(tensor.shape);
  if (shape.size() != 3) return std::nullopt;
  const auto fits = [&](int64_t rows, int64_t columns) {
    if (rows < kSmallestHeatmap || columns < kSmallestHeatmap || rows > height) return false;
    const double ratio =
        static_cast<double>(columns) * height / (static_cast<double>(rows) * width);
    return std::abs(ratio - 1) <= kAspectTolerance;
  };
  if (fits(shape[1], shape[2])) {
    return Maps{&tensor.values, shape[0], shape[1], shape[2], shape[1] * shape[2], shape[2], 1};
  }
  if (fits(shape[0], shape[1])) {
    return Maps{&tensor.values, shape[2], shape[0], shape[1], 1, shape[1] * shape[2], shape[2]};
  }
  return std::nullopt;
}

struct Peak {
  int64_t y = 0, x = 0;
  double value = 0;
};

Peak PeakOf(const Maps& maps, int64_t point) {
  Peak peak{0, 0, maps.at(point, 0, 0)};
  for (int64_t y = 0; y < maps.rows; ++y) {
    for (int64_t x = 0; x < maps.columns; ++x) {
      if (const double value = maps.at(point, y, x); value > peak.value) peak = {y, x, value};
    }
  }
  return peak;
}

// -1/4, 0 or 1/4: where the larger of the two neighbours is.
double Towards(double before, double after) {
  return before == after ? 0 : after > before ? kQuarter : -kQuarter;
}

std::pair<double, double> Centre(const Maps& maps, int64_t point, const Peak& peak) {
  double x = static_cast<double>(peak.x) + 0.5, y = static_cast<double>(peak.y) + 0.5;
  if (peak.x > 0 && peak.x + 1 < maps.columns) {
    x += Towards(maps.at(point, peak.y, peak.x - 1), maps.at(point, peak.y, peak.x + 1));
  }
  if (peak.y > 0 && peak.y + 1 < maps.rows) {
    y += Towards(maps.at(point, peak.y - 1, peak.x), maps.at(point, peak.y + 1, peak.x));
  }
  return {x / static_cast<double>(maps.columns), y / static_cast<double>(maps.rows)};
}

// PoseNet's: cells stand for pixels from the first to the last, offsets are pixels from there.
std::pair<double, double> Moved(const Maps& maps, const Maps& offsets, int64_t point,
                                const Peak& peak, int width, int height) {
  const auto pixel = [](int64_t cell, int64_t cells, int pixels) {
    return static_cast<double>(cell) * (pixels - 1) / static_cast<double>(cells - 1);
  };
  const double y = pixel(peak.y, maps.rows, height) + offsets.at(point, peak.y, peak.x);
  const double x =
      pixel(peak.x, maps.columns, width) + offsets.at(point + maps.count, peak.y, peak.x);
  return {(x + 0.5) / width, (y + 0.5) / height};
}

std::optional<Maps> OffsetsFor(const Maps& maps, const TensorMap& outputs, int width, int height) {
  for (const auto& [name, tensor] : outputs) {
    if (!IsNamed(name, {"offset"})) continue;
    const auto offsets = MapsOf(tensor, width, height);
    if (offsets && offsets->count == 2 * maps.count && offsets->rows == maps.rows &&
        offsets->columns == maps.columns) {
      return offsets;
    }
  }
  return std::nullopt;
}

// Maps that are not probabilities are taken as what a sigmoid makes some of.
std::vector<double> Confidences(std::vector<double> peaks, const std::vector<float>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low >= 0 && *high <= 1) return peaks;
  for (double& peak : peaks) peak = Sigmoid(peak);
  return peaks;
}

std::optional<KeyPoints> FromMaps(const Tensor& tensor, const TensorMap& outputs, int width,
                                  int height) {
  const auto maps = MapsOf(tensor, width, height);
  if (!maps || maps->count < 3 || maps->count > kMostPoints) return std::nullopt;
  const auto offsets = OffsetsFor(*maps, outputs, width, height);
  KeyPoints points;
  std::vector<double> peaks;
  for (int64_t i = 0; i < maps->count; ++i) {
    const Peak peak = PeakOf(*maps, i);
    const auto [x, y] =
        offsets ? Moved(*maps, *offsets, i, peak, width, height) : Centre(*maps, i, peak);
    if (!std::isfinite(x) || !std::isfinite(y) || !std::isfinite(peak.value)) return std::nullopt;
    points.x.push_back(x);
    points.y.push_back(y);
    peaks.push_back(peak.value);
  }
  points.confidence = Confidences(std::move(peaks), tensor.values);
  return points;
}

}  // namespace

std::optional<KeyPoints> FindKeyPoints(const TensorMap& outputs, int width, int height) {
  if (width <= 0 || height <= 0) return std::nullopt;
  for (const bool list : {true, false}) {
    for (const auto& [name, tensor] : outputs) {
      if (!(list ? IsPointList(name) : IsHeatMap(name))) continue;
      auto points =
          list ? FromList(tensor, width, height) : FromMaps(tensor, outputs, width, height);
      if (!points) continue;
      points->output = name;
      return points;
    }
  }
  return std::nullopt;
}

}  // namespace nbits
