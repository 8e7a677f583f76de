// SPDX-License-Identifier: Apache-2.0
// Two networks walked in step on many pictures: the original and the one whose earlier layers are
// quantized already.
#ifndef NBITS_TUNE_TWIN_WALK_H_
#define NBITS_TUNE_TWIN_WALK_H_

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/graph.h"
#include "nbits/tensor.h"
#include "run/graph_runner.h"
#include "tune/activation_store.h"
#include "tune/stretches.h"

namespace nbits {

// A value of both networks on one picture. The same object as long as nothing was quantized.
struct TwinValue {
  const Tensor& original;
  const Tensor& quantized;
};

// Each picture is run by one thread, several pictures at a time, so that what comes out does not
// depend on the number of threads.
class TwinWalk {
 public:
  // `held_bytes` of values between stretches stay in memory. `threads` 0: one per core.
  TwinWalk(graph::Graph graph, size_t pictures, int64_t held_bytes, int threads);

  const graph::Graph& original() const { return original_; }
  const graph::Graph& quantized() const { return quantized_; }
  // Whether the two may differ in what the present stretch computes.
  bool has_forked() const { return has_forked_; }

  // The values of the network's inputs; those that are not among them are zeros. InvalidArgument
  // for a shape that is not the network's.
  absl::Status AddPicture(size_t picture, TensorMap inputs);

  // Begins the next stretch, whose end is the input of node `stop`.
  absl::Status Enter(Stretch stretch, size_t stop);
  // Runs it on these pictures, each once, and calls `visit` with the stop's input, from several
  // threads at once.
  using Visit = std::function<absl::Status(size_t picture, const TwinValue& input)>;
  absl::Status Run(std::span<const size_t> pictures, const Visit& visit);
  // After Run: the stop's input again.
  absl::Status Revisit(std::span<const size_t> pictures, const Visit& visit);

  // The quantized network has this weight, and, where it is not null, this bias from now on: called
  // of layers that have not been run yet.
  absl::Status Replace(graph::WeightId weight, PackedTensor tensor);
  void ReplaceBias(size_t node, std::vector<float> bias);

  // A layer by itself.
  absl::StatusOr<std::unique_ptr<GraphRunner>> RunnerOf(const graph::Graph& graph,
                                                        size_t node) const;

  int64_t spilled_bytes() const { return store_.spilled_bytes(); }

 private:
  size_t OriginalRun(size_t picture) const { return picture; }
  size_t QuantizedRun(size_t picture) const { return pictures_ + picture; }
  absl::StatusOr<TensorMap> RunOne(GraphRunner* runner, size_t run);
  absl::Status KeepLive(size_t run, TensorMap& values);
  absl::Status RunPicture(size_t picture, const Visit& visit);
  absl::Status Fork();

  graph::Graph original_, quantized_;
  const size_t pictures_;
  const int threads_;
  ActivationStore store_;
  bool has_forked_ = false;  // Both networks have values of their own.
  bool has_changed_ = false;
  Stretch stretch_;
  graph::TensorId seen_ = -1;          // The stop's input.
  std::vector<graph::TensorId> kept_;  // Of what stretch_ has at hand.
  std::unique_ptr<GraphRunner> original_runner_, quantized_runner_;  // Null: nothing to run.
};

}  // namespace nbits

#endif  // NBITS_TUNE_TWIN_WALK_H_
