// SPDX-License-Identifier: Apache-2.0
// oneDNN on the thread that calls it, and on no other.
#ifndef NBITS_ENGINE_ONEDNN_ONE_THREAD_H_
#define NBITS_ENGINE_ONEDNN_ONE_THREAD_H_

namespace nbits::onednn {

// For as long as it lives, what oneDNN prepares or runs on this thread stays on it. Work is dealt
// to threads on our side (ForWorkers): the OpenMP runtime's threads wait for each other at every
// barrier, looking on, also when one of them has no processor.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int previous_;
};

}  // namespace nbits::onednn

#endif  // NBITS_ENGINE_ONEDNN_ONE_THREAD_H_
