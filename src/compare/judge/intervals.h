// SPDX-License-Identifier: Apache-2.0
// How far a variant's figures might be from the original's on other pictures of the same kind.
#ifndef NBITS_COMPARE_JUDGE_INTERVALS_H_
#define NBITS_COMPARE_JUDGE_INTERVALS_H_

#include <map>
#include <string>
#include <vector>

#include "compare/judge/picture_score.h"
#include "compare/judge/task.h"
#include "nbits/results.h"

namespace nbits {

inline constexpr int kResamples = 1000;

// The 95 % intervals of VariantResult::intervals, for the measures that `measured` has. Both
// models' scores are of the same pictures in the same order: differences are paired, since a
// picture that is hard for the one is hard for the other.
//
// Bootstrap over pictures (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter
// 13): measures of `resamples` choices of as many pictures with repetition, pixels of a class
// summed within each; what lies between the 2.5th and the 97.5th percentile, both stretched away
// from the figure by sqrt(n / (n - 1)) t / 1.96, with t of Student's distribution for n - 1,
// without which intervals of few pictures are too narrow (Hesterberg, The American Statistician 69,
// 2015). Measures that count whole pictures also have the interval of Agresti and Min (Statistics
// in Medicine 24, 2005) inside: of 10 pictures without a change one does not know that none would.
// Of one picture nothing is known: the ends are infinite. The same pictures give the same
// intervals.
std::map<std::string, Interval> IntervalsOf(const Task& task,
                                            const std::vector<const PictureScore*>& original,
                                            const std::vector<const PictureScore*>& variant,
                                            const ResultMetrics& measured, int resamples);

// The 97.5th percentile of Student's distribution.
double StudentsT(int64_t degrees_of_freedom);

}  // namespace nbits

#endif  // NBITS_COMPARE_JUDGE_INTERVALS_H_
