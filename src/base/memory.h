// SPDX-License-Identifier: Apache-2.0
// Large blocks of memory.
#ifndef NBITS_BASE_MEMORY_H_
#define NBITS_BASE_MEMORY_H_

#include <cstddef>
#include <memory>

namespace nbits {

// `size` uninitialised bytes. All but small blocks are asked for in huge pages where the system has
// them, the middle ones many to a slab of 32 MB that lives as long as any of them: entering fresh
// memory page by page would take longer than quantizing into it, and so does giving it back.
std::shared_ptr<std::byte[]> AllocateBlock(size_t size);

// From now on malloc keeps what is freed for the next that asks, instead of giving it back to the
// system. For a program whose large buffers come and go with every weight.
void KeepFreedMemory();

}  // namespace nbits

#endif  // NBITS_BASE_MEMORY_H_
