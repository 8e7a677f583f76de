// SPDX-License-Identifier: Apache-2.0
#include "engine/memory/workspace.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "nbits/packed_tensor.h"

namespace nbits {
namespace {

constexpr int64_t kAlignment = 64;  // A cache line; also the widest vector.

}  // namespace

const float* PlainValues(const PackedTensor& tensor) {
  const bool is_plain = std::endian::native == std::endian::little &&
                        tensor.scheme == Scheme::kFloat32 &&
                        reinterpret_cast<uintptr_t>(tensor.bytes.data()) % alignof(float) == 0;
  return is_plain ? reinterpret_cast<const float*>(tensor.bytes.data()) : nullptr;
}

void FreeDeleter::operator()(std::byte* memory) const { std::free(memory); }

AlignedMemory AllocateAligned(int64_t bytes) {
  const int64_t size = std::max(AlignedSize(bytes), kAlignment);
  return AlignedMemory(static_cast<std::byte*>(std::aligned_alloc(kAlignment, size)));
}

AlignedMemory AllocateArena(int64_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr int64_t kHugePage = int64_t{1} << 21;  // Of x86-64 and of Arm with 4 KiB pages.
  if (bytes >= 4 * kHugePage) {
    const int64_t size = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    AlignedMemory memory(static_cast<std::byte*>(std::aligned_alloc(kHugePage, size)));
    if (memory != nullptr) madvise(memory.get(), size, MADV_HUGEPAGE);
    return memory;
  }
#endif
  return AllocateAligned(bytes);
}

int64_t AlignedSize(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

int64_t DecodedBytes(const PackedTensor& tensor) {
  return PlainValues(tensor) != nullptr ? 0 : AlignedSize(4 * graph::Product(tensor.shape));
}

std::byte* Workspace::Bytes(int64_t count) {
  std::byte* block = memory_ + used_;
  used_ += AlignedSize(count);
  // A kernel that takes more than it announced is a fault of ours, never of a file.
  if (used_ > bytes_) std::abort();
  return block;
}

const float* Workspace::Weight(graph::WeightId weight) {
  const PackedTensor& tensor = graph_.weights[weight];
  if (const float* values = PlainValues(tensor)) return values;
  if (kept_ != nullptr && (*kept_)[weight] != nullptr) {
    return reinterpret_cast<const float*>((*kept_)[weight].get());
  }
  const int64_t count = graph::Product(tensor.shape);
  float* values = Floats(count);
  // Cannot fail: the tensor was validated when the graph was made.
  Dequantize(tensor, {values, static_cast<size_t>(count)}).IgnoreError();
  return values;
}

}  // namespace nbits
