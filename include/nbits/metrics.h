// SPDX-License-Identifier: Apache-2.0
// Measures of how good an output is, and how near to the original model's.
#ifndef NBITS_METRICS_H_
#define NBITS_METRICS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/class_map.h"
#include "nbits/detection.h"
#include "nbits/export.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

// Pixel counts by true and predicted class, from which every segmentation measure follows. Add the
// maps of all pictures to one matrix for a data set's figures. All measures are fractions 0..1, as
// PASCAL VOC's segmentation challenge defines them (Everingham et al., IJCV 88, 2010); scikit-learn
// calls them confusion_matrix, jaccard_score and accuracy_score.
//
// Example:
//   nbits::ClassMap truth{1, 4, {0, 0, 1, 1}}, predicted{1, 4, {0, 1, 1, 1}};
//   nbits::ConfusionMatrix pixels(2);
//   if (absl::Status added = pixels.Add(truth, predicted); !added.ok()) return added;
//   assert(pixels.PixelAccuracy() == 3.0 / 4);
//   assert(pixels.ClassIou()[0] == 1.0 / 2 && pixels.ClassIou()[1] == 2.0 / 3);
class ConfusionMatrix {
 public:
  // `classes` is 1..256; ids are 0..classes - 1.
  explicit ConfusionMatrix(int classes);

  // Counts every pixel whose true id is not kIgnoredClass. InvalidArgument when sizes differ or a
  // true id is not a class. A predicted id that is not a class counts as a miss.
  absl::Status Add(const ClassMap& truth, const ClassMap& predicted);
  void Merge(const ConfusionMatrix& other);  // Of as many classes.
  // Adds `pixels` of true class `truth` predicted as `predicted` (<= classes()). InvalidArgument
  // for ids beyond, for a negative count, and where one of more than kMostPixels would come of it.
  absl::Status AddCount(int64_t truth, int64_t predicted, int64_t pixels);
  static constexpr int64_t kMostPixels = int64_t{1} << 40;  // So that thousands can be merged.

  int classes() const { return classes_; }
  // Pixels of true class `truth` that were predicted as `predicted` (== classes(): as no class).
  int64_t count(int truth, int predicted) const;
  int64_t total() const;

  // Intersection over union per class; none for classes that occur in neither.
  std::vector<std::optional<double>> ClassIou() const;
  // Mean of ClassIou over the classes that occur; none when nothing was counted.
  std::optional<double> MeanIou() const;
  // Share of counted pixels whose class is right.
  std::optional<double> PixelAccuracy() const;

 private:
  int classes_;
  std::vector<int64_t> counts_;  // [truth, predicted], classes x (classes + 1).
};

// Intersection over union of the pixels that have `id` (true 255 ignored; ids beyond are simply
// other); 1 when neither map has any. InvalidArgument when sizes differ.
absl::StatusOr<double> BinaryIou(const ClassMap& truth, const ClassMap& predicted, uint8_t id = 1);

// Share of pixels that are equal in both. InvalidArgument when sizes differ or are 0.
absl::StatusOr<double> Agreement(const ClassMap& a, const ClassMap& b);
// Mean IoU of `b` with `a` for truth, over the classes that occur in either. Errors as Agreement's.
absl::StatusOr<double> AgreementMeanIou(const ClassMap& a, const ClassMap& b);

// Boundary F measure: F1 of the boundary pixels (those with a right or lower neighbour of another
// class) of each map that lie within `tolerance` pixels (Euclidean) of one of the other's; 1 when
// neither map has a boundary. No tolerance: BoundaryTolerance of the maps' size. Csurka et al.,
// "What is a good evaluation measure for semantic segmentation?", 2013, without its split into
// classes. Ignored true pixels have no boundary. InvalidArgument when sizes differ.
absl::StatusOr<double> BoundaryF(const ClassMap& truth, const ClassMap& predicted,
                                 std::optional<double> tolerance = std::nullopt);
// 0.75 % of the diagonal in pixels, the share that Csurka et al. use, and at least one: the same
// outlines have the same measure whatever the maps' size.
double BoundaryTolerance(int width, int height);

// Indices of the `count` largest values (fewer if there are fewer), largest first, equals in order
// of index, NaN last.
std::vector<int> TopIndices(std::span<const float> values, int count);
// Whether `index` is among the `count` largest of `values`. With the original's best class for
// `index` this is the top-k agreement, with the true class the top-k accuracy of one sample.
bool InTop(std::span<const float> values, int index, int count);

