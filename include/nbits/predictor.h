// SPDX-License-Identifier: Apache-2.0
// Runs a model of any supported type: a network, a pipeline of models, or a small classical model
// (linear, trees, what prepares features, non-maximum suppression) by itself.
//
// Source of the semantics: the comments of the Core ML format (Model.proto, NonMaximumSuppression,
// GLMClassifier, GLMRegressor, TreeEnsemble, Scaler, Normalizer, OneHotEncoder, DictVectorizer,
// Imputer, FeatureVectorizer, ArrayFeatureExtractor, CategoricalMapping, Identity) and what
// coremltools' converters from scikit-learn and XGBoost write.
#ifndef NBITS_PREDICTOR_H_
#define NBITS_PREDICTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "nbits/engine.h"
#include "nbits/export.h"
#include "nbits/model.h"
#include "nbits/tensor.h"

namespace nbits NBITS_EXPORT {

// Numbers by key, in the order in which the model made them; integers stand as decimal text.
struct Dictionary {
  bool integer_keys = false;
  std::vector<std::pair<std::string, double>> entries;
};

// An array in double precision, as classical models compute. Row-major, like Tensor.
struct DoubleArray {
  Shape shape;
  std::vector<double> values;
};

// The value of one feature: an array or a picture (pixels as nbits/image.h lays them out), a
// number, text, or a dictionary.
using FeatureValue = std::variant<Tensor, DoubleArray, int64_t, double, std::string, Dictionary>;
using FeatureMap = std::map<std::string, FeatureValue>;

// The tensors among `values`: arrays as they are, a number as [1], a dictionary as its values in
// their order. Text has none and is left out.
TensorMap TensorsOf(FeatureMap values);

// A model ready to run. Predict and Run may be called from several threads at once.
//
// Example:
//   auto model = nbits::Model::Open("model.mlmodel");
//   if (!model.ok()) return model.status();
//   auto predictor = nbits::Predictor::Create(*model);
//   if (!predictor.ok()) return predictor.status();
//   const nbits::FeatureDescription& input = model->description().inputs[0];
//   auto photo = nbits::ReadInput(input, "photo.jpg");  // nbits/input.h
//   if (!photo.ok()) return photo.status();
//   auto outputs = predictor->Predict({{input.name, *photo}});
//   if (!outputs.ok()) return outputs.status();
//   assert(outputs->size() == predictor->outputs().size());
class Predictor {
 public:
  // The parameters are Engine::Create's, which every network of the model is given; of `shapes`
  // those of the inputs that it takes. Unimplemented names all members that cannot run, by place
  // and type; other errors are the engine's, with the member.
  static absl::StatusOr<Predictor> Create(const Model& model, const EngineOptions& options = {},
                                          const std::map<std::string, Shape>& shapes = {});

  // Create's error for a model of a type that cannot run, or with such members, at once: nothing is
  // prepared, and no input is needed.
  static absl::Status CheckSupported(const Model& model);

  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();

  // As the model lists them, with the shapes of tensors: [3 or 1, height, width] of a picture, [1]
  // of a number. Of a network: the engine's.
  const std::vector<FeatureDescription>& inputs() const;
  const std::vector<FeatureDescription>& outputs() const;

  // Every output that outputs() lists, of the kind that it states there: arrays and pictures as
  // Tensor, numbers, text, and probabilities as a dictionary in the order of the labels. A model
  // that is a network by itself gives what its engine does, tensors only. Inputs may be left out
  // where the model says so (a suppression then takes its own thresholds, a tree takes the branch
  // for missing values). `profile` (may be null) gets the layers of all networks, and a row for
  // each other member. InvalidArgument, with the member, for an input that is missing or does not
  // fit.
  absl::StatusOr<FeatureMap> Predict(FeatureMap inputs,
                                     std::vector<LayerProfile>* profile = nullptr) const;

  // The same by tensors: numbers may be given as tensors of one element, TensorsOf is what comes
  // back.
  absl::StatusOr<TensorMap> Run(const TensorMap& inputs,
                                std::vector<LayerProfile>* profile = nullptr) const;

  // Of all networks together, which keep their memory from run to run.
  int64_t activation_bytes() const;

  // Engine::wide_tensors of all networks together.
  int64_t wide_tensors() const;

  // One for each network, with its place in the pipeline ("" where there is none).
  std::vector<std::pair<std::string, MemoryReport>> memory() const;

 private:
  struct NBITS_LOCAL Impl;
  explicit Predictor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nbits

#endif  // NBITS_PREDICTOR_H_
