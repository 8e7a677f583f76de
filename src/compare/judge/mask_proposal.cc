// SPDX-License-Identifier: Apache-2.0
#include "compare/judge/mask_proposal.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nbits {
namespace {

constexpr double kLeastOverlap = 0.05;  // Below it an id is not what a class finds.
constexpr double kWorthIt = 2;          // Times the mean IoU of ids as they are.
constexpr double kLeastMeanIou = 0.1;
constexpr int kIgnored = -1;

struct Sums {
  std::vector<int64_t> truth, predicted;  // Pixels by mask id, and by class.
};

Sums SumsOf(const ConfusionMatrix& matrix) {
  const size_t classes = static_cast<size_t>(matrix.classes());
  Sums sums{std::vector<int64_t>(classes), std::vector<int64_t>(classes)};
  for (int id = 0; id < matrix.classes(); ++id) {
    for (int found = 0; found <= matrix.classes(); ++found) {
      const int64_t pixels = matrix.count(id, found);
      sums.truth[static_cast<size_t>(id)] += pixels;
      if (found < matrix.classes()) sums.predicted[static_cast<size_t>(found)] += pixels;
    }
  }
  return sums;
}

// The class that mask id `id` overlaps with most.
int BestClass(const ConfusionMatrix& matrix, const Sums& sums, int id) {
  int best = kIgnored;
  double most = kLeastOverlap;
  for (int found = 0; found < matrix.classes(); ++found) {
    const double both = static_cast<double>(matrix.count(id, found));
    const double either = static_cast<double>(sums.truth[static_cast<size_t>(id)] +
                                              sums.predicted[static_cast<size_t>(found)]) -
                          both;
    if (both <= most * either) continue;
    most = both / either;
    best = found;
  }
  return best;
}

// Of the pixels that are not ignored, with their ids as `map` says.
double MeanIouUnder(const ConfusionMatrix& matrix, const std::vector<int>& map) {
  ConfusionMatrix mapped(matrix.classes());
  for (int id = 0; id < matrix.classes(); ++id) {
    const int to = map[static_cast<size_t>(id)];
    for (int found = 0; to != kIgnored && found <= matrix.classes(); ++found) {
      if (!mapped.AddCount(to, found, matrix.count(id, found)).ok()) return 0;
    }
  }
  return mapped.MeanIou().value_or(0);
}

}  // namespace

std::optional<std::string> ProposeMaskMap(const ConfusionMatrix& original) {
  const Sums sums = SumsOf(original);
  std::vector<int> map(static_cast<size_t>(original.classes()));
  std::vector<std::string> parts;
  for (int id = 0; id < original.classes(); ++id) {
    const bool occurs = sums.truth[static_cast<size_t>(id)] > 0;
    const int to = occurs ? BestClass(original, sums, id) : id;
    map[static_cast<size_t>(id)] = to;
    if (to == id) continue;
    parts.push_back(to == kIgnored ? absl::StrCat(id, "=ignore") : absl::StrCat(id, "=", to));
  }
  const double before = original.MeanIou().value_or(0);
  const double after = MeanIouUnder(original, map);
  if (parts.empty() || after < std::max(kLeastMeanIou, kWorthIt * before)) return std::nullopt;
  return absl::StrJoin(parts, ",");
}

}  // namespace nbits
