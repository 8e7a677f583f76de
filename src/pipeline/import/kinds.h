// SPDX-License-Identifier: Apache-2.0
// The classical models, each made from its message.
#ifndef NBITS_PIPELINE_IMPORT_KINDS_H_
#define NBITS_PIPELINE_IMPORT_KINDS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "formats/neural_network/wire/parse_quietly.h"
#include "nbits/model.h"
#include "pipeline/stage.h"

namespace nbits {

// A model's bytes and what it says of its features.
struct Source {
  ByteSpan content;
  ModelDescription description;
};
using MadeStage = absl::StatusOr<std::unique_ptr<Stage>>;

MadeStage MakeSuppression(Source source);
MadeStage MakeLinearClassifier(Source source);
MadeStage MakeLinearRegressor(Source source);
MadeStage MakeTreeClassifier(Source source);
MadeStage MakeTreeRegressor(Source source);
MadeStage MakeScaler(Source source);
MadeStage MakeNormalizer(Source source);
MadeStage MakeOneHotEncoder(Source source);
MadeStage MakeDictVectorizer(Source source);
MadeStage MakeImputer(Source source);
MadeStage MakeFeatureVectorizer(Source source);
MadeStage MakeArrayFeatureExtractor(Source source);
MadeStage MakeCategoricalMapping(Source source);
MadeStage MakeIdentity(Source source);

// Parses the content. InvalidArgument when it is no such message.
template <typename Message>
absl::StatusOr<Message> ParseContent(const Source& source) {
  Message message;
  if (ParseQuietly(source.content, message)) return message;
  return absl::InvalidArgumentError("the model's parameters cannot be read");
}

}  // namespace nbits

#endif  // NBITS_PIPELINE_IMPORT_KINDS_H_
