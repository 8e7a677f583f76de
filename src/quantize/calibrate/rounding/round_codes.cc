// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/rounding/round_codes.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "quantize/calibrate/rounding/round_block.h"
#include "quantize/calibrate/rounding/sphere_search.h"

namespace nbits {
namespace {

void FillErrors(const LayerProblem& problem, const Codebook& book, int64_t lane,
                const float* target, const uint8_t* codes, float* errors) {
  for (int64_t i = 0; i < problem.stripes.columns * kStripe; ++i) {
    errors[i] = book.Value(lane + i % kStripe, codes[i]) - target[i];
  }
}

// Of one thread: the rows of one stripe in the order of the factor.
struct OrderedStripe {
  explicit OrderedStripe(int64_t columns)
      : target(columns * kStripe), error(columns * kStripe), codes(columns * kStripe) {}

  void Load(const float* from, std::span<const int32_t> order) {
    for (size_t k = 0; k < order.size(); ++k) {
      std::copy_n(from + order[k] * kStripe, kStripe, target.data() + k * kStripe);
    }
    std::fill(error.begin(), error.end(), 0.0f);
  }
  void StoreCodes(std::span<const int32_t> order, uint8_t* to) const {
    for (size_t k = 0; k < order.size(); ++k) {
      std::copy_n(codes.data() + k * kStripe, kStripe, to + order[k] * kStripe);
    }
  }

  std::vector<float> target, error;
  std::vector<uint8_t> codes;
};

void SetFeedback(const LowerTriangle<float>& factor, int64_t begin, int64_t end,
                 BlockSquare& square) {
  square.columns = end - begin;
  square.backwards = true;
  for (int64_t j = begin; j < end; ++j) {
    const float* row = factor.Row(j);
    std::copy(row + begin, row + j + 1, square.matrix + (j - begin) * kBlock);
    square.inverse_pivot[j - begin] = 1 / row[j];
  }
}

void AsPull(const double* product, int64_t columns, float* pull) {
  for (int64_t i = 0; i < columns * kStripe; ++i) pull[i] = static_cast<float>(product[i]);
}

// What a thread needs for a block.
struct BlockWork {
  Panel<float> panel;
  BlockSquare square;
  double product[kBlock * kStripe];
  float pull[kBlock * kStripe];
};

void FeedBackBlock(const GroupProblem& group, const Codebook& book, int64_t first_lane,
                   int64_t begin, int64_t end, std::vector<OrderedStripe>& stripes,
                   BlockWork& work) {
  PackBelow(group.factor, begin, end, work.panel);
  SetFeedback(group.factor, begin, end, work.square);
  for (size_t s = 0; s < stripes.size(); ++s) {
    OrderedStripe& stripe = stripes[s];
    std::fill_n(work.product, kBlock * kStripe, 0.0);
    AddProduct(work.panel, stripe.error.data() + end * kStripe, work.product);
    AsPull(work.product, end - begin, work.pull);
    const int64_t at = begin * kStripe;
    RoundBlock(
        work.square, book, first_lane + static_cast<int64_t>(s) * kStripe,
        {stripe.target.data() + at, stripe.error.data() + at, work.pull, stripe.codes.data() + at});
  }
}

void RoundTask(const LayerProblem& problem, const Codebook& book, const StripeTask& task,
               StripedMatrix<uint8_t>& codes) {
  const GroupProblem& group = problem.groups[task.group];
  const int64_t columns = problem.stripes.columns;
  std::vector<OrderedStripe> stripes(task.count(), OrderedStripe(columns));
  for (int64_t s = 0; s < task.count(); ++s) {
    stripes[s].Load(problem.target.Stripe(task.group, task.begin + s), group.order);
  }
  const auto work = std::make_unique<BlockWork>();
  const int64_t lane = problem.stripes.LaneOf(task.group, task.begin * kStripe);
  for (int64_t block = (columns + kBlock - 1) / kBlock; block-- > 0;) {
    const int64_t begin = block * kBlock;
    FeedBackBlock(group, book, lane, begin, std::min(begin + kBlock, columns), stripes, *work);
  }
  for (int64_t s = 0; s < task.count(); ++s) {
    stripes[s].StoreCodes(group.order, codes.Stripe(task.group, task.begin + s));
  }
}

// Exhaustively, output by output.
void SearchTask(const LayerProblem& problem, const Codebook& book, const StripeTask& task,
                StripedMatrix<uint8_t>& codes) {
  const GroupProblem& group = problem.groups[task.group];
  SphereSearch search(group.factor, group.order);
  const int64_t last = std::min(task.end * kStripe, problem.stripes.outputs);
  for (int64_t o = task.begin * kStripe; o < last; ++o) {
    const int64_t lane = problem.stripes.LaneOf(task.group, o);
    const int64_t element = problem.stripes.ElementOf(lane);
    search.Run(book, lane, problem.target.data.data() + element, codes.data.data() + element);
  }
}

}  // namespace

StripedMatrix<float> ErrorsOf(const LayerProblem& problem, const Codebook& book,
                              const StripedMatrix<uint8_t>& codes) {
  StripedMatrix<float> errors(problem.stripes);
  ForEachTask(problem.stripes, [&](const StripeTask& task) {
    for (int64_t s = task.begin; s < task.end; ++s) {
      FillErrors(problem, book, problem.stripes.LaneOf(task.group, s * kStripe),
                 problem.target.Stripe(task.group, s), codes.Stripe(task.group, s),
                 errors.Stripe(task.group, s));
    }
  });
  return errors;
}

StripedMatrix<uint8_t> RoundWithFeedback(const LayerProblem& problem, const Codebook& book) {
  StripedMatrix<uint8_t> codes(problem.stripes);
  const bool few = problem.stripes.columns <= kFewColumns;
  ForEachTask(problem.stripes, [&](const StripeTask& task) {
    few ? SearchTask(problem, book, task, codes) : RoundTask(problem, book, task, codes);
  });
  return codes;
}

}  // namespace nbits
