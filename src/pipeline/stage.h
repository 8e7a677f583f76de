// SPDX-License-Identifier: Apache-2.0
// One model of a pipeline, ready to run on the values that are there so far.
#ifndef NBITS_PIPELINE_STAGE_H_
#define NBITS_PIPELINE_STAGE_H_

#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/predictor.h"

namespace nbits {

// Values by name. What is added later hides what has the same name.
class Scope {
 public:
  Scope() = default;
  // Values that outlive the scope.
  explicit Scope(const FeatureMap& values) { Show(values); }

  void Add(FeatureMap values) {
    owned_.push_back(std::move(values));
    Show(owned_.back());
  }
  void Add(const std::string& name, const FeatureValue* value) { shown_[name] = value; }

  // Null when there is none.
  const FeatureValue* Find(const std::string& name) const {
    const auto found = shown_.find(name);
    return found == shown_.end() ? nullptr : found->second;
  }

 private:
  void Show(const FeatureMap& values) {
    for (const auto& [name, value] : values) shown_[name] = &value;
  }

  std::list<FeatureMap> owned_;
  std::map<std::string, const FeatureValue*> shown_;
};

class Stage {
 public:
  virtual ~Stage() = default;

  // The outputs by name, of the kinds that the model states. InvalidArgument when what `scope`
  // holds under the inputs' names does not fit.
  virtual absl::StatusOr<FeatureMap> Run(const Scope& scope,
                                         std::vector<LayerProfile>* profile) const = 0;

  // The shapes of outputs that are known before a run, for the networks behind.
  virtual std::map<std::string, Shape> KnownShapes() const { return {}; }

  virtual int64_t activation_bytes() const { return 0; }
  virtual int64_t wide_tensors() const { return 0; }
  // Appends the plans of the networks, each under its place below this stage's.
  virtual void AppendMemory(const std::string& /*place*/,
                            std::vector<std::pair<std::string, MemoryReport>>& /*reports*/) const {}
};

}  // namespace nbits

#endif  // NBITS_PIPELINE_STAGE_H_
