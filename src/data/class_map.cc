// SPDX-License-Identifier: Apache-2.0
#include "nbits/class_map.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/figures.h"
#include "base/status_macros.h"
#include "data/shape.h"

namespace nbits {
namespace {

constexpr int64_t kMaxClasses = 255;

absl::Status NoMap(const Tensor& tensor) {
  return absl::InvalidArgumentError(
      absl::StrCat("an array of shape ", ShapeText(tensor.shape), " is no class map"));
}

bool AllWithin(const Tensor& tensor, float low, float high) {
  return std::all_of(tensor.values.begin(), tensor.values.end(),
                     [=](float value) { return value >= low && value <= high; });
}

bool AllLabels(const Tensor& tensor) {
  return AllWithin(tensor, 0, kMaxClasses - 1) &&
         std::all_of(tensor.values.begin(), tensor.values.end(),
                     [](float value) { return value == std::floor(value); });
}

MapRule PlaneRule(const FeatureDescription& feature, const Tensor& tensor) {
  if (feature.kind == FeatureKind::kImage) return MapRule::kByteMatte;
  if (feature.element_type == "int32" || AllLabels(tensor)) return MapRule::kLabels;
  if (AllWithin(tensor, 0, 1)) return MapRule::kUnitMatte;
  return AllWithin(tensor, 0, 255) ? MapRule::kByteMatte : MapRule::kLogit;
}

absl::StatusOr<ClassMap> EmptyMap(int64_t height, int64_t width, const Tensor& tensor) {
  constexpr int64_t kMaxExtent = int64_t{1} << 24;
  if (height < 1 || width < 1 || height > kMaxExtent || width > kMaxExtent) return NoMap(tensor);
  ClassMap map{static_cast<int>(height), static_cast<int>(width), {}};
  map.ids.resize(static_cast<size_t>(height * width));
  return map;
}

// Channel c of pixel i stands at values[c * channel_stride + i * pixel_stride].
uint8_t BestChannel(const float* values, int64_t channels, int64_t channel_stride) {
  int64_t best = 0;
  for (int64_t c = 1; c < channels; ++c) {
    if (values[c * channel_stride] > values[best * channel_stride]) best = c;
  }
  return static_cast<uint8_t>(best);
}

absl::StatusOr<ClassMap> Argmax(const Tensor& tensor, const Shape& shape, bool channels_first) {
  if (shape.size() != 3) return NoMap(tensor);
  const int64_t channels = channels_first ? shape[0] : shape[2];
  if (channels > kMaxClasses) return NoMap(tensor);
  NBITS_ASSIGN_OR_RETURN(ClassMap map, channels_first ? EmptyMap(shape[1], shape[2], tensor)
                                                      : EmptyMap(shape[0], shape[1], tensor));
  const int64_t pixels = static_cast<int64_t>(map.ids.size());
  if (static_cast<int64_t>(tensor.values.size()) != pixels * channels) return NoMap(tensor);
  const int64_t pixel_stride = channels_first ? 1 : channels;
  for (int64_t i = 0; i < pixels; ++i) {
    const float* values = &tensor.values[i * pixel_stride];
    map.ids[i] = BestChannel(values, channels, channels_first ? pixels : 1);
  }
  return map;
}

absl::StatusOr<ClassMap> Threshold(const Tensor& tensor, ClassMap map, float threshold) {
  std::transform(tensor.values.begin(), tensor.values.end(), map.ids.begin(),
                 [=](float value) { return static_cast<uint8_t>(value > threshold); });
  return map;
}

absl::StatusOr<ClassMap> Labels(const Tensor& tensor, ClassMap map) {
  for (size_t i = 0; i < map.ids.size(); ++i) {
    const float value = tensor.values[i];
    if (!(value >= 0 && value < kMaxClasses) || value != std::floor(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a label map has whole numbers from 0 to 254, this one has ", value));
    }
    map.ids[i] = static_cast<uint8_t>(value);
  }
  return map;
}

}  // namespace

absl::StatusOr<MapRule> DetectMapRule(const FeatureDescription& feature, const Tensor& tensor) {
  const Shape shape = WithoutOnes(tensor.shape);
  if (shape.size() == 2) return PlaneRule(feature, tensor);
  if (shape.size() != 3 || feature.kind == FeatureKind::kImage) return NoMap(tensor);
  const bool first = shape[0] <= shape[2];
  if (std::min(shape[0], shape[2]) > kMaxClasses) return NoMap(tensor);
  return first ? MapRule::kArgmaxFirst : MapRule::kArgmaxLast;
}

absl::StatusOr<ClassMap> ToClassMap(const Tensor& tensor, MapRule rule) {
  const Shape shape = WithoutOnes(tensor.shape);
  if (rule == MapRule::kArgmaxFirst || rule == MapRule::kArgmaxLast) {
    return Argmax(tensor, shape, rule == MapRule::kArgmaxFirst);
  }
  if (shape.size() != 2) return NoMap(tensor);
  NBITS_ASSIGN_OR_RETURN(ClassMap map, EmptyMap(shape[0], shape[1], tensor));
  if (map.ids.size() != tensor.values.size()) return NoMap(tensor);
  if (rule == MapRule::kLabels) return Labels(tensor, std::move(map));
  const float threshold = rule == MapRule::kUnitMatte   ? 0.5f
                          : rule == MapRule::kByteMatte ? 127.5f
                                                        : 0;
  return Threshold(tensor, std::move(map), threshold);
}

ClassMap ResizeClassMap(const ClassMap& map, int width, int height) {
  ClassMap scaled{height, width, std::vector<uint8_t>(static_cast<size_t>(width) * height)};
  uint8_t* to = scaled.ids.data();
  for (int64_t y = 0; y < height; ++y) {
    const int64_t from_y = (2 * y + 1) * map.height / (2 * int64_t{height});
    for (int64_t x = 0; x < width; ++x) {
      const int64_t from_x = (2 * x + 1) * map.width / (2 * int64_t{width});
      *to++ = map.ids[static_cast<size_t>(from_y * map.width + from_x)];
    }
  }
  return scaled;
}

std::array<double, 256> ClassShares(const ClassMap& map) {
  std::array<double, 256> shares = {};
  for (const uint8_t id : map.ids) shares[id] += 1;
  for (double& share : shares) share /= std::max<double>(1, static_cast<double>(map.ids.size()));
  return shares;
}

}  // namespace nbits
