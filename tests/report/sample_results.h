// SPDX-License-Identifier: Apache-2.0
// A small complete Results with hostile names, for the tests of every form it is written in.
#ifndef NBITS_TESTS_REPORT_SAMPLE_RESULTS_H_
#define NBITS_TESTS_REPORT_SAMPLE_RESULTS_H_

#include "nbits/results.h"

namespace nbits {

inline Results SampleResults() {
  Results results;
  results.created = "2026-01-31T12:00:00Z";
  results.nbits_version = "0.1.0";
  results.cpu = "A CPU";
  results.cores = 4;
  results.threads = 2;
  results.model_name = "</script><script>alert(1)</script>";
  results.model_type = "neuralNetwork";
  results.input = "image";
  results.task = "segmentation";
  results.labels = {"background", "person, \"standing\""};
  results.colors = {"#000000", "#ff0000"};
  results.noise_floor.time_ratio_spread = 0.03;
  VariantResult original;
  original.name = "original";
  original.file = "a,b.mlmodel";
  original.is_original = true;
  original.bits = 32;
  original.mode = "float32";
  original.bytes = 8600000;
  original.load_ms = 12.5;
  original.times_ms = {150.25, 148, 151};
  original.median_ms = 150.25;
  original.min_ms = 148;
  original.spread_ms = 3;
  original.peak_memory_bytes = 120000000;
  original.metrics.agreement = 1;
  original.metrics.miou = 0.71;
  original.metrics.class_iou = {0.9, std::nullopt};
  VariantResult failed;
  failed.name = "broken\x1b[2J";
  failed.file = "broken.mlmodel";
  failed.bytes = 2150000;
  failed.error = "the file is truncated";
  results.variants = {original, failed};
  PictureResult picture;
  picture.name = "<!-- one.png";
  picture.width = 513;
  picture.height = 257;
  picture.image = "pictures/0/image.jpg";
  picture.ground_truth = "pictures/0/truth.png";
  picture.outputs.resize(2);
  picture.outputs[0].agreement = 0.998;
  picture.outputs[0].ids = "pictures/0/0.png";
  picture.outputs[0].top = {{"tench", 0.93}};
  picture.outputs[0].points = {"landmarks", {0.1, 0.5}, {0.25, 0.75}, {0.9, 0.2}};
  results.pictures = {picture};
  results.skipped = {{"broken.jpg", "not a JPEG"}};
  return results;
}

}  // namespace nbits

#endif  // NBITS_TESTS_REPORT_SAMPLE_RESULTS_H_
