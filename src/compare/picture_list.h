// The pictures of a comparison.
#ifndef NBITS_SRC_COMPARE_PICTURE_LIST_H_
#define NBITS_SRC_COMPARE_PICTURE_LIST_H_

#include <string>

#include "absl/status/statusor.h"
#include "nbits/image.h"

namespace nbits {

// ListImages, or, where the folder itself has no picture, those of its folders, as "folder/name"
// (pictures sorted by class).
absl::StatusOr<ImageListing> ListPictures(const std::string& folder);

}  // namespace nbits

#endif  // NBITS_SRC_COMPARE_PICTURE_LIST_H_
