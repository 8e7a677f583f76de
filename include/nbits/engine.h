// SPDX-License-Identifier: Apache-2.0
// Runs a model's network on this CPU. Weights stay packed as the file stores them.
#ifndef NBITS_ENGINE_H_
#define NBITS_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/export.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

enum class Compute : uint8_t {
  kFloat32,
  kInt8,  // Convolutions and products with <= 8-bit weights on 8-bit activations.
};
enum class Memory : uint8_t {
  kNormal,
  kLean,  // Smallest peak memory, at some cost in time.
};

// How values are stored between layers; they are computed in Float32 always. Float16 halves the
// memory and rounds every stored value by up to 2^-11 of itself. Tensors whose values leave its
// range (65504) are stored in Float32 from the run on that finds them; see Engine::wide_tensors.
enum class Activations : uint8_t {
  kAuto,  // Float16 with Memory::kLean, Float32 otherwise.
  kFloat32,
  kFloat16,
};

struct EngineOptions {
  int threads = 0;  // 0: one per core.
  Compute compute = Compute::kFloat32;
  Memory memory = Memory::kNormal;
  Activations activations = Activations::kAuto;
  // Bytes of decoded weights that may be kept from run to run. 0: every run decodes them again,
  // layer by layer.
  int64_t memory_budget = 0;
  bool plain = false;  // Only the plain reference kernels.
};

// One executed layer, for --profile.
struct LayerProfile {
  std::string name, kind, kernel;
  double milliseconds = 0;
  int64_t output_bytes = 0, weight_bytes = 0;  // As they are stored.
};

// Memory that a run uses for a while: a tensor between its writer and its last reader, or the
// workspace of one layer.
struct PlannedMemory {
  std::string name;    // Of the tensor or the layer.
  std::string format;  // "planar Float32", "blocked Float16", ...; "workspace".
  Shape shape;         // Empty for a workspace.
  int64_t offset = 0, bytes = 0;
  int first_layer = 0, last_layer = 0;  // Both included; the number of layers: to the end.
};

struct MemoryReport {
  int64_t arena_bytes = 0;
  int64_t bound_bytes = 0;            // The most bytes in use at once: no placement needs fewer.
  int64_t weight_bytes = 0;           // As the file stores them.
  int64_t kept_bytes = 0;             // Decoded weights kept from run to run.
  std::vector<std::string> layers;    // In order of execution.
  std::vector<PlannedMemory> blocks;  // Those that share a place overlap.
};

// A network ready to run. Run may be called from several threads at once; each call in flight has
// its own activation memory.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   auto engine = nbits::Engine::Create(*model);
//   if (!engine.ok()) return engine.status();
//   const nbits::FeatureDescription& input = model->description().inputs[0];
//   auto photo = nbits::ReadInput(input, "photo.jpg");  // nbits/input.h
//   if (!photo.ok()) return photo.status();
//   auto outputs = engine->Run({{input.name, *photo}});
//   if (!outputs.ok()) return outputs.status();
//   assert(outputs->size() == engine->outputs().size());
class Engine {
 public:
  // Plans `model` (which must outlive nothing: the engine shares the mapping) for the given input
  // shapes; inputs that `shapes` does not name take the model's default. Unimplemented names the
  // layer and type that cannot run; InvalidArgument a layer whose inputs do not fit it, a shape
  // that the file does not allow or a name in `shapes` that is no input; ResourceExhausted: no
  // memory for decoded weights or for a layer.
  static absl::StatusOr<Engine> Create(const Model& model, const EngineOptions& options = {},
                                       const std::map<std::string, Shape>& shapes = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // The outputs that an engine for these inputs would have, without making one: nothing is planned
  // and no weight decoded, so it costs little beside reading the file. Errors as Create's.
  static absl::StatusOr<std::vector<FeatureDescription>> DescribeOutputs(
      const Model& model, const std::map<std::string, Shape>& shapes = {});

  // Names and shapes (the file's, or none, where they follow from values). Images: [3 or 1, height,
  // width], 0..255 in the model's own channel order (preprocessing is applied inside).
  const std::vector<FeatureDescription>& inputs() const;
  const std::vector<FeatureDescription>& outputs() const;

  // Takes and returns row-major tensors by feature name; values that are NaN or infinite are
  // returned as they are (nbits/metrics.h counts them). `profile` (may be null) gets a row for
  // each layer. Classifiers return their probabilities under the name of the probability output, in
  // the order of the model's labels. InvalidArgument for a missing input or a wrong shape;
  // ResourceExhausted: no memory for activations.
  absl::StatusOr<TensorMap> Run(const TensorMap& inputs,
                                std::vector<LayerProfile>* profile = nullptr) const;

  // Bytes of activation memory one Run takes (arena, scratch; fixed shapes only).
  int64_t activation_bytes() const;

  // The plan of that memory.
  MemoryReport memory() const;

  // Tensors kept in Float32 though Float16 was asked for, since a run has found values beyond its
  // range in them. Such a run is begun anew, once beside another all in Float32, and takes
  // accordingly long; the next ones take what is known into account from their start. Of layers
  // whose shapes follow from values nothing is counted.
  int64_t wide_tensors() const;

 private:
  struct NBITS_LOCAL Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_H_
