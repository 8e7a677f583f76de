// SPDX-License-Identifier: Apache-2.0
// Class maps: one class id per pixel, as segmentation networks and ground-truth masks give them.
#ifndef NBITS_CLASS_MAP_H_
#define NBITS_CLASS_MAP_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nbits/export.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

// Pixels of ground truth that count for nothing (the convention of PASCAL VOC).
inline constexpr uint8_t kIgnoredClass = 255;

struct ClassMap {
  int height = 0;
  int width = 0;
  std::vector<uint8_t> ids;  // height * width, rows from the top.
};

// How an output tensor becomes class ids. Take the rule from the original model's output and use
// it for all variants, so that a change of range cannot change the meaning. Shapes below are those
// of the tensor without its axes of extent 1.
enum class MapRule : uint8_t {
  kLabels,       // [H, W] of whole numbers 0..254: the ids themselves.
  kArgmaxFirst,  // [C, H, W], 2 <= C <= 255: the channel with the largest value, first of equals.
  kArgmaxLast,   // [H, W, C], likewise.
  kUnitMatte,    // [H, W] of 0..1: 1 where the value is above 0.5.
  kByteMatte,    // [H, W] of 0..255: 1 where the value is above 127.5.
  kLogit,        // [H, W] of any values: 1 where the value is above 0.
};

// The rule that fits output `feature` with value `tensor`:
//  * three axes: argmax over the first or the last, whichever is shorter (the first of equals);
//  * two axes, kImage (grey): kByteMatte;
//  * two axes, integer element type or only whole numbers in 0..254: kLabels;
//  * two axes, all values in 0..1: kUnitMatte; in 0..255: kByteMatte; otherwise kLogit.
// InvalidArgument when the tensor is none of these (a vector, an RGB picture, a 4-axis array).
absl::StatusOr<MapRule> DetectMapRule(const FeatureDescription& feature, const Tensor& tensor);

// Ids by `rule`, rows from the top. InvalidArgument when shape or values do not fit it.
//
// Example:
//   nbits::Tensor scores{{2, 2, 2}, {9, 1, 1, 1,    // Class 0 at each of 2 x 2 pixels,
//                                    2, 2, 8, 0}};  // class 1.
//   auto map = nbits::ToClassMap(scores, nbits::MapRule::kArgmaxFirst);
//   if (!map.ok()) return map.status();
//   assert(map->ids == std::vector<uint8_t>({0, 1, 1, 0}));
//   assert(nbits::ClassShares(*map)[1] == 0.5);
absl::StatusOr<ClassMap> ToClassMap(const Tensor& tensor, MapRule rule);

// Nearest neighbour (pixel centres), so that ids are never mixed. Width and height 1 or more.
ClassMap ResizeClassMap(const ClassMap& map, int width, int height);

// Share of the map's pixels per id; 256 values that sum to 1 (all 0 for an empty map).
std::array<double, 256> ClassShares(const ClassMap& map);

struct Color {
  uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Color&) const = default;
};

// "#rrggbb", and back from "#rrggbb", "0xRRGGBB" or "0xRRGGBBAA" (alpha is dropped; InvalidArgument
// for any other text).
std::string ToHex(Color color);
absl::StatusOr<Color> ParseColor(absl::string_view text);

// What a class map's ids mean. Always `colors.size() >= labels.size()`.
struct ClassTable {
  std::vector<std::string> labels;  // May be empty: the model does not say.
  std::vector<Color> colors;
  int background_id = 0;  // The label named "background" (in any case), else 0.
};

// Labels and colours that the model's metadata carries under
// "com.apple.coreml.model.preview.params" ({"labels": [...], "colors": ["0xRRGGBBAA", ...]}),
// where missing or malformed: no labels, and the default colours. `classes` (2..256) is the least
// number of colours.
ClassTable ReadClassTable(const ModelDescription& model, int classes = 2);

// Gives the classes these names, where the model has none or others, colours for those that have
// none, and finds the background anew.
void SetLabels(std::vector<std::string> labels, ClassTable& table);

// 256 colours by the bit-interleaving formula of PASCAL VOC's development kit: 0 is black, 15 the
// pink of a person.
std::vector<Color> DefaultColors();

}  // namespace nbits

#endif  // NBITS_CLASS_MAP_H_
