// SPDX-License-Identifier: Apache-2.0
// What Model holds, for the modules that know the schema (this one and graph's importers).
#ifndef NBITS_FORMATS_NEURAL_NETWORK_MODEL_IMPL_H_
#define NBITS_FORMATS_NEURAL_NETWORK_MODEL_IMPL_H_

#include <memory>
#include <string>
#include <vector>

#include "nbits/model.h"
#include "proto/model.pb.h"

namespace nbits {

struct WireTree;  // formats/neural_network/wire/wire_tree.h: the file's messages as ranges of the
                  // mapping.

struct Model::Impl {
  std::string name;  // File name for messages.
  ModelDescription description;
  // The parsed file without the values of its weights: each WeightParams that holds values carries
  // nbits_weight_index = i + 1, and weights[i].tensor holds them, quantization included.
  schema::Model skeleton;
  std::vector<WeightRef> weights;
  std::vector<int64_t> scales;  // WeightField::scales
                                // (formats/neural_network/weights/weight_fields.h) of each weight.
  std::shared_ptr<WireTree> tree;
  int64_t file_size = 0;
  std::string package;  // The folder that holds the file, when it was opened as a package.

  // Derives skeleton, weights and description from the tree: after reading it and after every
  // change of its structure. On an error the three are what they were.
  absl::Status Refresh();
};

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_MODEL_IMPL_H_
