// SPDX-License-Identifier: Apache-2.0
// Coordinate descent, code by code and by chains of codes.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "quantize/calibrate/rounding/chain_move.h"
#include "quantize/calibrate/rounding/round_block.h"
#include "quantize/calibrate/rounding/round_codes.h"

namespace nbits {
namespace {

// Chains begin again in the same block until none is found, so many times at most.
constexpr int kMostChainPasses = 4;

void SetDescent(const LowerTriangle<float>& matrix, double damping, int64_t begin, int64_t end,
                BlockSquare& square) {
  square.columns = end - begin;
  square.backwards = false;
  for (int64_t j = begin; j < end; ++j) {
    float* row = square.matrix + (j - begin) * kBlock;
    for (int64_t i = begin; i < end; ++i) row[i - begin] = matrix.At(j, i);
    row[j - begin] += static_cast<float>(damping);
    square.inverse_pivot[j - begin] = 1 / row[j - begin];
  }
}

// Codes of one output in a block.
class ChainBlock {
 public:
  // `codes` and `pull` of column j are at [j * kStripe].
  ChainBlock(const BlockSquare& square, const Codebook& book, int64_t lane, const float* pull,
             uint8_t* codes)
      : square_(square), book_(book), lane_(lane), codes_(codes) {
    for (int64_t j = 0; j < square.columns; ++j) {
      row_.pull[j] = pull[j * kStripe];
      row_.diagonal[j] = square.matrix[j * kBlock + j];
      SetSteps(j);
    }
  }

  // Returns the number of chains that were taken.
  int64_t Run() {
    int64_t all = 0;
    for (int pass = 0; pass < kMostChainPasses; ++pass) {
      int64_t taken = 0;
      for (int64_t seed = 0; seed < square_.columns; ++seed) taken += Take(seed);
      if (taken == 0) break;
      all += taken;
    }
    return all;
  }

 private:
  void SetSteps(int64_t j) {
    const bool is_constant = !book_.is_table() && book_.inverse[lane_] == 0;
    const int code = codes_[j * kStripe], last = is_constant ? 0 : book_.entries() - 1;
    const float value = book_.Value(lane_, code);
    row_.up[j] = code < last ? book_.Value(lane_, code + 1) - value : 0;
    row_.down[j] = code > 0 ? book_.Value(lane_, code - 1) - value : 0;
  }

  bool Take(int64_t seed) {
    const ChainMove move = MoveChain(square_.matrix, seed, row_);
    for (int i = 0; i < move.length; ++i) {
      uint8_t& code = codes_[move.columns[i] * kStripe];
      code = static_cast<uint8_t>(move.steps[i] > 0 ? code + 1 : code - 1);
      SetSteps(move.columns[i]);
    }
    return move.length > 0;
  }

  const BlockSquare& square_;
  const Codebook& book_;
  int64_t lane_;
  uint8_t* codes_;
  ChainRow row_;
};

enum class Moves : uint8_t { kSingle, kChains };

// The stripes of one task, block by block.
class DescentTask {
 public:
  DescentTask(const LayerProblem& problem, const Codebook& book, const StripeTask& task,
              StripedMatrix<uint8_t>& codes)
      : problem_(problem),
        book_(book),
        task_(task),
        columns_(problem.stripes.columns),
        errors_(task.count() * columns_ * kStripe),
        codes_(codes.Stripe(task.group, task.begin)) {
    for (int64_t s = 0; s < task.count(); ++s) SetErrors(s, 0, columns_);
  }

  void Run(int sweeps, Moves moves) {
    moved_.assign(task_.count(), 1);
    for (int sweep = 0; sweep < sweeps && std::ranges::any_of(moved_, IsMoved); ++sweep) {
      active_ = std::exchange(moved_, std::vector<int64_t>(task_.count()));
      // Chains end at a block's ends, which are others in every second sweep.
      const bool shifted = moves == Moves::kChains && sweep % 2 == 1;
      int64_t begin = 0, end = std::min(shifted ? kBlock / 2 : kBlock, columns_);
      for (; begin < columns_; begin = end, end = std::min(end + kBlock, columns_)) {
        SweepBlock(begin, end, moves);
      }
    }
  }

