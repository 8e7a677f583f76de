// SPDX-License-Identifier: Apache-2.0
// A Core ML model file of any type: opened, described, its weights visited and replaced, written
// back. What is not replaced is preserved to the byte, unknown fields included.
//
// Source: the Core ML specification: Model.proto (Model, ModelDescription, Metadata),
// FeatureTypes.proto (FeatureType and its kinds), NeuralNetwork.proto (layers and WeightParams).
#ifndef NBITS_MODEL_H_
#define NBITS_MODEL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nbits/export.h"
#include "nbits/packed_tensor.h"

namespace nbits NBITS_EXPORT {

enum class FeatureKind : uint8_t {
  kMultiArray,
  kImage,
  kInt64,
  kDouble,
  kString,
  kDictionary,
  kSequence,
  kState,
  kOther
};
enum class ImageColor : uint8_t { kGrayscale, kRgb, kBgr, kGrayscaleFloat16 };

struct FeatureDescription {
  std::string name;
  std::string description;
  FeatureKind kind = FeatureKind::kOther;
  bool optional = false;
  // kMultiArray: default shape as the file gives it (may be empty: the file does not say);
  // kImage: {height, width}.
  Shape shape;
  ImageColor color = ImageColor::kRgb;   // kImage only.
  std::string element_type;              // kMultiArray: "float32", "double", "int32", "float16".
  std::vector<Shape> enumerated_shapes;  // Flexible sizes, when listed one by one.
  std::vector<std::pair<int64_t, int64_t>> shape_range;  // Per axis; upper -1 = unbounded.
};

// A model within a pipeline.
struct MemberDescription {
  std::string path;   // "models[1]", "models[1]/models[0]".
  std::string name;   // As the pipeline calls it; may be empty.
  std::string type;   // As ModelDescription::type.
  int64_t bytes = 0;  // What the file spends on it.
  bool updatable = false;
};

// The two outputs of an object detector, by name: [boxes, classes] and [boxes, 4], the latter as
// (x of the centre, y of the centre, width, height) relative to the picture.
struct DetectorOutputs {
  std::string confidence, coordinates;
};

struct ModelDescription {
  std::string type;  // "neuralNetwork", "neuralNetworkClassifier", "pipeline", "mlProgram",
                     // "treeEnsembleClassifier"...
  int specification_version = 0;
  std::vector<FeatureDescription> inputs;
  std::vector<FeatureDescription> outputs;
  std::string predicted_feature_name;
  std::string predicted_probabilities_name;
  std::string short_description, version, author, license;
  std::map<std::string, std::string> user_defined;  // Segmentation labels and colours live here.
  // Classifiers and object detectors, members of pipelines included; integers as decimal text.
  std::vector<std::string> class_labels;
  std::vector<std::pair<std::string, int>> layer_counts;  // Layers by kind, most frequent first.
  bool updatable = false;                                 // Can be trained further on a device.
  // Of pipelines: each member in order, those of a pipeline within after it.
  std::vector<MemberDescription> members;
  std::optional<DetectorOutputs> detector;
  // Of an ML Program: its functions, and which of them the inputs and outputs above are of; the
  // opset that it is written for ("CoreML5" is that of iOS15); what it keeps from run to run.
  std::vector<std::string> functions;
  std::string function, opset;
  std::vector<FeatureDescription> states;
};

// What a weight is within its layer; decides whether the default policy quantizes it.
enum class WeightRole : uint8_t {
  kKernel,     // Convolution, inner product, embedding, recurrent and batched-matmul matrices.
  kBias,       // Added per channel.
  kNormalize,  // Batch normalisation, scale layers, layer normalisation.
  kConstant,   // Load-constant layers.
  kOther,      // Activation parameters, peephole vectors, custom layers.
};

// One weight tensor of a model. In ML Programs: a constant of floats of rank 1 or more, in its own
// shape. In neural networks shapes and orders are those of the layer's message in
// NeuralNetwork.proto: a convolution's weights are [output channels, kernel channels, height,
// width], an inner product's [output channels, input channels], a vector [channels].
struct WeightRef {
  std::string path;        // "conv1/weights"; inside pipelines "models[1]/conv1/weights".
  std::string layer;       // The layer's name.
  std::string layer_type;  // "convolution", "innerProduct", ... as in the schema.
  std::string field;       // "weights", "bias", "gamma", ...
  WeightRole role = WeightRole::kOther;
  PackedTensor tensor;  // A view: bytes point into the mapped file (or a replacement).
  // Of ML Programs, where `path` is the constant's name and `layer`, `layer_type` and `field` are
  // the operation and the argument that read it: the model's specification version, from which
  // follow the forms that it may have; 0 in neural networks.
  int program_version = 0;
  bool is_half = false;  // Of ML Programs: the values' type is Float16, else Float32.
};

// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   int64_t bytes = 0;
//   for (const nbits::WeightRef& weight : model->weights()) bytes += weight.tensor.bytes.size();
//   std::cout << model->description().type << ", " << bytes << " bytes of weights\n";
//   return model->Save("copy.mlmodel");  // The same bytes: nothing was replaced.
class Model {
 public:
  // Maps and reads a .mlmodel file (its name must end so), or the model of a .mlpackage with its
  // weight files. NotFound, InvalidArgument (with file, place and reason).
  static absl::StatusOr<Model> Open(const std::string& path);
  // The same from memory; `name` stands in error messages. InvalidArgument.
  static absl::StatusOr<Model> FromBytes(std::string bytes, std::string name);

  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  const ModelDescription& description() const;
  // In file order, nested networks and pipeline members included. Indices are stable.
  std::span<const WeightRef> weights() const;
  int64_t file_size() const;

  // Chooses the function of an ML Program that is described and runs. NotFound, listing all, when
  // it has none of that name; InvalidArgument for another type of model.
  absl::Status UseFunction(const std::string& name);

  // Member `index` of a pipeline, of description().members those that are not within another, as a
  // model by itself. It shares the file's bytes, or has a copy where weights were replaced.
  // OutOfRange for an index that is none.
  absl::StatusOr<Model> Member(size_t index) const;

  // Puts `tensor` in place of weight `index`, which keeps its shape and channel axis. Raises the
  // specification version of the network it stands in as the scheme requires (Float16 2, signed
  // linear 5, others 3). OutOfRange for an index that is none; InvalidArgument, naming the weight,
  // for a tensor that does not have as many elements, is not in most-significant-first order,
  // fails Validate, or has another form than the weight and one that Core ML refuses there (what it
  // refuses of a layer's weights together only FormBreaches of nbits/forms.h tells).
  absl::Status ReplaceWeight(size_t index, PackedTensor tensor);

  // Bytes that Save would write.
  int64_t SerializedSize() const;
  // ResourceExhausted, with the model's name, when they exceed the format's 2 GB.
  absl::Status CheckSize() const;
  // Writes beside `path` and renames: on any failure `path` is what it was. A .mlpackage has all
  // other files of the one opened. ResourceExhausted over 2 GB, otherwise the system's error with
  // the path. `check`, when there is one, is given what was written, opened anew from the disk,
  // before it takes the place of `path`; its error is a failure like any other.
  using Check = std::function<absl::Status(const Model& written)>;
  absl::Status Save(const std::string& path, const Check& check = nullptr) const;

  // For the modules that know the schema (src/formats).
  struct NBITS_LOCAL Impl;
  const Impl& impl() const { return *impl_; }
  Impl& impl() { return *impl_; }

 private:
  explicit Model(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nbits

#endif  // NBITS_MODEL_H_
