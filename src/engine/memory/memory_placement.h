// SPDX-License-Identifier: Apache-2.0
// Packs what lives at different times into one arena.
#ifndef NBITS_ENGINE_MEMORY_MEMORY_PLACEMENT_H_
#define NBITS_ENGINE_MEMORY_MEMORY_PLACEMENT_H_

#include <cstdint>
#include <vector>

namespace nbits {

// Bytes [offset, offset + bytes) in use from step `first` to step `last`, both included.
struct Piece {
  int64_t offset = 0, bytes = 0;
  int first = 0, last = 0;
};

// Pieces whose distances are fixed: only the whole can be moved. Other bodies may use the gaps
// between its pieces, in space and in time.
struct Body {
  std::vector<Piece> pieces;  // Offsets from the body's start.
  int64_t offset = 0;         // The body's start in the arena: the result.
};

// Gives every body an offset (a multiple of `alignment`) such that no two pieces of different
// bodies share bytes while both are in use. Tries several orders, each body into the lowest place
// that is free, and keeps the best. Returns the arena's size.
int64_t PlaceBodies(std::vector<Body>& bodies, int64_t alignment);

// The most bytes in use at one step: no placement needs fewer. Offsets of a body's own pieces tell
// which of its bytes are used twice.
int64_t LivenessBound(const std::vector<Body>& bodies);

}  // namespace nbits

#endif  // NBITS_ENGINE_MEMORY_MEMORY_PLACEMENT_H_
