// SPDX-License-Identifier: Apache-2.0
// Runs steps of a network (layers, operations) in stretches that are compiled as one graph each,
// with all blobs as arrays with values between them.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_IMPORT_SEGMENTS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_IMPORT_SEGMENTS_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "formats/neural_network/import/builder.h"
#include "graph/dynamic.h"

namespace nbits::graph {

// Steps in the order in which they run, as the file nests them in one list.
class Steps {
 public:
  virtual ~Steps() = default;
  virtual int size() const = 0;
  // Whether the step stands for itself: control flow, which no graph has.
  virtual bool IsControl(int step) const = 0;
  // Blobs that the importer of the step looks for.
  virtual std::vector<std::string> Reads(int step) const = 0;
  virtual std::vector<std::string> Writes(int step) const = 0;
  // The same for all runs of the step, and for no other step.
  virtual const void* Key(int step) const = 0;
  virtual absl::Status Import(int step, Builder& builder) const = 0;
  // The step's name before the message.
  virtual absl::Status NameStep(int step, const absl::Status& status) const = 0;
};

// One run of a network: its blobs, and the stretches that have been compiled.
class SegmentRunner {
 public:
  // `reads`: how often each blob is read in the whole network; both outlive the runner.
  SegmentRunner(const std::multiset<std::string>& reads, const Compiler& compile)
      : reads_(reads), compile_(compile) {}

  // Runs `steps` from `begin` on, up to control flow or to a step that needs a value computed by
  // those before; returns the first that has not run. A stretch is used again while the shapes of
  // what it reads stay the same.
  absl::StatusOr<int> Run(const Steps& steps, int begin);

  void Set(const std::string& blob, std::shared_ptr<const Tensor> value) {
    values_[blob] = std::move(value);
  }
  // Null when it has no value.
  std::shared_ptr<const Tensor> Get(const std::string& blob) const;

 private:
  // Steps compiled as one graph.
  struct Segment {
    int end = 0;                          // Index behind its last step.
    std::map<std::string, Shape> inputs;  // Blobs that it reads.
    bool reusable = false;                // It holds for all inputs of these shapes.
    Function function;                    // Null: it has no results that matter.
  };

  absl::StatusOr<int> RunOrBuild(const Steps& steps, int begin);
  bool Fits(const Segment& segment) const;
  absl::StatusOr<Segment> Build(const Steps& steps, int begin) const;
  absl::Status BindInputs(const Steps& steps, int step, Builder& builder, Segment& segment) const;
  void AddResults(const std::multiset<std::string>& reads, const std::set<std::string>& writes,
                  Builder& builder) const;
  absl::Status Call(const Segment& segment);
  int64_t HeldBytes() const;

  const std::multiset<std::string>& reads_;
  const Compiler& compile_;
  std::map<std::string, std::shared_ptr<const Tensor>> values_;  // By blob.
  std::map<const void*, Segment> segments_;                      // By the key of their first step.
};

}  // namespace nbits::graph

#endif  // NBITS_FORMATS_NEURAL_NETWORK_IMPORT_SEGMENTS_H_
