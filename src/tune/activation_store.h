// SPDX-License-Identifier: Apache-2.0
// The values at the front of a walk over a network: what has been computed of each run and will be
// read again. In memory up to a limit, on the disk beyond it.
#ifndef NBITS_TUNE_ACTIVATION_STORE_H_
#define NBITS_TUNE_ACTIVATION_STORE_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/graph.h"
#include "nbits/tensor.h"
#include "tune/spill_file.h"

namespace nbits {

// Values are known by their run (a picture through one network) and tensor. Thread-safe, as long as
// no two threads use the same run.
class ActivationStore {
 public:
  explicit ActivationStore(int64_t held_bytes) : most_held_(held_bytes) {}

  // Lends the values out, by graph::ValueName: they are the caller's until Return.
  absl::StatusOr<TensorMap> Lend(size_t run, std::span<const graph::TensorId> tensors);
  // Takes these of `values` back, or in for the first time.
  absl::Status Return(size_t run, std::span<const graph::TensorId> tensors, TensorMap& values);
  std::vector<graph::TensorId> TensorsOf(size_t run) const;
  // Forgets what `kept` says no for.
  void KeepOnly(size_t run, const std::vector<bool>& kept);

  int64_t held_bytes() const;
  int64_t spilled_bytes() const { return file_.size(); }

 private:
  struct Value {
    Tensor tensor;       // Without values while they are lent out or on the disk.
    int64_t count = 0;   // Of its values.
    int64_t place = -1;  // In the file; -1: not there.
  };
  using Key = std::pair<size_t, graph::TensorId>;

  absl::StatusOr<Tensor> LendOne(const Key& key);
  absl::Status ReturnOne(const Key& key, Tensor tensor);
  bool MayHold(int64_t bytes);
  void Release(const Value& value);

  const int64_t most_held_;
  SpillFile file_;
  mutable std::mutex mutex_;
  std::map<Key, Value> values_;  // Guarded by mutex_, as what follows.
  int64_t held_ = 0;
};

}  // namespace nbits

#endif  // NBITS_TUNE_ACTIVATION_STORE_H_
