// SPDX-License-Identifier: Apache-2.0
#include "engine/onednn/one_thread.h"

#include <dlfcn.h>

namespace nbits::onednn {
namespace {

// Two functions of the OpenMP runtime that oneDNN brings along (OpenMP API specification, runtime
// library routines); they hold for the calling thread. Found by name: nothing else here needs
// OpenMP, and a oneDNN with another kind of threads has none.
struct OpenMp {
  int (*most_threads)() = nullptr;
  void (*set_threads)(int) = nullptr;

  OpenMp() {
    most_threads = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
    set_threads = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
    if (most_threads == nullptr) set_threads = nullptr;
  }
};

const OpenMp& TheOpenMp() {
  static const OpenMp open_mp;
  return open_mp;
}

}  // namespace

OneThread::OneThread() : previous_(0) {
  if (TheOpenMp().set_threads == nullptr) return;
  previous_ = TheOpenMp().most_threads();
  if (previous_ != 1) TheOpenMp().set_threads(1);
}

OneThread::~OneThread() {
  if (previous_ > 1) TheOpenMp().set_threads(previous_);
}

}  // namespace nbits::onednn
