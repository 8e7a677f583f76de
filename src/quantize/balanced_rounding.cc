// SPDX-License-Identifier: Apache-2.0
#include "quantize/balanced_rounding.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/threads/parallel.h"
#include "tensor/bit_pack.h"
#include "tensor/packing.h"

namespace nbits {
namespace {

// Of one code to its neighbour.
struct Move {
  int64_t element = 0;
  int step = 0;         // +1 or -1.
  double distance = 0;  // Between the two entries.
  double rate = 0;      // What it adds to the squared error, by distance.
  double gain = 0;      // What it takes from the weighted square of the channel's sum.

  double price() const { return rate * distance; }
};

bool IsCheaper(const Move& a, const Move& b) {
  return a.rate != b.rate ? a.rate < b.rate : a.element < b.element;
}

// The cheapest moves seen, as few as together reach a distance.
class CheapestMoves {
 public:
  explicit CheapestMoves(double distance) : missing_(distance) {}

  bool Wants(double rate) const { return missing_ > 0 || rate < heap_.front().rate; }

  void Add(const Move& move) {
    heap_.push_back(move);
    std::push_heap(heap_.begin(), heap_.end(), IsCheaper);
    missing_ -= move.distance;
    while (missing_ + heap_.front().distance <= 0) {
      missing_ += heap_.front().distance;
      std::pop_heap(heap_.begin(), heap_.end(), IsCheaper);
      heap_.pop_back();
    }
  }

  std::vector<Move> Sorted() && {
    std::sort_heap(heap_.begin(), heap_.end(), IsCheaper);
    return std::move(heap_);
  }

 private:
  double missing_;  // Not positive where the distance is reached.
  std::vector<Move> heap_;
};

struct Channel {
  double error_sum = 0, squared_error = 0;
  std::vector<Move> moves;
};

// Keeps of the moves, taken in this order, those that gain more than their price.
void KeepWhatGains(double sum, std::vector<Move>& moves) {
  std::erase_if(moves, [&sum](Move& move) {
    move.gain = kMeanSquareByVariance * move.distance * (2 * sum - move.distance);
    if (move.gain <= move.price()) return true;
    sum -= move.distance;
    return false;
  });
}

class Balancer {
 public:
  Balancer(std::span<const float> values, const ChannelLayout& layout, std::span<const float> table,
           std::span<const uint8_t> codes)
      : values_(values), layout_(layout), table_(table), codes_(codes) {}

  Channel BalanceOne(int64_t index) const {
    Channel channel;
    ForEachElement(index, [&](int64_t i) {
      const double error = ErrorOf(i);
      channel.error_sum += error;
      channel.squared_error += error * error;
    });
    channel.moves = CheapestAgainst(channel.error_sum, index);
    KeepWhatGains(std::abs(channel.error_sum), channel.moves);
    return channel;
  }

 private:
  template <typename Visit>
  void ForEachElement(int64_t channel, const Visit& visit) const {
    const auto elements = static_cast<int64_t>(values_.size());
    ForEachRunOf(layout_, channel, elements, [&visit](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) visit(i);
    });
  }

  double ErrorOf(int64_t i) const { return static_cast<double>(table_[codes_[i]]) - values_[i]; }

  std::vector<Move> CheapestAgainst(double error_sum, int64_t channel) const {
    const int step = error_sum > 0 ? -1 : 1;
    const auto entries = static_cast<int>(table_.size());
    CheapestMoves moves(std::abs(error_sum));
    ForEachElement(channel, [&](int64_t i) {
      const int next = codes_[i] + step;
      if (next < 0 || next >= entries) return;
      const double distance = std::abs(static_cast<double>(table_[next]) - table_[codes_[i]]);
      if (distance >= 2 * std::abs(error_sum)) return;  // Such a move makes the sum larger.
      const double rate = distance + 2 * step * ErrorOf(i);
      if (moves.Wants(rate)) moves.Add({i, step, distance, rate});
    });
    return std::move(moves).Sorted();
  }

  std::span<const float> values_;
  ChannelLayout layout_;
  std::span<const float> table_;
  std::span<const uint8_t> codes_;
};

// The moves of all channels that gain most for their price, within the tensor's budget.
std::vector<Move> WithinBudget(const std::vector<Channel>& channels) {
  std::vector<Move> moves;
  double budget = 0;
  for (const Channel& channel : channels) {
    budget += kLargestGrowth * channel.squared_error;
    moves.insert(moves.end(), channel.moves.begin(), channel.moves.end());
  }
  std::stable_sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) {
    return a.price() * b.gain < b.price() * a.gain;
  });
  const auto is_too_much = [&budget](const Move& move) { return (budget -= move.price()) < 0; };
  moves.erase(std::find_if(moves.begin(), moves.end(), is_too_much), moves.end());
  return moves;
}

}  // namespace

void BalanceChannels(std::span<const float> values, const ChannelLayout& layout,
                     std::span<const float> table, std::span<uint8_t> codes) {
  const Balancer balancer(values, layout, table, codes);
  std::vector<Channel> channels(static_cast<size_t>(layout.channels));
  ParallelFor(layout.channels, [&](int64_t c) { channels[c] = balancer.BalanceOne(c); });
  for (const Move& move : WithinBudget(channels)) {
    codes[move.element] = static_cast<uint8_t>(codes[move.element] + move.step);
  }
}

void BalanceTensor(std::span<const float> values, const ChannelLayout& layout,
                   PackedTensor& tensor) {
  const auto elements = static_cast<int64_t>(values.size());
  std::vector<uint8_t> codes(values.size());
  ForEachTile(elements, [&](int64_t begin, int64_t end) {
    UnpackBits(tensor.bytes.data(), begin, tensor.bits, tensor.bit_order,
               std::span(codes).subspan(begin, end - begin));
  });
  BalanceChannels(values, layout, tensor.table, codes);
  const auto encode = [&codes](int64_t begin, std::span<uint8_t> tile) {
    std::copy_n(codes.begin() + begin, tile.size(), tile.begin());
  };
  EncodePacked(elements, encode, tensor);
}

}  // namespace nbits
