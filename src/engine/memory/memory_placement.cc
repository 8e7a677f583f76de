// SPDX-License-Identifier: Apache-2.0
#include "engine/memory/memory_placement.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace nbits {
namespace {

// More than this many pieces are placed in one order only: a second costs time that grows with
// their square.
constexpr size_t kManyPieces = 4096;

// Offsets of a body [begin, end] (both excluded) at which it would collide.
struct Forbidden {
  int64_t begin, end;
};

bool MeetInTime(const Piece& a, const Piece& b) { return a.first <= b.last && b.first <= a.last; }

int FirstStep(const Body& body) {
  int first = std::numeric_limits<int>::max();
  for (const Piece& piece : body.pieces) first = std::min(first, piece.first);
  return first;
}

int64_t Extent(const Body& body) {
  int64_t extent = 0;
  for (const Piece& piece : body.pieces) extent = std::max(extent, piece.offset + piece.bytes);
  return extent;
}

// Bytes times steps.
double Area(const Body& body) {
  double area = 0;
  for (const Piece& piece : body.pieces) {
    area += static_cast<double>(piece.bytes) * (piece.last - piece.first + 1);
  }
  return area;
}

// `placed` holds pieces at their place in the arena.
int64_t LowestOffset(const Body& body, const std::vector<Piece>& placed, int64_t alignment) {
  std::vector<Forbidden> forbidden;
  for (const Piece& other : placed) {
    for (const Piece& own : body.pieces) {
      if (!MeetInTime(own, other)) continue;
      forbidden.push_back(
          {other.offset - own.offset - own.bytes, other.offset + other.bytes - own.offset});
    }
  }
  std::ranges::sort(forbidden, {}, &Forbidden::begin);
  int64_t offset = 0;
  for (const Forbidden& range : forbidden) {
    if (range.begin >= offset) break;
    if (range.end > offset) offset = (range.end + alignment - 1) / alignment * alignment;
  }
  return offset;
}

// Places the bodies in `order`. Returns the arena's size.
int64_t PlaceInOrder(std::vector<Body>& bodies, const std::vector<size_t>& order,
                     bool in_order_of_time, int64_t alignment) {
  std::vector<Piece> placed;
  int64_t size = 0;
  for (size_t index : order) {
    Body& body = bodies[index];
    if (in_order_of_time) {
      std::erase_if(placed,
                    [now = FirstStep(body)](const Piece& piece) { return piece.last < now; });
    }
    body.offset = LowestOffset(body, placed, alignment);
    for (Piece piece : body.pieces) {
      piece.offset += body.offset;
      placed.push_back(piece);
      size = std::max(size, piece.offset + piece.bytes);
    }
  }
  return size;
}

template <typename Key>
std::vector<size_t> OrderBy(const std::vector<Body>& bodies, const Key& key) {
  std::vector<size_t> order(bodies.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return key(bodies[a]) < key(bodies[b]); });
  return order;
}

}  // namespace

int64_t PlaceBodies(std::vector<Body>& bodies, int64_t alignment) {
  size_t pieces = 0;
  for (const Body& body : bodies) pieces += body.pieces.size();
  int64_t best = PlaceInOrder(bodies, OrderBy(bodies, FirstStep), true, alignment);
  if (pieces > kManyPieces) return best;
  for (const auto& order : {OrderBy(bodies, [](const Body& body) { return -Extent(body); }),
                            OrderBy(bodies, [](const Body& body) { return -Area(body); })}) {
    std::vector<Body> other = bodies;
    const int64_t size = PlaceInOrder(other, order, false, alignment);
    if (size >= best) continue;
    best = size;
    bodies = std::move(other);
  }
  return best;
}

int64_t LivenessBound(const std::vector<Body>& bodies) {
  std::map<int, int64_t> change;  // Of the bytes in use, by step.
  for (const Body& body : bodies) {
    // Bytes of overlapping pieces count once: sweep the body's own steps and offsets.
    std::vector<int> steps;
    for (const Piece& piece : body.pieces) {
      steps.push_back(piece.first);
      steps.push_back(piece.last + 1);
    }
    std::ranges::sort(steps);
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    std::vector<Piece> pieces = body.pieces;
    std::ranges::sort(pieces, {}, &Piece::offset);
    int64_t before = 0;
    for (int step : steps) {
      int64_t used = 0, end = std::numeric_limits<int64_t>::min();
      for (const Piece& piece : pieces) {
        if (step < piece.first || step > piece.last) continue;
        used += std::max<int64_t>(0, piece.offset + piece.bytes - std::max(end, piece.offset));
        end = std::max(end, piece.offset + piece.bytes);
      }
      change[step] += used - before;
      before = used;
    }
  }
  int64_t now = 0, most = 0;
  for (const auto& [step, difference] : change) most = std::max(most, now += difference);
  return most;
}

}  // namespace nbits
