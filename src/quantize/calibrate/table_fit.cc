// SPDX-License-Identifier: Apache-2.0
// The entries of a table by least squares under H: conjugate gradients, so that no more is needed
// than products of H with rows.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "quantize/calibrate/codebook_fit.h"
#include "quantize/calibrate/rounding/round_codes.h"

namespace nbits {
namespace {

constexpr int kMostSteps = 8;               // Of conjugate gradients.
constexpr double kSmallestResidual = 1e-6;  // Squared, of the first.

using EntryVector = std::vector<double>;

double Dot(const EntryVector& a, const EntryVector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void AddTimes(double factor, const EntryVector& from, EntryVector& to) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += factor * from[i];
}

// Of rows v: v H v^T, and by entry the sum of v H over the weights that have it.
struct TableSums {
  double energy = 0;
  EntryVector by_entry;
};

class TableFit : public CodebookFit {
 public:
  TableFit(const LayerProblem& problem, bool fixed) : problem_(problem), fixed_(fixed) {}

  FittedBook Fit(const Codebook& book, StripedMatrix<uint8_t>& codes) const override {
    const TableSums now = Measure<double>(ErrorsOf(problem_, book, codes), codes, book.entries());
    if (fixed_) return {book, {now.energy}};
    EntryVector entries(book.table.begin(), book.table.end());
    AddTimes(1, Step(now.by_entry, codes), entries);
    StripedMatrix<uint8_t> sorted_codes = codes;
    const Codebook next = Sorted(book.bits, entries, sorted_codes);
    const double error =
        Measure<double>(ErrorsOf(problem_, next, sorted_codes), sorted_codes, book.entries())
            .energy;
    if (!(error < now.energy)) return {book, {now.energy}};
    codes = std::move(sorted_codes);
    return {next, {error}};
  }

 private:
  // Solves A step = -gradient, where A is what H makes of the entries.
  EntryVector Step(const EntryVector& gradient, const StripedMatrix<uint8_t>& codes) const {
    const EntryVector diagonal = Diagonal(codes, gradient.size());
    EntryVector step(gradient.size()), residual(gradient.size());
    AddTimes(-1, gradient, residual);
    EntryVector direction = Preconditioned(residual, diagonal);
    double square = Dot(residual, direction);
    const double enough = kSmallestResidual * square;
    for (int i = 0; i < kMostSteps && square > enough; ++i) {
      const EntryVector image =
          Measure<float>(RowsOf(direction, codes), codes, gradient.size()).by_entry;
      const double curvature = Dot(direction, image);
      if (!(curvature > 0)) break;
      AddTimes(square / curvature, direction, step);
      AddTimes(-square / curvature, image, residual);
      const EntryVector next = Preconditioned(residual, diagonal);
      const double next_square = Dot(residual, next);
      for (size_t e = 0; e < direction.size(); ++e) {
        direction[e] = next[e] + next_square / square * direction[e];
      }
      square = next_square;
    }
    return step;
  }

  // Entries that no weight has stay as they are.
  static EntryVector Preconditioned(const EntryVector& residual, const EntryVector& diagonal) {
    EntryVector result(residual.size());
    for (size_t e = 0; e < result.size(); ++e) {
      if (diagonal[e] > 0) result[e] = residual[e] / diagonal[e];
    }
    return result;
  }

  // The part of A's diagonal that comes from the diagonal of H.
  EntryVector Diagonal(const StripedMatrix<uint8_t>& codes, size_t entries) const {
    return SumByEntry(codes, entries, [&](int64_t group, int64_t column) {
      const GroupProblem& of = problem_.groups[group];
      return of.weight * of.covariance.actual.Row(column)[column];
    });
  }

