// SPDX-License-Identifier: Apache-2.0
#include "compare/compared_inputs.h"

#include <memory>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "compare/comparison.h"
#include "compare/preflight.h"
#include "nbits/predictor.h"

namespace nbits {

absl::StatusOr<std::shared_ptr<const ComparedInputs>> CheckCompareOptions(
    const CompareOptions& options) {
  const std::string& file = options.original.file;
  NBITS_ASSIGN_OR_RETURN(const Model model, Model::Open(file));
  const absl::Status runs = Predictor::CheckSupported(model);
  if (!runs.ok()) return Prefixed(file, runs);
  NBITS_ASSIGN_OR_RETURN(Samples samples, Samples::List(options, model.description()));
  NBITS_RETURN_IF_ERROR(CheckVariants(options));
  NBITS_RETURN_IF_ERROR(CheckBeforeRun(options, samples.names()));
  return std::make_shared<const ComparedInputs>(
      ComparedInputs{model.description(), std::move(samples)});
}

}  // namespace nbits
