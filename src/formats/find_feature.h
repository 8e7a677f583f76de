// SPDX-License-Identifier: Apache-2.0
// An input or output of a model by its name.
#ifndef NBITS_FORMATS_FIND_FEATURE_H_
#define NBITS_FORMATS_FIND_FEATURE_H_

#include <algorithm>
#include <vector>

#include "absl/strings/string_view.h"
#include "nbits/model.h"

namespace nbits {

// Null when there is none.
inline const FeatureDescription* FindFeature(const std::vector<FeatureDescription>& features,
                                             absl::string_view name) {
  const auto found =
      std::find_if(features.begin(), features.end(),
                   [name](const FeatureDescription& feature) { return feature.name == name; });
  return found == features.end() ? nullptr : &*found;
}

}  // namespace nbits

#endif  // NBITS_FORMATS_FIND_FEATURE_H_
