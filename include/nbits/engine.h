// Runs a model's network on this CPU. Weights stay packed as the file stores them.
#ifndef NBITS_ENGINE_H_
#define NBITS_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits {

enum class Compute : uint8_t {
  kFloat32,
  kInt8,  // Convolutions and products with <= 8-bit weights on 8-bit activations.
};
enum class Memory : uint8_t {
  kNormal,
  kLean,  // Smallest peak memory, at some cost in time.
};

struct EngineOptions {
  int threads = 0;  // 0: one per core.
  Compute compute = Compute::kFloat32;
  Memory memory = Memory::kNormal;
  bool float16_activations = false;  // Store activations in half precision between layers.
  bool plain = false;                // Only the plain reference kernels.
};

// One executed layer, for --profile.
struct LayerProfile {
  std::string name, kind, kernel;
  double milliseconds = 0;
  int64_t output_bytes = 0, weight_bytes = 0;
};

// A network ready to run. Run may be called from several threads at once; each call in flight has
// its own activation memory.
class Engine {
 public:
  // Plans `model` (which must outlive nothing: the engine shares the mapping) for the given input
  // shapes; inputs that `shapes` does not name take the model's default. Unimplemented names the
  // layer and type that cannot run.
  static absl::StatusOr<Engine> Create(const Model& model, const EngineOptions& options = {},
                                       const std::map<std::string, Shape>& shapes = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // Feature names and the shapes they have here. Images are [3 or 1, height, width] with values
  // 0..255 in the model's own channel order (the network's preprocessing is applied inside).
  const std::vector<FeatureDescription>& inputs() const;
  const std::vector<FeatureDescription>& outputs() const;

  // InvalidArgument for a missing input or a wrong shape. Classifiers return their probabilities
  // under the name of the probability output, in the order of the model's labels.
  absl::StatusOr<TensorMap> Run(const TensorMap& inputs,
                                std::vector<LayerProfile>* profile = nullptr) const;

  // Bytes of activation memory one Run takes (arena and scratch).
  int64_t activation_bytes() const;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nbits

#endif  // NBITS_ENGINE_H_