 private:
  static bool IsMoved(int64_t moves) { return moves > 0; }

  int64_t LaneOf(int64_t s) const {
    return problem_.stripes.LaneOf(task_.group, (task_.begin + s) * kStripe);
  }
  const float* TargetOf(int64_t s) const {
    return problem_.target.Stripe(task_.group, task_.begin + s);
  }

  // Of columns [begin, end) of a stripe.
  void SetErrors(int64_t s, int64_t begin, int64_t end) {
    const float* target = TargetOf(s);
    const int64_t start = s * columns_ * kStripe, lane = LaneOf(s);
    for (int64_t i = begin * kStripe; i < end * kStripe; ++i) {
      errors_[start + i] = book_.Value(lane + i % kStripe, codes_[start + i]) - target[i];
    }
  }

  void SweepBlock(int64_t begin, int64_t end, Moves moves) {
    const LowerTriangle<float>& matrix = problem_.groups[task_.group].covariance.actual;
    PackSymmetric(matrix, begin, end, work_->panel);
    SetDescent(matrix, problem_.options.descent_damping, begin, end, work_->square);
    for (int64_t s = 0; s < task_.count(); ++s) {
      if (active_[s] == 0) continue;
      SetPull(s, begin, end);
      moved_[s] += moves == Moves::kChains ? MoveByChains(s, begin, end) : Move(s, begin);
    }
  }

  void SetPull(int64_t s, int64_t begin, int64_t end) {
    const int64_t start = s * columns_ * kStripe, at = start + begin * kStripe;
    std::fill_n(work_->product, kBlock * kStripe, 0.0);
    AddProduct(work_->panel, errors_.data() + start, work_->product);
    for (int64_t i = 0; i < (end - begin) * kStripe; ++i) {
      work_->pull[i] = static_cast<float>(work_->product[i] +
                                          problem_.options.descent_damping * errors_[at + i]);
    }
  }

  int64_t Move(int64_t s, int64_t begin) {
    const int64_t at = (s * columns_ + begin) * kStripe;
    return RoundBlock(
        work_->square, book_, LaneOf(s),
        {TargetOf(s) + begin * kStripe, errors_.data() + at, work_->pull, codes_ + at});
  }

  int64_t MoveByChains(int64_t s, int64_t begin, int64_t end) {
    const int64_t at = (s * columns_ + begin) * kStripe;
    int64_t moved = 0;
    for (int64_t i = 0; i < kStripe; ++i) {
      if (!problem_.stripes.IsOutput(LaneOf(s) + i)) continue;
      moved +=
          ChainBlock(work_->square, book_, LaneOf(s) + i, work_->pull + i, codes_ + at + i).Run();
    }
    if (moved > 0) SetErrors(s, begin, end);
    return moved;
  }

  struct Work {
    Panel<float> panel;
    BlockSquare square;
    double product[kBlock * kStripe];
    float pull[kBlock * kStripe];
  };

  const LayerProblem& problem_;
  const Codebook& book_;
  StripeTask task_;
  int64_t columns_;
  std::vector<float> errors_;  // Of the task's stripes.
  uint8_t* codes_;
  std::vector<int64_t> active_, moved_;  // By stripe: moves of the last sweep and of this one.
  std::unique_ptr<Work> work_ = std::make_unique<Work>();
};

}  // namespace

void Descend(const LayerProblem& problem, const Codebook& book, int sweeps,
             StripedMatrix<uint8_t>& codes) {
  ForEachTask(problem.stripes, [&](const StripeTask& task) {
    DescentTask(problem, book, task, codes).Run(sweeps, Moves::kSingle);
  });
}

void DescendByChains(const LayerProblem& problem, const Codebook& book, int sweeps,
                     StripedMatrix<uint8_t>& codes) {
  ForEachTask(problem.stripes, [&](const StripeTask& task) {
    DescentTask(problem, book, task, codes).Run(sweeps, Moves::kChains);
  });
}

}  // namespace nbits
