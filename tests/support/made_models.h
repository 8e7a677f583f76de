// SPDX-License-Identifier: Apache-2.0
// Models and pictures that tests make where any will do, so that they need no file. The same on
// every machine. Link nbits_schema and compile made_models.cc with the test.
#ifndef NBITS_TESTS_SUPPORT_MADE_MODELS_H_
#define NBITS_TESTS_SUPPORT_MADE_MODELS_H_

#include <string>

#include "nbits/class_map.h"
#include "nbits/image.h"
#include "proto/model.pb.h"

namespace nbits::testing {

// Three convolutions, 3 x 3: from the RGB picture "image" of size x size pixels to the grey one
// "output", which marks what is brighter than half. 39297 Float32 weights in 6 fields.
schema::Model MatteModel(int size = 64);

// The same with weights in Float16, as another program would store them.
schema::Model HalfMatteModel(int size = 64);

// Inner products 48 -> 64 -> 16 with a rectifier between: from array "x" to array "y".
schema::Model ArrayModel();

// A slope of greys from dark to somewhat brighter than half with a bright disc on it, and that disc
// as ids 1 on 0. Another number, another place of the disc.
Image DiscPicture(int size, int number);
ClassMap DiscMask(int size, int number);

}  // namespace nbits::testing

#endif  // NBITS_TESTS_SUPPORT_MADE_MODELS_H_
