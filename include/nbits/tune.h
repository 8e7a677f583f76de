// SPDX-License-Identifier: Apache-2.0
// Calibrated quantization: what a plan stores of each weight is chosen by what the network's layers
// really read, on a few pictures without labels.
//
// The network is walked layer by layer, twice in step: as it is, and with its earlier layers
// quantized already. Of what a layer reads in both, the second moments are gathered at some output
// positions; from them follow, in closed form, the best weights for the inputs that the layer will
// get, their grids or table, their rounding, and the bias (src/quantize/calibrate/calibrator.h has
// the formulas and their sources). One in five pictures takes no part in that: where a layer's
// output on these is no better than with plain rounding, the plain one is taken.
//
// Convolutions, transposed ones, inner products and products with constant matrices, grouped or
// not, are calibrated. Other weights (recurrent layers, embeddings, constants, what has no fixed
// shape) are quantized as the plan says, without pictures, and so are the layers of branches and
// loops.
#ifndef NBITS_TUNE_H_
#define NBITS_TUNE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/export.h"
#include "nbits/input.h"
#include "nbits/model.h"
#include "nbits/plan.h"

namespace nbits NBITS_EXPORT {

// As many as the prototype of the method was measured with; others have not been tried.
inline constexpr int kCalibrationPictures = 32;
// Output positions of a layer whose inputs are looked at, over all pictures that calibrate.
inline constexpr int64_t kCalibrationPositions = 4096;
// Bytes of values between layers that stay in memory; what is more goes to a temporary file.
inline constexpr int64_t kCalibrationHeldBytes = int64_t{256} << 20;

// Depthwise convolutions have few weights and lose most by few bits: below so many, they get 8.
inline constexpr int kFewBits = 6;
// CompressOptions::depthwise_bits where a model of `bits` is calibrated.
constexpr int DepthwiseBits(int bits) { return bits > 0 && bits < kFewBits ? 8 : 0; }

struct CalibrationOptions {
  // A folder of JPEG and PNG files, or of folders of them, for a model whose only needed input is a
  // picture; or of files (.npy, PNG, JPEG) for its only input; or of folders with a file NAME.npy,
  // NAME.png or NAME.jpg for each input; or one such file.
  std::string samples;
  // How pictures become inputs. All have one shape: the model's default size unless one is given.
  PictureOptions pictures = {.size = PictureOptions::Size::kDefault};
  int limit = kCalibrationPictures;  // At most so many, the first by name; 0: all.
  int64_t positions = kCalibrationPositions;
  int64_t held_bytes = kCalibrationHeldBytes;
  int threads = 0;         // 0: one per core. The result does not depend on it.
  std::string model = {};  // The model's file, for messages.

  // Looked at between layers: when it becomes true, Calibrate ends with Aborted.
  const std::atomic<bool>* interrupted = nullptr;
  // Called with the share of the work that is done, 0..1, and the layer that comes next.
  std::function<void(double done, const std::string& layer)> progress = nullptr;
};

enum class CalibrationOutcome : uint8_t {
  kCalibrated,
  kPlain,     // On the pictures held back, plain rounding was as good or better.
  kDataFree,  // Quantized without pictures.
};

// What became of one weight that the plan quantizes.
struct CalibratedWeight {
  std::string path, layer;
  CalibrationOutcome outcome = CalibrationOutcome::kDataFree;
  std::string reason = {};  // kDataFree, and kPlain where nothing could be calculated.
  // Of the layer's outputs behind the quantized layers before it, against the original network's,
  // on the pictures held back: sum of squared errors over sum of squares. Not for kDataFree.
  double plain_error = 0, calibrated_error = 0;
};

struct CalibrationReport {
  std::vector<std::string> pictures;   // Names of those that calibrated.
  std::vector<std::string> held_back;  // With less than five pictures: all of them.
  std::vector<std::pair<std::string, std::string>> skipped;  // Name and reason.
  std::vector<CalibratedWeight> weights;                     // In the model's order.
  int64_t spilled_bytes = 0;  // Most that stood in the temporary file.
};

// Hashes of the files that Calibrate would read, to see whether others are among them. Errors are
// those of listing them.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   auto hashes = nbits::CalibrationHashes(*model, {.samples = "photos"});
//   if (!hashes.ok()) return hashes.status();
//   assert(hashes->size() == 1);
absl::StatusOr<std::vector<uint64_t>> CalibrationHashes(const Model& model,
                                                        const CalibrationOptions& options);

// Fills in PlanEntry::patch where calibrating helps; ApplyPlan then stores that. `model` is folded
// as the plan says (Prepare in nbits/compress.h); `plan` is for it. The same pictures give the same
// patches on any number of threads. Unimplemented: pipelines, ML Programs, and models that are no
// networks; InvalidArgument: the model does not take what the folder holds; NotFound: there is
// nothing in it; ResourceExhausted: no memory, or no room for the temporary file; Aborted:
// `interrupted`.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   auto plan = nbits::Prepare(*model, {.bits = 4});
//   if (!plan.ok()) return plan.status();
//   auto report = nbits::Calibrate(*model, {.samples = "photos"}, *plan);
//   if (!report.ok()) return report.status();
//   return nbits::ApplyPlan(*model, *plan).status();
absl::StatusOr<CalibrationReport> Calibrate(const Model& model, const CalibrationOptions& options,
                                            Plan& plan);

}  // namespace nbits

#endif  // NBITS_TUNE_H_
