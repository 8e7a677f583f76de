// SPDX-License-Identifier: Apache-2.0
// Features one after another in an array.
#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "pipeline/import/kinds.h"
#include "pipeline/values.h"
#include "proto/classical_models.pb.h"

namespace nbits {
namespace {

constexpr uint64_t kMostElements = 1 << 24;

struct Column {
  std::string name;
  size_t width = 0;
};

absl::Status CopyArray(const FeatureValue& value, std::span<double> to) {
  NBITS_ASSIGN_OR_RETURN(const DoubleArray array, ToArray(value));
  if (array.values.size() != to.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("it holds ", array.values.size(), " numbers, ", to.size(), " are needed"));
  }
  std::copy(array.values.begin(), array.values.end(), to.begin());
  return absl::OkStatus();
}

// A dictionary's keys are places.
absl::Status CopyDictionary(const Dictionary& dictionary, std::span<double> to) {
  for (const auto& [key, value] : dictionary.entries) {
    uint64_t place = 0;
    if (!dictionary.integer_keys || !absl::SimpleAtoi(key, &place) || place >= to.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("key '", key, "' is none of the places 0 to ", to.size() - 1));
    }
    to[place] = value;
  }
  return absl::OkStatus();
}

class FeatureVectorizer : public Stage {
 public:
  FeatureVectorizer(std::vector<Column> columns, FeatureDescription output)
      : columns_(std::move(columns)), output_(std::move(output)) {}

  absl::StatusOr<FeatureMap> Run(const Scope& scope, std::vector<LayerProfile>*) const override {
    size_t total = 0;
    for (const Column& column : columns_) total += column.width;
    DoubleArray array{{static_cast<int64_t>(total)}, std::vector<double>(total)};
    double* next = array.values.data();
    for (const Column& column : columns_) {
      const absl::Status status = Copy(scope, column, {next, column.width});
      if (!status.ok()) {
        return absl::Status(status.code(),
                            absl::StrCat("input '", column.name, "': ", status.message()));
      }
      next += column.width;
    }
    FeatureMap outputs;
    NBITS_ASSIGN_OR_RETURN(outputs[output_.name], Conform(std::move(array), output_));
    return outputs;
  }

 private:
  static absl::Status Copy(const Scope& scope, const Column& column, std::span<double> to) {
    const FeatureValue* value = scope.Find(column.name);
    if (value == nullptr) return absl::InvalidArgumentError("it is missing");
    const auto* dictionary = std::get_if<Dictionary>(value);
    return dictionary != nullptr ? CopyDictionary(*dictionary, to) : CopyArray(*value, to);
  }

  std::vector<Column> columns_;
  FeatureDescription output_;
};

}  // namespace

MadeStage MakeFeatureVectorizer(Source source) {
  NBITS_ASSIGN_OR_RETURN(const auto params, ParseContent<schema::FeatureVectorizer>(source));
  std::vector<Column> columns;
  uint64_t total = 0;
  for (const auto& column : params.inputlist()) {
    const uint64_t width = column.inputdimensions();
    total += std::min(width, kMostElements + 1);
    if (width == 0 || total > kMostElements) {
      return absl::InvalidArgumentError(absl::StrCat("input '", column.inputcolumn(), "' takes ",
                                                     width, " places; 1 to ", kMostElements,
                                                     " in all were expected"));
    }
    columns.push_back({column.inputcolumn(), width});
  }
  if (source.description.outputs.size() != 1) {
    return absl::InvalidArgumentError("one output was expected");
  }
  return std::make_unique<FeatureVectorizer>(std::move(columns),
                                             std::move(source.description.outputs[0]));
}

}  // namespace nbits
