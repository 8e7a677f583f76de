// SPDX-License-Identifier: Apache-2.0
#include "quantize/calibrate/calibrator.h"

#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/memory_limit.h"
#include "base/status_macros.h"
#include "base/threads/parallel.h"
#include "quantize/calibrate/calibrated_form.h"
#include "quantize/calibrate/layer_problem.h"
#include "quantize/quantize_linear.h"

namespace nbits {
namespace {

bool IsOutputsFirst(const MatrixLayout& layout) {
  const MatrixLayout first =
      OutputsFirst(layout.groups, layout.outputs, layout.inputs, layout.taps);
  return layout.group_stride == first.group_stride && layout.output_stride == first.output_stride &&
         layout.input_stride == first.input_stride;
}

bool IsInputsFirst(const MatrixLayout& layout) {
  const MatrixLayout first = InputsFirst(layout.groups, layout.outputs, layout.inputs, layout.taps);
  return layout.group_stride == first.group_stride && layout.output_stride == first.output_stride &&
         layout.input_stride == first.input_stride;
}

absl::Status CheckLayout(const MatrixLayout& layout, int64_t values) {
  const Shape extents = {layout.groups, layout.outputs, layout.inputs, layout.taps};
  const auto count = ElementCount(extents);
  if (!count.ok() || *count == 0 || *count != values) {
    return absl::InvalidArgumentError(
        absl::StrCat("a layout of ", layout.groups, " groups of ", layout.outputs, " x ",
                     layout.inputs, " x ", layout.taps, " weights for ", values, " values"));
  }
  if (IsOutputsFirst(layout) || IsInputsFirst(layout)) return absl::OkStatus();
  return absl::InvalidArgumentError("a layout that leaves the tensor");
}

absl::Status CheckMoments(const MatrixLayout& layout, std::span<const SecondMoments> moments) {
  if (static_cast<int64_t>(moments.size()) != layout.groups) {
    return absl::InvalidArgumentError(
        absl::StrCat("moments of ", moments.size(), " groups (expected ", layout.groups, ")"));
  }
  for (const SecondMoments& group : moments) {
    NBITS_RETURN_IF_ERROR(group.Validate());
    if (group.inputs != layout.columns()) {
      return absl::InvalidArgumentError(
          absl::StrCat("moments of ", group.inputs, " inputs (expected ", layout.columns(), ")"));
    }
    if (group.count == 0) return absl::FailedPreconditionError("moments of no position");
  }
  return absl::OkStatus();
}

absl::Status CheckProblem(std::span<const float> values, const MatrixLayout& layout,
                          std::span<const SecondMoments> moments) {
  NBITS_RETURN_IF_ERROR(CheckLayout(layout, static_cast<int64_t>(values.size())));
  NBITS_RETURN_IF_ERROR(CheckMoments(layout, moments));
  if (AllExtremes(values).finite) return absl::OkStatus();
  return absl::FailedPreconditionError("a weight is infinite or not a number");
}

}  // namespace

struct Calibrator::Problem {
  Shape shape;
  std::vector<float> values;
  LayerProblem layer;
};

Calibrator::Calibrator(std::unique_ptr<Problem> problem) : problem_(std::move(problem)) {}
Calibrator::Calibrator(Calibrator&&) noexcept = default;
Calibrator& Calibrator::operator=(Calibrator&&) noexcept = default;
Calibrator::~Calibrator() = default;

absl::StatusOr<Calibrator> Calibrator::Make(std::span<const float> values, const Shape& shape,
                                            const MatrixLayout& layout,
                                            std::vector<SecondMoments> moments,
                                            const CalibrateOptions& options) {
  NBITS_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape));
  if (count != static_cast<int64_t>(values.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(values.size(), " values for a shape of ", count, " elements"));
  }
  NBITS_RETURN_IF_ERROR(CheckProblem(values, layout, moments));
  NBITS_RETURN_IF_ERROR(CheckMemory(Bytes(layout), "calibrated quantization"));
  return WithoutThrowing("calibrated quantization", [&]() -> absl::StatusOr<Calibrator> {
    NBITS_ASSIGN_OR_RETURN(LayerProblem layer,
                           MakeProblem(values, layout, std::move(moments), options));
    return Calibrator(std::make_unique<Problem>(
        Problem{shape, {values.begin(), values.end()}, std::move(layer)}));
  });
}

int64_t Calibrator::Bytes(const MatrixLayout& layout) {
  const StripeLayout stripes(layout);
  const int64_t columns = layout.columns();
  // A covariance, its drift and a factor of it, and, once the drift is gone, two of them.
  const int64_t matrices =
      layout.groups * (CovarianceBytes(columns, true) +
                       static_cast<int64_t>(sizeof(float)) * TriangleElements(columns));
  // Of each weight: values, target, and what rounding holds (codes twice, errors, rows).
  constexpr int64_t kBytesAWeight = 4 + 4 + 2 + 8 + 4;
  return matrices + kBytesAWeight * stripes.elements() + 8 * layout.elements();
}

absl::StatusOr<Calibrated> Calibrator::Quantize(const QuantizeOptions& options) const {
  NBITS_RETURN_IF_ERROR(
      CheckMemory(18 * problem_->layer.stripes.elements(), "calibrated quantization"));
  return WithoutThrowing("calibrated quantization", [&]() -> absl::StatusOr<Calibrated> {
    NBITS_ASSIGN_OR_RETURN(Calibrated result, CalibratedForm(problem_->layer, problem_->values,
                                                             problem_->shape, options));
    std::vector<float> decoded(problem_->values.size());
    NBITS_RETURN_IF_ERROR(Dequantize(result.tensor, decoded));
    result.bias_shift = BiasShift(decoded);
    return result;
  });
}

std::vector<float> Calibrator::Target() const {
  std::vector<float> values(problem_->values.size());
  PlaceInTensor(problem_->layer.target, problem_->layer.layout, 1 / problem_->layer.factor, values);
  return values;
}

double Calibrator::ErrorOf(std::span<const float> values) const {
  const std::vector<double> errors = ErrorsUnderMoments(problem_->layer, values);
  return problem_->layer.ErrorUnit() * std::accumulate(errors.begin(), errors.end(), 0.0);
}

std::vector<float> Calibrator::BiasShift(std::span<const float> values) const {
  const MatrixLayout& layout = problem_->layer.layout;
  std::vector<float> shift(layout.groups * layout.outputs);
  ParallelFor(static_cast<int64_t>(shift.size()), [&](int64_t i) {
    const int64_t group = i / layout.outputs, output = i % layout.outputs;
    const Covariance& inputs = problem_->layer.groups[group].covariance;
    double sum = 0;
    for (int64_t k = 0; k < layout.columns(); ++k) {
      const int64_t element = layout.ElementOf(group, output, k);
      const double before = problem_->values[element], after = values[element];
      sum += (before - after) * inputs.mean[k] + before * inputs.drift_mean[k];
    }
    shift[i] = static_cast<float>(sum);
  });
  return shift;
}

}  // namespace nbits