  template <typename Term>
  EntryVector SumByEntry(const StripedMatrix<uint8_t>& codes, size_t entries,
                         const Term& term) const {
    const StripeLayout& layout = problem_.stripes;
    EntryVector sums(entries);
    for (int64_t i = 0; i < layout.groups * layout.stripes; ++i) {
      const int64_t group = i / layout.stripes, stripe = i % layout.stripes;
      const uint8_t* from = codes.Stripe(group, stripe);
      for (int64_t k = 0; k < layout.columns; ++k) {
        const double value = term(group, k);
        for (int64_t lane = 0; lane < OutputsOf(stripe); ++lane) {
          sums[from[k * kStripe + lane]] += value;
        }
      }
    }
    return sums;
  }

  int64_t OutputsOf(int64_t stripe) const {
    return std::min(kStripe, problem_.stripes.outputs - stripe * kStripe);
  }

  // Each weight's entry of `entries`.
  StripedMatrix<float> RowsOf(const EntryVector& entries,
                              const StripedMatrix<uint8_t>& codes) const {
    const std::vector<float> table(entries.begin(), entries.end());
    StripedMatrix<float> rows(problem_.stripes);
    ForEachTask(problem_.stripes, [&](const StripeTask& task) {
      const int64_t begin = problem_.stripes.StartOf(task.group, task.begin);
      const int64_t end = problem_.stripes.StartOf(task.group, task.end);
      for (int64_t i = begin; i < end; ++i) rows.data[i] = table[codes.data[i]];
    });
    return rows;
  }

  // Stripe by stripe, so that the order of summation is fixed.
  template <typename T>
  TableSums Measure(const StripedMatrix<float>& rows, const StripedMatrix<uint8_t>& codes,
                    size_t entries) const {
    const StripeLayout& layout = problem_.stripes;
    std::vector<TableSums> by_stripe(layout.groups * layout.stripes, {0, EntryVector(entries)});
    ForEachTask(layout, [&](const StripeTask& task) {
      const float* stripes = rows.Stripe(task.group, task.begin);
      ForEachProduct<T>(problem_.groups[task.group].covariance.actual, stripes, task.count(),
                        [&](int64_t s, int64_t begin, int64_t end, const double* product) {
                          const int64_t stripe = task.begin + s, at = begin * kStripe;
                          AddSums(rows.Stripe(task.group, stripe) + at,
                                  codes.Stripe(task.group, stripe) + at, product, end - begin,
                                  OutputsOf(stripe),
                                  by_stripe[task.group * layout.stripes + stripe]);
                        });
    });
    TableSums all{0, EntryVector(entries)};
    for (size_t i = 0; i < by_stripe.size(); ++i) {
      const double weight = problem_.groups[i / layout.stripes].weight;
      all.energy += weight * by_stripe[i].energy;
      AddTimes(weight, by_stripe[i].by_entry, all.by_entry);
    }
    return all;
  }

  static void AddSums(const float* rows, const uint8_t* codes, const double* product,
                      int64_t columns, int64_t outputs, TableSums& sums) {
    for (int64_t k = 0; k < columns; ++k) {
      for (int64_t i = k * kStripe; i < k * kStripe + outputs; ++i) {
        sums.energy += rows[i] * product[i];
        sums.by_entry[codes[i]] += product[i];
      }
    }
  }

  // The table of these entries in ascending order; codes change accordingly.
  static Codebook Sorted(int bits, const EntryVector& entries, StripedMatrix<uint8_t>& codes) {
    std::vector<uint8_t> order(entries.size()), place(entries.size());
    std::iota(order.begin(), order.end(), uint8_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](uint8_t a, uint8_t b) { return entries[a] < entries[b]; });
    std::vector<float> table;
    for (size_t i = 0; i < order.size(); ++i) {
      place[order[i]] = static_cast<uint8_t>(i);
      table.push_back(static_cast<float>(entries[order[i]]));
    }
    for (uint8_t& code : codes.data) code = place[code];
    return TableOf(bits, table);
  }

  const LayerProblem& problem_;
  bool fixed_;
};

}  // namespace

std::unique_ptr<CodebookFit> MakeTableFit(const LayerProblem& problem, bool fixed) {
  return std::make_unique<TableFit>(problem, fixed);
}

}  // namespace nbits
