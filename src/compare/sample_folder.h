// SPDX-License-Identifier: Apache-2.0
// Where a comparison's samples lie.
#ifndef NBITS_COMPARE_SAMPLE_FOLDER_H_
#define NBITS_COMPARE_SAMPLE_FOLDER_H_

#include "data/samples.h"
#include "nbits/compare.h"

namespace nbits {

inline SampleFolder FolderOf(const CompareOptions& options) {
  return {options.images, options.inputs, options.pictures, options.limit, options.original.file};
}

}  // namespace nbits

#endif  // NBITS_COMPARE_SAMPLE_FOLDER_H_
