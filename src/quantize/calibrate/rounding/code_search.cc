// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/rounding/code_search.h"

#include <numeric>
#include <utility>

#include "quantize/calibrate/rounding/round_codes.h"

namespace nbits {
namespace {

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

// Of each lane the codes with the lower error under H, by the same values.
void MergeCodes(const LayerProblem& problem, const Codebook& book,
                const StripedMatrix<uint8_t>& others, StripedMatrix<uint8_t>& codes) {
  const std::vector<double> here = Energies(problem, ErrorsOf(problem, book, codes));
  const std::vector<double> there = Energies(problem, ErrorsOf(problem, book, others));
  std::vector<uint8_t> is_better(here.size());
  for (size_t lane = 0; lane < here.size(); ++lane) is_better[lane] = there[lane] < here[lane];
  TakeCodes(is_better, others, codes);
}

// Codes that improve on each other under values that are fitted to them.
class Search {
 public:
  Search(const LayerProblem& problem, const GridMap& map, const CodebookFit& fit,
         CodeSolution& best)
      : problem_(problem), map_(map), fit_(fit), best_(best) {}

  void Begin(Codebook book) {
    book_ = std::move(book);
    RoundAndDescend();
    FitValues();
    DescendAndFit();
  }

  // Rounds anew by the best values, and keeps of each output what is better.
  void Resume() {
    book_ = best_.book;
    RoundAndDescend();
    MergeCodes(problem_, book_, best_.codes, codes_);
    FitValues();
    DescendAndFit();
  }

 private:
  void RoundAndDescend() {
    codes_ = RoundWithFeedback(problem_, book_);
    Descend(problem_, book_, problem_.options.sweeps, codes_);
    DescendByChains(problem_, book_, problem_.options.chain_sweeps, codes_);
  }

  void DescendAndFit() {
    Descend(problem_, book_, problem_.options.sweeps, codes_);
    DescendByChains(problem_, book_, problem_.options.chain_sweeps, codes_);
    FitValues();
  }

  void FitValues() {
    FittedBook fitted = fit_.Fit(book_, codes_);
    TakeBetter(map_, fitted.book, codes_, fitted.errors, best_);
    book_ = std::move(fitted.book);
  }

  const LayerProblem& problem_;
  const GridMap& map_;
  const CodebookFit& fit_;
  CodeSolution& best_;
  Codebook book_;
  StripedMatrix<uint8_t> codes_;
};

}  // namespace

void SearchCodes(const LayerProblem& problem, const GridMap& map, const CodebookFit& fit,
                 Codebook book, CodeSolution& best) {
  Search search(problem, map, fit, best);
  search.Begin(std::move(book));
  for (int round = 1; round < problem.options.rounds; ++round) {
    const double before = TotalOf(best.errors);
    search.Resume();
    if (!(TotalOf(best.errors) < (1 - kSmallestRoundGain) * before)) return;
  }
}

}  // namespace nbits
