// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/values.h"

namespace nbits::onednn {

using dnnl::memory;

const dnnl::engine& CpuEngine() {
  static const dnnl::engine* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

memory::desc RowMajor(const memory::dims& extents) {
  memory::dims strides(extents.size(), 1);
  for (size_t i = extents.size(); i-- > 1;) strides[i - 1] = strides[i] * extents[i];
  return {extents, memory::data_type::f32, strides};
}

memory::desc AnyLayout(const memory::dims& extents) {
  return {extents, memory::data_type::f32, memory::format_tag::any};
}

int64_t SizeOf(const memory::desc& desc) { return static_cast<int64_t>(desc.get_size()); }

memory Wrap(const memory::desc& desc, const void* data) {
  // oneDNN takes its arguments, inputs too, as pointers to non-const.
  return memory(desc, CpuEngine(), const_cast<void*>(data));
}

}  // namespace nbits::onednn
