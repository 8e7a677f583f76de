// SPDX-License-Identifier: Apache-2.0
// The search for a range with less squared error.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "quantize/grid_moments.h"
#include "quantize/linear_grid.h"

namespace nbits {
namespace {

// Channels longer than these are searched on samples; the outcome is judged on all values.
constexpr size_t kClipSamples = 256;
constexpr size_t kRefineSamples = 2048;
constexpr int kMostRefinements = 12;
constexpr double kSmallestGain = 1e-4;  // Relative; refinement ends below it.

// A grid that encodes to the code nearest by the stored scale and offset.
LinearGrid GridOf(double scale, double offset, int max_code) {
  const double stored_scale = AsStored(scale), stored_offset = AsStored(offset);
  const double inverse = stored_scale > 0 ? 1.0 / stored_scale : 0.0;
  const bool usable = std::isfinite(inverse);
  return {{stored_offset, usable ? inverse : 0.0, false, max_code}, stored_scale, stored_offset};
}

// Of a grid of GridOf's.
StepGrid StepsOf(const LinearGrid& grid) {
  return {static_cast<float>(grid.code.offset), static_cast<float>(grid.code.factor),
          static_cast<float>(grid.code.max_code)};
}

// The scale and offset with the least squared error for the codes that `sums` was measured with: in
// units of the grid's step, a value is q + m.
LinearGrid LeastSquares(const StepMoments& sums, double n, const LinearGrid& grid, double center,
                        bool symmetric) {
  if (symmetric) {  // value = scale * (q - center), and value = grid.scale * (q + m) + grid.offset.
    const double shift = grid.offset / grid.scale;
    const double product =
        sums.mq + sums.qq + shift * sums.q - center * (sums.m + sums.q + shift * n);
    const double square = sums.qq - 2 * center * sums.q + center * center * n;
    const double scale = square > 0 ? grid.scale * product / square : 0;
    return GridOf(scale, -center * scale, grid.code.max_code);
  }
  const double variance = sums.qq - sums.q * sums.q / n;
  const double covariance = sums.mq - sums.m * sums.q / n;
  if (variance <= 0) return grid;
  const double growth = covariance / variance;
  const double offset = grid.offset + grid.scale * (sums.m - growth * sums.q) / n;
  return GridOf(grid.scale * (1 + growth), offset, grid.code.max_code);
}

struct Clip {
  double low, high;  // Fractions of the way from the mean to the minimum and maximum.
};
constexpr std::array<Clip, 15> kClips = {{{1, 1},
                                          {.9, .9},
                                          {.8, .8},
                                          {.7, .7},
                                          {.6, .6},
                                          {.5, .5},
                                          {.4, .4},
                                          {.3, .3},
                                          {.2, .2},
                                          {1, .75},
                                          {1, .5},
                                          {1, .25},
                                          {.75, 1},
                                          {.5, 1},
                                          {.25, 1}}};

double Mean(std::span<const float> values) {
  double sum = 0;
  for (float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// In Float32, of samples, in the values' units.
double Misses(std::span<const float> values, const LinearGrid& grid) {
  return grid.scale * grid.scale * MeasureMisses(values, StepsOf(grid));
}

// The best of kClips applied to the range of `start`.
LinearGrid BestClip(std::span<const float> values, const LinearGrid& start, double center,
                    bool symmetric) {
  const int max_code = start.code.max_code;
  const double low = start.offset, high = start.offset + start.scale * max_code;
  const double middle = symmetric ? 0 : std::clamp(Mean(values), low, high);
  LinearGrid best;
  double best_error = std::numeric_limits<double>::infinity();
  for (const Clip& clip : kClips) {
    const double a = middle + clip.low * (low - middle);
    const double b = middle + clip.high * (high - middle);
    const double scale = symmetric ? clip.low * start.scale : (b - a) / max_code;
    const LinearGrid grid = GridOf(scale, symmetric ? -center * scale : a, max_code);
    const double error = Misses(values, grid);
    if (error < best_error) best = grid, best_error = error;
  }
  return best;
}

LinearGrid Refine(std::span<const float> values, LinearGrid grid, double center, bool symmetric) {
  const auto n = static_cast<double>(values.size());
  const auto error_of = [](const StepMoments& sums, const LinearGrid& measured) {
    return measured.scale * measured.scale * sums.mm;
  };
  StepMoments sums = MeasureSteps(values, StepsOf(grid));
  double error = error_of(sums, grid);
  for (int i = 0; i < kMostRefinements && error > 0; ++i) {
    const LinearGrid next = LeastSquares(sums, n, grid, center, symmetric);
    if (!IsRepresentable(next) || !(next.scale > 0)) break;
    const StepMoments next_sums = MeasureSteps(values, StepsOf(next));
    const double next_error = error_of(next_sums, next);
    if (!(next_error < error)) break;
    const bool settled = next_error > (1 - kSmallestGain) * error;
    grid = next;
    sums = next_sums;
    error = next_error;
    if (settled) break;
  }
  return grid;
}

// Places of `count` samples among `length` values; none when there are no more values than that.
// They are spread by multiples of the golden ratio, because even steps would meet only some places
// of the kernel window.
std::vector<uint32_t> Places(size_t length, size_t count) {
  if (length <= count) return {};
  constexpr double kGoldenRatio = 0.6180339887498949;
  std::vector<uint32_t> places(count);
  for (size_t i = 0; i < count; ++i) {
    const double turns = kGoldenRatio * static_cast<double>(i);
    const double place = (turns - std::floor(turns)) * static_cast<double>(length);
    places[i] = static_cast<uint32_t>(std::min(static_cast<size_t>(place), length - 1));
  }
  return places;
}

// The values at `places`, or all where there are none.
std::span<const float> Samples(std::span<const float> values, std::span<const uint32_t> places,
                               float* room) {
  if (places.empty()) return values;
  for (size_t i = 0; i < places.size(); ++i) room[i] = values[places[i]];
  return {room, places.size()};
}

}  // namespace

GridFitter::GridFitter(size_t length, int bits, bool symmetric)
    : few_(Places(length, kClipSamples)),
      more_(Places(length, kRefineSamples)),
      center_(CenterCode(bits)),
      symmetric_(symmetric) {}

LinearGrid GridFitter::Fit(std::span<const float> values, const LinearGrid& start) const {
  if (values.empty() || !(start.scale > 0)) return start;
  float room[kRefineSamples];
  const LinearGrid clipped = BestClip(Samples(values, few_, room), start, center_, symmetric_);
  if (!(clipped.scale > 0)) return start;
  const LinearGrid fitted = Refine(Samples(values, more_, room), clipped, center_, symmetric_);
  return SquaredError(values, fitted) < SquaredError(values, start) ? fitted : start;
}

}  // namespace nbits
