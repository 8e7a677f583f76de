// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/rounding/sphere_search.h"

#include <algorithm>
#include <limits>

#include "quantize/calibrate/moments/panel_product.h"

namespace nbits {

SphereSearch::SphereSearch(const LowerTriangle<float>& factor, std::span<const int32_t> order)
    : factor_(factor),
      order_(order),
      target_(order.size()),
      error_(order.size()),
      codes_(order.size()),
      best_codes_(order.size()) {}

void SphereSearch::LoadValues(const Codebook& book, int64_t lane) {
  const bool is_constant = !book.is_table() && book.inverse[lane] == 0;
  values_.clear();
  for (int code = 0; code < (is_constant ? 1 : book.entries()); ++code) {
    values_.push_back(book.Value(lane, code));
  }
}

void SphereSearch::Run(const Codebook& book, int64_t lane, const float* target, uint8_t* codes) {
  LoadValues(book, lane);
  for (size_t k = 0; k < order_.size(); ++k) target_[k] = target[order_[k] * kStripe];
  best_ = std::numeric_limits<double>::infinity();
  nodes_ = kMostNodes;
  Visit(static_cast<int64_t>(order_.size()) - 1, 0);
  for (size_t k = 0; k < order_.size(); ++k) codes[order_[k] * kStripe] = best_codes_[k];
}

// Where the column adds nothing to the cost, given those after it.
double SphereSearch::Wanted(int64_t column) const {
  double pull = 0;
  for (int64_t i = column + 1; i < factor_.size(); ++i) pull += error_[i] * factor_.Row(i)[column];
  return target_[column] - pull / factor_.Row(column)[column];
}

void SphereSearch::Visit(int64_t column, double cost) {
  if (column < 0) {
    best_ = cost;
    best_codes_ = codes_;
    return;
  }
  const double wanted = Wanted(column), pivot = factor_.Row(column)[column];
  const auto count = static_cast<int64_t>(values_.size());
  int64_t above = std::lower_bound(values_.begin(), values_.end(), wanted) - values_.begin();
  int64_t below = above - 1;
  while (nodes_ > 0 && (below >= 0 || above < count)) {
    const bool take_above =
        below < 0 || (above < count && values_[above] - wanted < wanted - values_[below]);
    const int64_t code = take_above ? above++ : below--;
    const double distance = pivot * (values_[code] - wanted);
    const double next = cost + distance * distance;
    if (next >= best_) return;
    --nodes_;
    codes_[column] = static_cast<uint8_t>(code);
    error_[column] = values_[code] - target_[column];
    Visit(column - 1, next);
  }
}

}  // namespace nbits
