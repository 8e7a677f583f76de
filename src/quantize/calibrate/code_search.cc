// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/code_search.h"

#include <numeric>
#include <utility>

#include "quantize/calibrate/round_codes.h"

namespace nbits {
namespace {

constexpr int kFits = 3;                     // Of values in a round, with descents between them.
constexpr double kSmallestRoundGain = 1e-3;  // Relative; rounds end below it.

double TotalOf(const std::vector<double>& errors) {
  return std::accumulate(errors.begin(), errors.end(), 0.0);
}

void TakeCodes(const std::vector<uint8_t>& is_better, const StripedMatrix<uint8_t>& from,
               StripedMatrix<uint8_t>& to) {
  const int64_t stripe = to.layout.columns * kStripe;
  for (int64_t i = 0; i < to.layout.elements(); ++i) {
    if (is_better[i / stripe * kStripe + i % kStripe]) to.data[i] = from.data[i];
  }
}

void TakeBetter(const GridMap& map, const Codebook& book, const StripedMatrix<uint8_t>& codes,
                const std::vector<double>& errors, CodeSolution& best) {
  std::vector<uint8_t> is_better(map.of_lane.size());
  map.ForEachOutput([&](int64_t lane, int64_t grid) {
    is_better[lane] = errors[grid] < best.errors[grid];
    if (is_better[lane] && !book.is_table()) {
      SetGrid(best.book, lane, book.scale[lane], book.offset[lane]);
    }
  });
  if (book.is_table() && errors[0] < best.errors[0]) best.book = book;
  TakeCodes(is_better, codes, best.codes);
  for (int64_t grid = 0; grid < map.grids; ++grid) {
    if (!(errors[grid] < best.errors[grid])) continue;
    best.errors[grid] = errors[grid];
    best.is_start[grid] = 0;
  }
}

void SearchOnce(const LayerProblem& problem, const GridMap& map, const CodebookFit& fit,
                Codebook book, CodeSolution& best) {
  StripedMatrix<uint8_t> codes = RoundWithFeedback(problem, book);
  for (int i = 0; i < kFits; ++i) {
    Descend(problem, book, problem.options.sweeps, codes);
    FittedBook fitted = fit.Fit(book, codes);
    TakeBetter(map, fitted.book, codes, fitted.errors, best);
    book = std::move(fitted.book);
  }
}

}  // namespace

void SearchCodes(const LayerProblem& problem, const GridMap& map, const CodebookFit& fit,
                 Codebook book, CodeSolution& best) {
  for (int round = 0; round < problem.options.rounds; ++round) {
    const double before = TotalOf(best.errors);
    SearchOnce(problem, map, fit, std::move(book), best);
    if (!(TotalOf(best.errors) < (1 - kSmallestRoundGain) * before)) return;
    book = best.book;
  }
}

}  // namespace nbits
