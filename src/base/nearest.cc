// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <algorithm>
#include <array>
#include <compare>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace nbits {
namespace {

constexpr size_t kLongestCompared = 64, kMostNames = 10000;
constexpr size_t kLeastContained = 3;  // Shorter words are in everything.

std::string Folded(absl::string_view text) {
  std::string folded = absl::AsciiStrToLower(text.substr(0, kLongestCompared));
  for (char& c : folded) {
    if (c == '-' || c == ' ') c = '_';
  }
  return folded;
}

using Row = std::array<int, kLongestCompared + 1>;

// One line of the table of distances between all beginnings of two words.
void NextRow(const std::string& a, const std::string& b, size_t i, const Row& before_last,
             const Row& last, Row& row) {
  row[0] = static_cast<int>(i);
  for (size_t j = 1; j <= b.size(); ++j) {
    const int replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
    row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
    const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
    if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
  }
}

// Distances of `a` to all beginnings of `b`, that of length j at j.
Row Distances(const std::string& a, const std::string& b) {
  Row before_last = {}, last = {}, row = {};
  for (size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    NextRow(a, b, i, before_last, last, row);
    before_last = std::exchange(last, row);
  }
  return last;
}

int FoldedDistance(const std::string& a, const std::string& b) { return Distances(a, b)[b.size()]; }

// How far `word` is from a mistyped `name`, one more from a mistyped beginning of it.
int SlipDistance(const std::string& word, const std::string& name) {
  constexpr size_t kLeastBeginning = 4;
  const Row distances = Distances(word, name);
  const int whole = distances[name.size()];
  if (word.size() < kLeastBeginning) return whole;
  const auto end = distances.begin() + static_cast<std::ptrdiff_t>(name.size());
  return std::min(whole, *std::min_element(distances.begin(), end + 1) + 1);
}

bool Contains(const std::string& a, const std::string& b) {
  const auto [shorter, longer] =
      std::minmax(a, b, [](const auto& x, const auto& y) { return x.size() < y.size(); });
  return shorter.size() >= kLeastContained && absl::StrContains(longer, shorter);
}

struct Candidate {
  int distance;
  size_t index;
  auto operator<=>(const Candidate&) const = default;
};

std::vector<std::string> Best(std::vector<Candidate> candidates,
                              const std::vector<std::string>& known, size_t most) {
  const size_t count = std::min(most, candidates.size());
  const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(candidates.begin(), end, candidates.end());
  std::vector<std::string> names;
  std::for_each(candidates.begin(), end,
                [&](const Candidate& each) { names.push_back(known[each.index]); });
  return names;
}

}  // namespace

int LetterDistance(absl::string_view a, absl::string_view b) {
  return FoldedDistance(Folded(a), Folded(b));
}

std::vector<std::string> LikelyMeant(absl::string_view word, const std::vector<std::string>& known,
                                     size_t most) {
  const std::string folded = Folded(word);
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < known.size(); ++i) {
    const std::string name = Folded(known[i]);
    int distance = SlipDistance(folded, name);
    const int length = static_cast<int>(std::min(folded.size(), name.size()));
    const int slips = std::max(1, (length + 1) / 3);
    if (Contains(folded, name)) distance = std::min(distance, slips);
    const bool begins = folded.size() > 1 && name.starts_with(folded);
    const bool alike = distance <= slips && distance < length;
    if (alike || begins) candidates.push_back({distance, i});
  }
  return Best(std::move(candidates), known, most);
}

std::vector<std::string> NearestNames(absl::string_view word, const std::vector<std::string>& known,
                                      size_t most) {
  const std::string folded = Folded(word);
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < std::min(known.size(), kMostNames); ++i) {
    const std::string name = Folded(known[i]);
    const int distance = FoldedDistance(folded, name);
    const int away = static_cast<int>(kLongestCompared);
    candidates.push_back({Contains(folded, name) ? distance : distance + away, i});
  }
  return Best(std::move(candidates), known, most);
}

}  // namespace nbits
