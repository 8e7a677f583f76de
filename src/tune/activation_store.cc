// SPDX-License-Identifier: Apache-2.0
#include "tune/activation_store.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "graph/segment.h"

namespace nbits {
namespace {

int64_t HeldBytes(int64_t count) { return count * static_cast<int64_t>(sizeof(float)); }

}  // namespace

bool ActivationStore::MayHold(int64_t bytes) {
  if (held_ + bytes > most_held_) return false;
  held_ += bytes;
  return true;
}

void ActivationStore::Release(const Value& value) {
  if (value.place >= 0) file_.Free(value.place, value.count);
  if (!value.tensor.values.empty()) held_ -= HeldBytes(value.count);
}

absl::StatusOr<Tensor> ActivationStore::LendOne(const Key& key) {
  Tensor tensor;
  int64_t place = -1;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = values_.find(key);
    if (found == values_.end()) {
      return absl::InternalError(absl::StrCat("no ", graph::ValueName(key.second)));
    }
    Value& value = found->second;
    place = value.place;
    if (place < 0) {
      held_ -= HeldBytes(value.count);
      tensor.values = std::move(value.tensor.values);
      value.tensor.values.clear();
    } else {
      tensor.values.resize(static_cast<size_t>(value.count));
    }
    tensor.shape = value.tensor.shape;
  }
  if (place >= 0) NBITS_RETURN_IF_ERROR(file_.Read(place, tensor.values));
  return tensor;
}

absl::Status ActivationStore::ReturnOne(const Key& key, Tensor tensor) {
  const auto count = static_cast<int64_t>(tensor.values.size());
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    Value& value = values_[key];
    if (value.place >= 0) return absl::OkStatus();  // It is on the disk still.
    value.count = count;
    value.tensor.shape = tensor.shape;
    if (MayHold(HeldBytes(count))) {
      value.tensor.values = std::move(tensor.values);
      return absl::OkStatus();
    }
  }
  NBITS_ASSIGN_OR_RETURN(const int64_t place, file_.Write(tensor.values));
  const std::lock_guard<std::mutex> lock(mutex_);
  values_[key].place = place;
  return absl::OkStatus();
}

absl::StatusOr<TensorMap> ActivationStore::Lend(size_t run,
                                                std::span<const graph::TensorId> tensors) {
  TensorMap values;
  for (const graph::TensorId tensor : tensors) {
    NBITS_ASSIGN_OR_RETURN(values[graph::ValueName(tensor)], LendOne({run, tensor}));
  }
  return values;
}

absl::Status ActivationStore::Return(size_t run, std::span<const graph::TensorId> tensors,
                                     TensorMap& values) {
  for (const graph::TensorId tensor : tensors) {
    const auto found = values.find(graph::ValueName(tensor));
    if (found == values.end()) continue;
    NBITS_RETURN_IF_ERROR(ReturnOne({run, tensor}, std::move(found->second)));
    values.erase(found);
  }
  return absl::OkStatus();
}

void ActivationStore::KeepOnly(size_t run, const std::vector<bool>& kept) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto value = values_.lower_bound({run, 0});
  while (value != values_.end() && value->first.first == run) {
    if (kept[static_cast<size_t>(value->first.second)]) {
      ++value;
      continue;
    }
    Release(value->second);
    value = values_.erase(value);
  }
}

std::vector<graph::TensorId> ActivationStore::TensorsOf(size_t run) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<graph::TensorId> tensors;
  for (auto value = values_.lower_bound({run, 0});
       value != values_.end() && value->first.first == run; ++value) {
    tensors.push_back(value->first.second);
  }
  return tensors;
}

int64_t ActivationStore::held_bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return held_;
}

}  // namespace nbits
