// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/mman.h>

#include <cstdlib>
#include <mutex>
#include <utility>

namespace nbits {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;  // Of x86-64 and of arm64 with pages of 4 KB.
// Rounding up to huge pages wastes at most a fifth from here on.
constexpr size_t kWorthHugePages = 4 * kHugePage;
// Smaller blocks are left to malloc, whose own blocks get there without system calls.
constexpr size_t kWorthSlab = size_t{16} << 10;
constexpr size_t kSlab = 16 * kHugePage;
constexpr size_t kCacheLine = 64;

std::shared_ptr<std::byte[]> HugePages(size_t size) {
  const size_t rounded = (size + kHugePage - 1) / kHugePage * kHugePage;
  void* block = std::aligned_alloc(kHugePage, rounded);
  if (block == nullptr) return std::shared_ptr<std::byte[]>(new std::byte[size]);
#ifdef MADV_HUGEPAGE
  madvise(block, rounded, MADV_HUGEPAGE);  // A wish: it may be refused without harm.
#endif
  return std::shared_ptr<std::byte[]>(static_cast<std::byte*>(block), std::free);
}

// Blocks side by side in huge pages. A slab lives as long as any block in it.
class Slabs {
 public:
  static Slabs& Get() {
    static Slabs* slabs = new Slabs;
    return *slabs;
  }

  std::shared_ptr<std::byte[]> Take(size_t size) {
    const size_t room = (size + kCacheLine - 1) / kCacheLine * kCacheLine;
    const std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<std::byte[]> slab = slab_.lock();
    if (slab == nullptr || used_ + room > kSlab) {
      slab = HugePages(kSlab);
      slab_ = slab;
      used_ = 0;
    }
    std::byte* const block = slab.get() + used_;
    used_ += room;
    return {std::move(slab), block};
  }

 private:
  std::mutex mutex_;
  std::weak_ptr<std::byte[]> slab_;
  size_t used_ = 0;
};

}  // namespace

std::shared_ptr<std::byte[]> AllocateBlock(size_t size) {
#ifndef __SANITIZE_ADDRESS__  // It watches the ends of each block of its own.
  if (size >= kWorthSlab && size < kWorthHugePages) return Slabs::Get().Take(size);
#endif
  if (size >= kWorthHugePages) return HugePages(size);
  return std::shared_ptr<std::byte[]>(new std::byte[size]);
}

void KeepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // The most that it takes, on 64 bits.
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

}  // namespace nbits
