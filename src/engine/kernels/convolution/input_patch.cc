// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/convolution/input_patch.h"

#include <algorithm>

#include "engine/kernels/convolution/patch_row.h"

namespace nbits {
namespace {

const void* ElementAt(const float* data, Element element, int64_t index) {
  return reinterpret_cast<const std::byte*>(data) + index * ElementBytes(element);
}

// First and one past the last i < count for which 0 <= start + i * step < extent.
struct Inside {
  int64_t begin, end;
};
Inside InsideOf(int64_t start, int64_t step, int64_t count, int64_t extent) {
  const int64_t begin = start >= 0 ? 0 : (-start + step - 1) / step;
  const int64_t end = start >= extent ? 0 : (extent - start + step - 1) / step;
  return {std::min(begin, count), std::max(std::min(begin, count), std::min(end, count))};
}

}  // namespace

ImageExtents InputPatch::ExtentsOf(const graph::Convolution& op,
                                   std::span<const Shape* const> shapes) {
  ImageExtents extents = ImageExtentsOf(*shapes[0]);
  if (op.sources.empty()) return extents;
  extents.channels = 0;
  for (size_t i = 0; i < op.sources.size(); ++i) {
    extents.channels += ImageExtentsOf(*shapes[i]).channels;
  }
  if (op.sources[0]) {
    extents.height = op.sources[0]->output[0];
    extents.width = op.sources[0]->output[1];
  }
  return extents;
}

InputPatch::Source InputPatch::MakeSource(const Operand& operand, const graph::Resize* resize,
                                          int64_t first_block) {
  Source source{operand.data,
                operand.format,
                ImageExtentsOf(operand.shape),
                first_block,
                resize != nullptr,
                {},
                {}};
  if (resize != nullptr) {
    source.rows = SamplesOf(*resize, 0, source.extents.height);
    source.columns = SamplesOf(*resize, 1, source.extents.width);
  }
  return source;
}

InputPatch::InputPatch(const graph::Convolution& op, std::span<const Operand> inputs) {
  int64_t first_block = 0;
  for (size_t i = 0; i < std::max<size_t>(1, op.sources.size()); ++i) {
    const bool is_resized = i < op.sources.size() && op.sources[i].has_value();
    sources_.push_back(MakeSource(inputs[i], is_resized ? &*op.sources[i] : nullptr, first_block));
    first_block += sources_.back().extents.blocks();
  }
  const Source& first = sources_[0];
  height_ = first.is_resized ? static_cast<int64_t>(first.rows.size()) : first.extents.height;
  width_ = first.is_resized ? static_cast<int64_t>(first.columns.size()) : first.extents.width;
}

const InputPatch::Source& InputPatch::SourceOf(int64_t block) const {
  size_t i = sources_.size() - 1;
  while (sources_[i].first_block > block) --i;
  return sources_[i];
}

bool InputPatch::IsInside(const PatchWindow& w) const {
  return w.top >= 0 && w.left >= 0 && w.top + (w.rows - 1) * w.step[0] < height_ &&
         w.left + (w.columns - 1) * w.step[1] < width_;
}

// `plane` is the source's first element of the 16 channels; y lies inside the image.
void InputPatch::FetchRow(const Source& source, int64_t plane, const PatchWindow& window, int64_t y,
                          float* to) const {
  const Inside inside = InsideOf(window.left, window.step[1], window.columns, width_);
  const int64_t first = window.left + inside.begin * window.step[1];
  const int64_t count = inside.end - inside.begin;
  float* target = to + inside.begin * kChannelBlock;
  const Element element = source.format.element;
  std::fill(to, target, 0.0f);
  if (source.is_resized) {
    SamplePixels({ElementAt(source.data, element, plane), element, source.extents.width,
                  source.rows[y], source.columns.data() + first, window.step[1]},
                 count, target);
  } else {
    const int64_t index = plane + (y * source.extents.width + first) * kChannelBlock;
    CopyPixels(ElementAt(source.data, element, index), element, window.step[1], count, target);
  }
  std::fill(target + count * kChannelBlock, to + window.columns * kChannelBlock, 0.0f);
}

// The first element of 16 channels in a source.
int64_t InputPatch::PlaneOf(const Source& source, int64_t entry, int64_t block) {
  const ImageExtents& e = source.extents;
  return entry * e.blocked_elements() + (block - source.first_block) * e.pixels() * kChannelBlock;
}

void InputPatch::Copy(int64_t entry, int64_t block, const PatchWindow& window, float* to) const {
  const Source& source = SourceOf(block);
  const int64_t plane = PlaneOf(source, entry, block);
  const int64_t row_stride = window.columns * kChannelBlock;
  const Inside inside = InsideOf(window.top, window.step[0], window.rows, height_);
  std::fill_n(to, inside.begin * row_stride, 0.0f);
  for (int64_t i = inside.begin; i < inside.end; ++i) {
    FetchRow(source, plane, window, window.top + i * window.step[0], to + i * row_stride);
  }
  std::fill_n(to + inside.end * row_stride, (window.rows - inside.end) * row_stride, 0.0f);
}

PatchView InputPatch::Fetch(int64_t entry, int64_t block, const PatchWindow& window,
                            float* scratch) const {
  const Source& source = SourceOf(block);
  if (!source.is_resized && source.format == kBlockedFormat && IsInside(window)) {
    const int64_t width = source.extents.width;
    const int64_t pixel = window.top * width + window.left;
    return {source.data + PlaneOf(source, entry, block) + pixel * kChannelBlock,
            window.step[0] * width * kChannelBlock, window.step[1] * kChannelBlock};
  }
  Copy(entry, block, window, scratch);
  return {scratch, window.columns * kChannelBlock, kChannelBlock};
}

}  // namespace nbits
