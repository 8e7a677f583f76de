// The search for a range with less squared error.
#include <algorithm>
#include <array>
#include <cmath>
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
  const double stored_scale = static_cast<float>(scale);
  const double stored_offset = static_cast<float>(offset);
  const double inverse = stored_scale > 0 ? 1.0 / stored_scale : 0.0;
  const bool usable = std::isfinite(inverse);
  return {{stored_offset, usable ? inverse : 0.0, false, max_code}, stored_scale, stored_offset};
}

// The scale and offset with the least squared error for the codes that `sums` was measured with.
LinearGrid LeastSquares(const GridMoments& sums, const LinearGrid& grid, double center,
                        bool symmetric) {
  if (symmetric) {  // value = scale * (q - center), and value = d - center * scale of `grid`.
    const double shift = grid.stored_offset();
    const double product = sums.dq + shift * sums.q - center * (sums.d + shift * sums.n);
    const double square = sums.qq - 2 * center * sums.q + center * center * sums.n;
    const double scale = square > 0 ? product / square : 0;
    return GridOf(scale, -center * scale, grid.code.max_code);
  }
  const double variance = sums.qq - sums.q * sums.q / sums.n;
  const double covariance = sums.dq - sums.d * sums.q / sums.n;
  if (variance <= 0) return grid;
  const double scale = covariance / variance;
  const double offset = grid.stored_offset() + (sums.d - scale * sums.q) / sums.n;
  return GridOf(scale, offset, grid.code.max_code);
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

// The best of kClips applied to the range of `start`.
LinearGrid BestClip(std::span<const float> values, const LinearGrid& start, double center,
                    bool symmetric) {
  const int max_code = start.code.max_code;
  const double low = start.offset, high = start.offset + start.scale * max_code;
  const double middle = symmetric ? 0 : std::clamp(Mean(values), low, high);
  LinearGrid best = start;
  double best_error = MeasureGrid(values, start).error;
  for (const Clip& clip : kClips) {
    const double a = middle + clip.low * (low - middle);
    const double b = middle + clip.high * (high - middle);
    const double scale = symmetric ? clip.low * start.scale : (b - a) / max_code;
    const LinearGrid grid = GridOf(scale, symmetric ? -center * scale : a, max_code);
    const double error = MeasureGrid(values, grid).error;
    if (error < best_error) best = grid, best_error = error;
  }
  return best;
}

LinearGrid Refine(std::span<const float> values, LinearGrid grid, double center, bool symmetric) {
  GridMoments sums = MeasureGrid(values, grid);
  for (int i = 0; i < kMostRefinements && sums.error > 0; ++i) {
    const LinearGrid next = LeastSquares(sums, grid, center, symmetric);
    if (!IsRepresentable(next)) break;
    const GridMoments next_sums = MeasureGrid(values, next);
    if (!(next_sums.error < sums.error)) break;
    const bool settled = next_sums.error > (1 - kSmallestGain) * sums.error;
    grid = next;
    sums = next_sums;
    if (settled) break;
  }
  return grid;
}

// `count` values, or all if there are no more. They are spread by multiples of the golden ratio,
// because even steps would meet only some places of the kernel window.
std::span<const float> Samples(std::span<const float> values, size_t count,
                               std::vector<float>& samples) {
  if (values.size() <= count) return values;
  constexpr double kGoldenRatio = 0.6180339887498949;
  samples.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const double turns = kGoldenRatio * static_cast<double>(i);
    const double place = (turns - std::floor(turns)) * static_cast<double>(values.size());
    samples[i] = values[std::min(static_cast<size_t>(place), values.size() - 1)];
  }
  return samples;
}

}  // namespace

double SquaredError(std::span<const float> values, const LinearGrid& grid) {
  return MeasureGrid(values, grid).error;
}

LinearGrid FitGrid(std::span<const float> values, const LinearGrid& start, int bits,
                   bool symmetric) {
  if (values.empty() || !(start.scale > 0)) return start;
  std::vector<float> few, more;
  const double center = CenterCode(bits);
  const LinearGrid clipped = BestClip(Samples(values, kClipSamples, few), start, center, symmetric);
  const LinearGrid fitted =
      Refine(Samples(values, kRefineSamples, more), clipped, center, symmetric);
  return SquaredError(values, fitted) < SquaredError(values, start) ? fitted : start;
}

}  // namespace nbits
