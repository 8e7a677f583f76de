// SPDX-License-Identifier: Apache-2.0
// oneDNN's view of Float32 values in memory.
#ifndef NBITS_ENGINE_ONEDNN_VALUES_H_
#define NBITS_ENGINE_ONEDNN_VALUES_H_

#include <cstdint>

#include "oneapi/dnnl/dnnl.hpp"

namespace nbits::onednn {

const dnnl::engine& CpuEngine();

// The last axis varies fastest.
dnnl::memory::desc RowMajor(const dnnl::memory::dims& extents);

// A layout that oneDNN is to choose.
dnnl::memory::desc AnyLayout(const dnnl::memory::dims& extents);

// Bytes.
int64_t SizeOf(const dnnl::memory::desc& desc);

// `data` is not copied.
dnnl::memory Wrap(const dnnl::memory::desc& desc, const void* data);

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_VALUES_H_
