// Results: the one table from which every output of a comparison is drawn. Mirrors docs/results.md.
#ifndef NBITS_RESULTS_H_
#define NBITS_RESULTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nbits {

// Fractions are 0..1; nullopt: not measured, or without a finite value.
struct ResultMetrics {
  std::optional<double> agreement;               // Pixels, or elements, that equal the original's.
  std::optional<double> agreement_miou;          // Mean IoU with the original's masks as the truth.
  std::optional<double> miou, pixel_accuracy;    // Against the given masks.
  std::vector<std::optional<double>> class_iou;  // One per class; against the given masks.
  std::optional<double> top1;                    // Against the class in the file's name.
  std::optional<double> top1_agreement, top5_agreement;
  std::optional<double> snr_db, psnr_db;
  std::optional<double> max_relative_difference;  // max |difference| / max |original|.
};

struct VariantResult {
  std::string name, file;
  bool is_original = false;
  std::optional<int> bits;          // Of most of the weights; nullopt when unknown.
  std::optional<std::string> mode;  // "float32", "linear", ...
  int64_t bytes = 0;                // Of the file.
  std::optional<double> load_ms;
  std::vector<double> times_ms;                        // One per timed run, in order.
  std::optional<double> median_ms, min_ms, spread_ms;  // Spread: interquartile range.
  std::optional<int64_t> peak_memory_bytes;
  ResultMetrics metrics;
  std::optional<std::string> error;  // One line, when the variant failed.
};

struct RankedLabel {
  std::string label;
  double probability = 0;
};

// What one variant gave for one picture. Paths are relative to the results' folder.
struct PictureOutput {
  std::optional<double> agreement, miou;
  std::optional<std::string> ids;    // Segmentation: 8-bit grey PNG of class ids.
  std::optional<std::string> image;  // Image to image: the picture.
  std::vector<RankedLabel> top;      // Classification: the best five.
};

struct PictureResult {
  std::string name;
  int width = 0, height = 0;  // Of the model's input.
  std::string image;
  std::optional<std::string> ground_truth;  // 8-bit grey PNG of class ids, 255 = ignore.
  std::vector<PictureOutput> outputs;       // One per variant, in the same order.
};

struct SkippedFile {
  std::string file, reason;
};

struct Results {
  std::string created;  // ISO 8601, UTC.
  std::string nbits_version;
  std::string cpu;
  int cores = 0, threads = 0;
  std::string model_name, model_type, input;
  std::string task;  // "segmentation", "classification", "image_to_image" or "arrays".
  std::vector<std::string> labels, colors;  // Per class; colours as "#rrggbb".
  int background_id = 0;
  double time_ratio_spread = 0;  // How far two processes of the original differ: |ratio - 1|.
  std::vector<VariantResult> variants;  // The original first.
  std::vector<PictureResult> pictures;
  std::vector<SkippedFile> skipped;
};

}  // namespace nbits

#endif  // NBITS_RESULTS_H_
