// SPDX-License-Identifier: Apache-2.0
// Scale and offset by least squares under H.
#include <cmath>
#include <numeric>
#include <utility>

#include "quantize/calibrate/codebook_fit.h"
#include "quantize/linear_grid.h"

namespace nbits {
namespace {

// Part of the normal equations' diagonal that is added to it: where the inputs make scale and
// offset hard to tell apart, they stay near what they were.
constexpr double kRidge = 1e-6;

// Quadratic forms under H, of a row of codes q (less a shift), a row of ones and the target w. The
// error of the values scale * q + level is a polynomial in scale and level.
struct RowForms {
  double qq = 0, q1 = 0, ones = 0, qw = 0, w1 = 0, ww = 0;

  void Add(const RowForms& other) {
    qq += other.qq;
    q1 += other.q1;
    ones += other.ones;
    qw += other.qw;
    w1 += other.w1;
    ww += other.ww;
  }
  double Error(double scale, double level) const {
    return scale * (scale * qq + 2 * (level * q1 - qw)) + level * (level * ones - 2 * w1) + ww;
  }
};

// The value of the shifted code 0 is the level.
struct ShiftedGrid {
  double scale = 0, level = 0;
};

class GridFit : public CodebookFit {
 public:
  GridFit(const LayerProblem& problem, const GridMap& map, const GridForm& form)
      : problem_(problem), map_(map), form_(form) {
    shift_ = form.symmetric ? static_cast<float>(form.center) : static_cast<float>(form.last()) / 2;
  }

  FittedBook Fit(const Codebook& book, StripedMatrix<uint8_t>& codes) const override {
    const std::vector<RowForms> by_lane = Measure(codes);
    std::vector<RowForms> forms(map_.grids);
    std::vector<ShiftedGrid> before(map_.grids);
    map_.ForEachOutput([&](int64_t lane, int64_t grid) {
      forms[grid].Add(by_lane[lane]);
      before[grid] = Shifted(book.scale[lane], book.offset[lane]);
    });
    FittedBook fitted{book, std::vector<double>(map_.grids)};
    std::vector<std::pair<float, float>> stored(map_.grids);
    for (int64_t grid = 0; grid < map_.grids; ++grid) {
      fitted.errors[grid] = forms[grid].Error(before[grid].scale, before[grid].level);
      stored[grid] = Improve(forms[grid], before[grid], fitted.errors[grid]);
    }
    map_.ForEachOutput([&](int64_t lane, int64_t grid) {
      const auto [scale, offset] = stored[grid];
      if (scale > 0) SetGrid(fitted.book, lane, scale, offset);
    });
    return fitted;
  }

 private:
  ShiftedGrid Shifted(float scale, float offset) const {
    return {scale, static_cast<double>(offset) + static_cast<double>(scale) * shift_};
  }

  // Scale and offset as they are stored, and their error in the place of `error`; scale 0 where
  // there is nothing better.
  std::pair<float, float> Improve(const RowForms& forms, const ShiftedGrid& before,
                                  double& error) const {
    const ShiftedGrid next = Solve(forms, before);
    if (!std::isfinite(next.scale) || !(next.scale > 0)) return {};
    const float scale = AsStored(next.scale);
    const float offset =
        AsStored(form_.symmetric ? -form_.center * scale : next.level - next.scale * shift_);
    const ShiftedGrid stored = Shifted(scale, offset);
    const double next_error = forms.Error(stored.scale, stored.level);
    if (!(next_error < error)) return {};
    error = next_error;
    return {scale, offset};
  }

  // From `before` to the minimum of the error.
  ShiftedGrid Solve(const RowForms& forms, const ShiftedGrid& before) const {
    const double to_scale = forms.qw - before.scale * forms.qq - before.level * forms.q1;
    const double qq = forms.qq * (1 + kRidge), ones = forms.ones * (1 + kRidge);
    if (!(qq > 0)) return before;
    if (form_.symmetric) return {before.scale + to_scale / qq, 0};
    const double to_level = forms.w1 - before.scale * forms.q1 - before.level * forms.ones;
    const double determinant = qq * ones - forms.q1 * forms.q1;
    if (!(determinant > 0)) return {before.scale + to_scale / qq, before.level};
    return {before.scale + (to_scale * ones - to_level * forms.q1) / determinant,
            before.level + (to_level * qq - to_scale * forms.q1) / determinant};
  }

  std::vector<RowForms> Measure(const StripedMatrix<uint8_t>& codes) const {
    std::vector<RowForms> by_lane(problem_.stripes.lanes());
    ForEachTask(problem_.stripes,
                [&](const StripeTask& task) { MeasureTask(task, codes, by_lane); });
    return by_lane;
  }

  void MeasureTask(const StripeTask& task, const StripedMatrix<uint8_t>& codes,
                   std::vector<RowForms>& by_lane) const {
    const GroupProblem& group = problem_.groups[task.group];
    const int64_t columns = problem_.stripes.columns;
    const int64_t first_lane = problem_.stripes.LaneOf(task.group, task.begin * kStripe);
    std::vector<float> shifted(task.count() * columns * kStripe);
    const uint8_t* from = codes.Stripe(task.group, task.begin);
    for (size_t i = 0; i < shifted.size(); ++i) shifted[i] = static_cast<float>(from[i]) - shift_;
    ForEachProduct<double>(group.covariance.actual, shifted.data(), task.count(),
                           [&](int64_t s, int64_t begin, int64_t end, const double* product) {
                             const int64_t at = (s * columns + begin) * kStripe;
                             const float* target =
                                 problem_.target.Stripe(task.group, task.begin) + at;
                             RowForms* forms = &by_lane[first_lane + s * kStripe];
                             for (int64_t i = 0; i < (end - begin) * kStripe; ++i) {
                               RowForms& lane = forms[i % kStripe];
                               const double row_sum = group.row_sums[begin + i / kStripe];
                               lane.qq += shifted[at + i] * product[i];
                               lane.q1 += shifted[at + i] * row_sum;
                               lane.qw += target[i] * product[i];
                               lane.w1 += target[i] * row_sum;
                             }
                           });
    const double ones = std::accumulate(group.row_sums.begin(), group.row_sums.end(), 0.0);
    for (int64_t lane = first_lane; lane < first_lane + task.count() * kStripe; ++lane) {
      RowForms& forms = by_lane[lane];
      const double w = group.weight;
      forms = {w * forms.qq, w * forms.q1, w * ones,
               w * forms.qw, w * forms.w1, problem_.energy[lane]};
    }
  }

  const LayerProblem& problem_;
  const GridMap& map_;
  GridForm form_;
  float shift_ = 0;  // Subtracted from codes, so that they vary around 0.
};

}  // namespace

std::unique_ptr<CodebookFit> MakeGridFit(const LayerProblem& problem, const GridMap& map,
                                         const GridForm& form) {
  return std::make_unique<GridFit>(problem, map, form);
}

}  // namespace nbits
