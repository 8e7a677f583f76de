#include "base/memory.h"

#include <sys/mman.h>

#include <cstdlib>

namespace nbits {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;  // Of x86-64 and of arm64 with pages of 4 KB.
// Rounding up to huge pages wastes at most a fifth from here on.
constexpr size_t kWorthHugePages = 4 * kHugePage;

}  // namespace

std::shared_ptr<std::byte[]> AllocateBlock(size_t size) {
  if (size < kWorthHugePages) return std::shared_ptr<std::byte[]>(new std::byte[size]);
  const size_t rounded = (size + kHugePage - 1) / kHugePage * kHugePage;
  void* block = std::aligned_alloc(kHugePage, rounded);
  if (block == nullptr) return std::shared_ptr<std::byte[]>(new std::byte[size]);
#ifdef MADV_HUGEPAGE
  madvise(block, rounded, MADV_HUGEPAGE);  // A wish: it may be refused without harm.
#endif
  return std::shared_ptr<std::byte[]>(static_cast<std::byte*>(block), std::free);
}

}  // namespace nbits
