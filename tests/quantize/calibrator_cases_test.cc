// SPDX-License-Identifier: Apache-2.0
// Errors under H against those of the prototype on the same weights and inputs.
#include <gtest/gtest.h>

#include "nbits/quantize.h"
#include "quantize/calibrate/calibrator.h"
#include "tests/quantize/calibration_inputs.h"

namespace nbits {
namespace {

struct PrototypeErrors {
  CalibrationCase layer;
  int bits;
  double grids, table;
};

// make_calibration_cases.py
const PrototypeErrors kPrototype[] = {
    {{1, 1, 24, 27, 400, 3}, 2, 0.0119423, 0.0426913},
    {{1, 1, 24, 27, 400, 3}, 3, 0.00231873, 0.00873546},
    {{1, 1, 24, 27, 400, 3}, 4, 0.000579062, 0.0014971},
    {{2, 1, 16, 144, 900, 6}, 2, 0.0990442, 0.160499},
    {{2, 1, 16, 144, 900, 6}, 3, 0.0249002, 0.042377},
    {{2, 1, 16, 144, 900, 6}, 4, 0.00670269, 0.00991902},
    {{3, 1, 48, 200, 700, 10}, 2, 0.483669, 0.735034},
    {{3, 1, 48, 200, 700, 10}, 3, 0.120056, 0.185704},
    {{3, 1, 48, 200, 700, 10}, 4, 0.0298684, 0.0472499},
    {{4, 2, 8, 72, 500, 4}, 2, 0.0341385, 0.0644303},
    {{4, 2, 8, 72, 500, 4}, 3, 0.0082834, 0.0169392},
    {{4, 2, 8, 72, 500, 4}, 4, 0.00242693, 0.00454268},
    {{5, 24, 1, 9, 300, 2}, 2, 0.00108295, 0.00664002},
    {{5, 24, 1, 9, 300, 2}, 3, 0.000307033, 0.0015387},
    {{5, 24, 1, 9, 300, 2}, 4, 6.32818e-05, 0.000367179},
    {{6, 1, 40, 96, 60, 5}, 2, 0.060467, 0.109888},
    {{6, 1, 40, 96, 60, 5}, 3, 0.011561, 0.0197164},
    {{6, 1, 40, 96, 60, 5}, 4, 0.00211089, 0.0043214},
};

double CalibratedError(const CalibrationCase& layer, Mode mode, int bits) {
  const auto calibrator =
      Calibrator::Make(layer.Weights(), layer.shape(), layer.layout(), layer.Moments());
  EXPECT_TRUE(calibrator.ok()) << calibrator.status();
  const auto result = calibrator->Quantize({.mode = mode, .bits = bits});
  EXPECT_TRUE(result.ok()) << result.status();
  return result->errors.calibrated;
}

TEST(CalibratorCases, GridsAreNoWorseThanThePrototypes) {
  for (const PrototypeErrors& known : kPrototype) {
    const double error = CalibratedError(known.layer, Mode::kLinear, known.bits);
    EXPECT_LE(error, known.grids) << known.layer.seed << ", " << known.bits << " bits";
    RecordProperty("grids", std::to_string(error / known.grids));
  }
}

TEST(CalibratorCases, TablesAreNoWorseThanThePrototypes) {
  for (const PrototypeErrors& known : kPrototype) {
    const double error = CalibratedError(known.layer, Mode::kKMeansLut, known.bits);
    EXPECT_LE(error, known.table) << known.layer.seed << ", " << known.bits << " bits";
  }
}

}  // namespace
}  // namespace nbits
