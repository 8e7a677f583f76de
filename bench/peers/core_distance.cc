// SPDX-License-Identifier: Apache-2.0
// Prints how long a cache line takes from one core to another, in nanoseconds: a few tens between
// cores of one third-level cache, a hundred and more between others. A virtual machine may be moved
// from the one to the other at any time, and programs that share data between threads feel it.
#include "base/threads/core_distance.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/threads/parallel.h"

int main() {
  nbits::OnTeam(2, [](int) {});  // Starts the threads, which takes longer than one waits for them.
  std::array<double, 5> distances;
  std::generate(distances.begin(), distances.end(), [] { return nbits::CoreDistance(2); });
  std::nth_element(distances.begin(), distances.begin() + 2, distances.end());
  std::printf("%.0f\n", distances[2]);
}
