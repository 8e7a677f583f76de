// Ground truth: masks of a folder, and the mapping of their ids to a model's classes.
#ifndef NBITS_SRC_COMPARE_TRUTH_H_
#define NBITS_SRC_COMPARE_TRUTH_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/class_map.h"

namespace nbits {

// The mask of `picture` ("a.jpg" -> FOLDER/a.png) in ids below `classes` or kIgnoredClass, scaled
// to width x height; nullopt when there is none. `mask_map` is applied first. For two classes, a
// mask without an id 1 is taken as grey: above 127 is class 1. InvalidArgument for a file that is
// no mask or holds other ids.
absl::StatusOr<std::optional<ClassMap>> ReadTruth(const std::string& folder,
                                                  const std::string& picture, int classes,
                                                  const std::vector<std::pair<int, int>>& mask_map,
                                                  int width, int height);

// The second half of ReadTruth: ids of a mask as read to the model's classes.
absl::Status MapIds(ClassMap& mask, int classes, const std::vector<std::pair<int, int>>& mask_map);

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_TRUTH_H_