// Values of one output that are no finite numbers. Whatever is computed from such an output (a
// class, an agreement, a decibel) means nothing or little.
//
// Example:
//   nbits::TensorMap outputs = {{"mask", {{4}, {0.5f, NAN, INFINITY, NAN}}}, {"size", {{1}, {7}}}};
//   auto found = nbits::CountNonFinite(outputs);
//   assert(found.size() == 1 && found.at("mask").nan == 2 && found.at("mask").infinite == 1);
//   assert(nbits::NonFiniteText(found) == "output 'mask': 2 NaN and 1 infinite of 4 values");
struct NonFiniteCount {
  int64_t nan = 0, infinite = 0;  // Of either sign.
  int64_t values = 0;             // All of the output, finite ones included.

  bool any() const { return nan > 0 || infinite > 0; }
};
NonFiniteCount CountNonFinite(std::span<const float> values);
// The outputs that have any, by name; empty when all values are finite.
std::map<std::string, NonFiniteCount> CountNonFinite(const TensorMap& outputs);
// For a message; of several outputs, one after the other with "; " between. Empty for none.
std::string NonFiniteText(const std::map<std::string, NonFiniteCount>& found);

// Difference of a variant's array from the original's. With e = original - variant:
//   SNR = 10 log10(sum(original^2) / sum(e^2)) dB,
//   PSNR = 10 log10(n max(original^2) / sum(e^2)) dB,
// with 1e-12 of the signal (of the peak) added to the noise, so that 120 dB is the most: Float32
// tells no more apart. Neither depends on the unit of the arrays. Equal arrays: infinity; an
// original of zeros, or NaN or infinity on one side only: -infinity.
//
// coremltools 7.2's compare_models, which coremltools_... follow in double precision, takes signal
// and peak from the variant and adds 1e-7 to sum(e^2) / n, whatever the arrays' unit.
struct ArrayDifference {
  double snr_db = 0, psnr_db = 0;
  double coremltools_snr_db = 0, coremltools_psnr_db = 0;
  double max_difference = 0;           // Largest |e|.
  double max_relative_difference = 0;  // The same / largest |original| (/ 1 if that is 0).
  // What these follow from, so that figures of several arrays can be had.
  int64_t count = 0;
  double noise = 0, signal = 0;  // sum(e^2), sum(original^2) of finite values,
  double peak = 0;               // and the largest |original| of them.
};
// InvalidArgument when element counts differ or are 0. NaN on one side only counts as an infinite
// difference, on both as none.
absl::StatusOr<ArrayDifference> CompareArrays(const Tensor& original, const Tensor& variant);

// Decibels of a noise power below a signal's or a peak's: as of ArrayDifference.
double DecibelsBelow(double noise, double reference);

// Boxes found, set against those expected, over any number of pictures. In each picture the boxes
// found are taken by falling confidence; each is right that overlaps an expected one of its class
// by an intersection over union of kMatchingIou, the one among those not taken yet that it overlaps
// most. All measures are fractions 0..1.
//
// Example:
//   nbits::Detection cat{.class_id = 1, .confidence = 0.9, .x = 0.5, .y = 0.5};
//   cat.width = cat.height = 0.2;
//   nbits::DetectionMatches matches;
//   matches.Add({cat}, {cat});
//   assert(matches.MeanAveragePrecision() == 1.0 && matches.Recall() == 1.0);
struct DetectionMatches {
  static constexpr double kMatchingIou = 0.5;

  struct Found {
    int class_id = 0;
    double confidence = 0;
    bool right = false;
  };
  std::vector<Found> found;
  std::map<int, int64_t> expected;  // Boxes per class.

  void Add(const std::vector<Detection>& expected, const std::vector<Detection>& found);
  void Merge(const DetectionMatches& other);

  // Mean over the classes that were expected of the area under precision by recall, where precision
  // is the best at that recall or a higher one (PASCAL VOC's of 2010 and later); none when nothing
  // was expected.
  std::optional<double> MeanAveragePrecision() const;
  // Of the boxes found those that are right; none when none were found.
  std::optional<double> Precision() const;
  // Of the boxes expected those that were found; none when none were expected.
  std::optional<double> Recall() const;
  // 2 right / (found + expected); 1 when there are neither.
  double F1() const;
};

}  // namespace nbits

#endif  // NBITS_METRICS_H_
