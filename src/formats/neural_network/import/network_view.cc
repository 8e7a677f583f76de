// SPDX-License-Identifier: Apache-2.0
#include "formats/neural_network/import/network_view.h"

#include "absl/strings/str_cat.h"
#include "formats/neural_network/foreign_file.h"
#include "formats/neural_network/model_impl.h"

namespace nbits::graph {
namespace {

template <typename Network>
NetworkView ViewOf(const Network& network) {
  return {&network.layers(), &network.preprocessing(),
          network.arrayinputshapemapping() == schema::RANK5_ARRAY_MAPPING,
          network.imageinputshapemapping() == schema::RANK5_IMAGE_MAPPING, ""};
}

}  // namespace

absl::StatusOr<NetworkView> FindNetwork(const Model& model) {
  const schema::Model& skeleton = model.impl().skeleton;
  if (skeleton.has_neuralnetwork()) return ViewOf(skeleton.neuralnetwork());
  if (skeleton.has_neuralnetworkregressor()) return ViewOf(skeleton.neuralnetworkregressor());
  if (skeleton.has_neuralnetworkclassifier()) {
    NetworkView view = ViewOf(skeleton.neuralnetworkclassifier());
    view.probability_blob = skeleton.neuralnetworkclassifier().labelprobabilitylayername();
    return view;
  }
  return absl::UnimplementedError(absl::StrCat("models of type ", model.description().type,
                                               " cannot be run", ProgramAdvice(model)));
}

absl::Status NameFeature(absl::string_view what, const std::string& name,
                         const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(what, " '", name, "': ", status.message()));
}

}  // namespace nbits::graph
