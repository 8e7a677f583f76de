// SPDX-License-Identifier: Apache-2.0
// All of nbits in one header.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   auto report = nbits::Compress(*model, {.bits = 4});
//   if (!report.ok()) return report.status();
//   auto engine = nbits::Engine::Create(*model);
//   if (!engine.ok()) return engine.status();
//   const nbits::FeatureDescription& image = model->description().inputs[0];
//   auto input = nbits::ReadInput(image, "photo.jpg");
//   if (!input.ok()) return input.status();
//   auto outputs = engine->Run({{image.name, *input}});
//   if (!outputs.ok()) return outputs.status();
//   return model->Save("model-4.mlmodel");
#ifndef NBITS_NBITS_H_
#define NBITS_NBITS_H_

#include "nbits/class_map.h"
#include "nbits/compare.h"
#include "nbits/compress.h"
#include "nbits/detection.h"
#include "nbits/engine.h"
#include "nbits/fold.h"
#include "nbits/forms.h"
#include "nbits/image.h"
#include "nbits/input.h"
#include "nbits/memory_limit.h"
#include "nbits/metrics.h"
#include "nbits/model.h"
#include "nbits/npy.h"
#include "nbits/packed_tensor.h"
#include "nbits/plan.h"
#include "nbits/predictor.h"
#include "nbits/quantize.h"
#include "nbits/report.h"
#include "nbits/results.h"
#include "nbits/target.h"
#include "nbits/tensor.h"
#include "nbits/version.h"

#endif  // NBITS_NBITS_H_
