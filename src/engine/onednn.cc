#include "engine/onednn.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine/kernels/chunks.h"
#include "engine/kernels/plain.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace nbits {
namespace {

using dnnl::memory;
using graph::Convolution;
using graph::InnerProduct;
using graph::MatrixProduct;
using graph::UnaryFunction;

constexpr auto kFloat = memory::data_type::f32;

const dnnl::engine& CpuEngine() {
  static const dnnl::engine* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

memory::desc RowMajor(const memory::dims& extents) {
  memory::dims strides(extents.size(), 1);
  for (size_t i = extents.size(); i-- > 1;) strides[i - 1] = strides[i] * extents[i];
  return {extents, kFloat, strides};
}

memory::desc AnyLayout(const memory::dims& extents) {
  return {extents, kFloat, memory::format_tag::any};
}

int64_t SizeOf(const memory::desc& desc) { return static_cast<int64_t>(desc.get_size()); }

memory Wrap(const memory::desc& desc, const void* data) {
  // oneDNN takes its arguments, inputs too, as pointers to non-const.
  return memory(desc, CpuEngine(), const_cast<void*>(data));
}

// ---- Activations --------------------------------------------------------------------------------

struct PostOperation {
  dnnl::algorithm algorithm;
  float alpha, beta;
};

// The activation as oneDNN knows it; nothing for others, which are then computed by the plain
// kernel.
std::optional<PostOperation> PostOperationOf(const graph::Unary& op) {
  if (op.scale != 1 || op.shift != 0) return std::nullopt;
  switch (op.function) {
    case UnaryFunction::kRelu:
      return PostOperation{dnnl::algorithm::eltwise_relu, 0, 0};
    case UnaryFunction::kLeakyRelu:
      return PostOperation{dnnl::algorithm::eltwise_relu, op.alpha, 0};
    case UnaryFunction::kClip:
      if (!std::isfinite(op.alpha) || !std::isfinite(op.beta)) return std::nullopt;
      return PostOperation{dnnl::algorithm::eltwise_clip, op.alpha, op.beta};
    case UnaryFunction::kLinear:
      return PostOperation{dnnl::algorithm::eltwise_linear, op.alpha, op.beta};
    default:
      return std::nullopt;
  }
}

dnnl::primitive_attr AttributesFor(const std::optional<graph::Unary>& activation) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const auto post = activation ? PostOperationOf(*activation) : std::nullopt;
  if (!post) return attributes;
  dnnl::post_ops operations;
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(post->algorithm, post->alpha, post->beta);
#else
  operations.append_eltwise(1.0f, post->algorithm, post->alpha, post->beta);
#endif
  attributes.set_post_ops(operations);
  return attributes;
}

// ---- Convolution --------------------------------------------------------------------------------

// What oneDNN is told of a convolution. Layouts of the arguments are its choice.
struct Problem {
  memory::desc source, weights, bias, target;
  memory::dims strides, dilations, pad_begin, pad_end;
  dnnl::primitive_attr attributes;
};

template <typename Primitive>
typename Primitive::primitive_desc DescribePrimitive(const Problem& p, dnnl::algorithm algorithm) {
  constexpr auto kInference = dnnl::prop_kind::forward_inference;
#if DNNL_VERSION_MAJOR >= 3
  return {CpuEngine(), kInference, algorithm,   p.source,    p.weights, p.bias,
          p.target,    p.strides,  p.dilations, p.pad_begin, p.pad_end, p.attributes};
#else
  const typename Primitive::desc desc(kInference, algorithm, p.source, p.weights, p.bias, p.target,
                                      p.strides, p.dilations, p.pad_begin, p.pad_end);
  return {desc, p.attributes, CpuEngine()};
#endif
}

// The file's layout of the weights, in oneDNN's order of axes: groups, outputs, inputs, height,
// width. A deconvolution's file has inputs before outputs.
struct WeightLayout {
  memory::dims extents, strides;

  memory::desc desc() const { return {extents, kFloat, strides}; }
};

WeightLayout FileWeights(const Convolution& op, int64_t input_channels) {
  const int64_t outputs = op.output_channels / op.groups, inputs = input_channels / op.groups;
  const int64_t width = op.window.kernel[1], area = op.window.kernel[0] * width;
  const int64_t output_stride = op.transposed ? area : inputs * area;
  const int64_t input_stride = op.transposed ? outputs * area : area;
  WeightLayout layout{{outputs, inputs, op.window.kernel[0], width},
                      {output_stride, input_stride, width, 1}};
  if (op.groups > 1) {
    layout.extents.insert(layout.extents.begin(), op.groups);
    layout.strides.insert(layout.strides.begin(), outputs * inputs * area);
  }
  return layout;
}

Problem ProblemOf(const Convolution& op, const memory::dims& source, const memory::dims& target) {
  const graph::Window& w = op.window;
  Problem p;
  p.source = AnyLayout(source);
  p.weights = AnyLayout(FileWeights(op, source[1]).extents);
  p.bias = RowMajor({op.output_channels});
  p.target = AnyLayout(target);
  for (int axis = 0; axis < 2; ++axis) {
    p.strides.push_back(w.stride[axis]);
    p.dilations.push_back(w.dilation[axis] - 1);
    p.pad_begin.push_back(w.pad_begin[axis]);
    const int64_t reach = (w.kernel[axis] - 1) * w.dilation[axis] + 1;
    p.pad_end.push_back(op.transposed ? (source[axis + 2] - 1) * w.stride[axis] + reach -
                                            w.pad_begin[axis] - target[axis + 2]
                                      : w.pad_end[axis]);
  }
  p.attributes = AttributesFor(op.activation);
  return p;
}

// Values in one layout, and in the one that the primitive wants.
struct Argument {
  memory::desc outside, inside;

  bool reordered() const { return outside != inside; }
  int64_t workspace_bytes() const { return reordered() ? AlignedSize(SizeOf(inside)) : 0; }
};

void Reorder(const dnnl::stream& stream, const memory& from, const memory& to) {
  memory source = from, target = to;
  dnnl::reorder(source, target).execute(stream, source, target);
}

class ConvolutionKernel : public Kernel {
 public:
  template <typename Descriptor, typename Primitive>
  ConvolutionKernel(const Convolution& op, const Descriptor& descriptor, const Primitive& primitive,
                    const memory::dims& source, const memory::dims& target)
      : op_(op),
        primitive_(primitive),
        source_{RowMajor(source), descriptor.src_desc()},
        weights_{FileWeights(op, source[1]).desc(), descriptor.weights_desc()},
        target_{RowMajor(target), descriptor.dst_desc()},
        bias_desc_(RowMajor({op.output_channels})),
        scratchpad_(descriptor.scratchpad_desc()),
        bias_(op.bias) {
    bias_.resize(op.output_channels, 0.0f);
    if (op.activation && !PostOperationOf(*op.activation)) activation_ = op.activation;
  }

  absl::string_view name() const override { return "onednn"; }

  int64_t workspace_bytes() const override {
    return source_.workspace_bytes() + target_.workspace_bytes() + weights_.workspace_bytes() +
           AlignedSize(SizeOf(scratchpad_)) +
           (op_.scale.empty() ? 0 : AlignedSize(SizeOf(weights_.outside)));
  }

  absl::Status Run(const Call& call) const override {
    try {
      Execute(call);
    } catch (const dnnl::error& error) {
      return absl::InternalError(absl::StrCat("oneDNN: ", error.message));
    }
    if (activation_) {
      float* values = call.outputs[0].data;
      ApplyUnary(*activation_, values, values, graph::Product(call.outputs[0].shape), call.threads);
    }
    return absl::OkStatus();
  }

 private:
  // The value of an argument in the primitive's layout, moved there when it has another.
  static memory Bring(const dnnl::stream& stream, const Argument& argument, const void* data,
                      Workspace& workspace) {
    const memory outside = Wrap(argument.outside, data);
    if (!argument.reordered()) return outside;
    const memory inside = Wrap(argument.inside, workspace.Bytes(SizeOf(argument.inside)));
    Reorder(stream, outside, inside);
    return inside;
  }

  const float* ScaledWeights(Workspace& workspace) const {
    const float* weights = workspace.Weight(op_.weight);
    if (op_.scale.empty()) return weights;
    const int64_t count = SizeOf(weights_.outside) / 4;
    float* scaled = workspace.Floats(count);
    const int64_t area = op_.window.kernel[0] * op_.window.kernel[1];
    const int64_t outputs = op_.output_channels;
    if (!op_.transposed) {
      const int64_t each = count / outputs;
      for (int64_t i = 0; i < count; ++i) scaled[i] = weights[i] * op_.scale[i / each];
      return scaled;
    }
    const int64_t per_group = outputs / op_.groups, group = count / op_.groups;
    for (int64_t i = 0; i < count; ++i) {
      scaled[i] = weights[i] * op_.scale[i / group * per_group + i / area % per_group];
    }
    return scaled;
  }

  void Execute(const Call& call) const {
    const dnnl::stream stream(CpuEngine());
    Workspace& workspace = call.workspace;
    const memory source = Bring(stream, source_, call.inputs[0].data, workspace);
    const memory weights = Bring(stream, weights_, ScaledWeights(workspace), workspace);
    const memory outside = Wrap(target_.outside, call.outputs[0].data);
    const memory target = target_.reordered()
                              ? Wrap(target_.inside, workspace.Bytes(SizeOf(target_.inside)))
                              : outside;
    const memory scratchpad = Wrap(scratchpad_, workspace.Bytes(SizeOf(scratchpad_)));
    primitive_.execute(stream, {{DNNL_ARG_SRC, source},
                                {DNNL_ARG_WEIGHTS, weights},
                                {DNNL_ARG_BIAS, Wrap(bias_desc_, bias_.data())},
                                {DNNL_ARG_DST, target},
                                {DNNL_ARG_SCRATCHPAD, scratchpad}});
    if (target_.reordered()) Reorder(stream, target, outside);
  }

  const Convolution& op_;  // The graph outlives its kernels.
  dnnl::primitive primitive_;
  Argument source_, weights_, target_;
  memory::desc bias_desc_, scratchpad_;
  std::vector<float> bias_;
  std::optional<graph::Unary> activation_;  // One that oneDNN does not know.
};

template <typename Primitive>
std::unique_ptr<Kernel> BuildConvolution(const Convolution& op, dnnl::algorithm algorithm,
                                         const memory::dims& source, const memory::dims& target) {
  const auto descriptor = DescribePrimitive<Primitive>(ProblemOf(op, source, target), algorithm);
  return std::make_unique<ConvolutionKernel>(op, descriptor, Primitive(descriptor), source, target);
}

memory::dims FourAxes(const Shape& shape) {
  const size_t rank = shape.size();
  return {graph::Product(shape, 0, rank - 3), shape[rank - 3], shape[rank - 2], shape[rank - 1]};
}

// ---- Matrix products ----------------------------------------------------------------------------

// c [m, n] = a [m, k] * b [k, n], row-major; a and b may be given transposed.
absl::Status Multiply(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k,
                      const float* a, const float* b, float* c) {
  const auto status = dnnl::sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f,
                                  a, transpose_a ? m : k, b, transpose_b ? k : n, 0.0f, c, n);
  return status == dnnl::status::success ? absl::OkStatus()
                                         : absl::InternalError("oneDNN: matrix product failed");
}

// Adds the bias to rows [begin, end) of `length` values and applies the activation; row r belongs
// to channel r % channels.
void FinishRows(const std::vector<float>& bias, const std::optional<graph::Unary>& activation,
                float* rows, int64_t length, int64_t begin, int64_t end) {
  const int64_t channels = static_cast<int64_t>(bias.size());
  for (int64_t row = begin; row < end; ++row) {
    float* values = rows + row * length;
    if (channels > 0) {
      const float offset = bias[row % channels];
      for (int64_t i = 0; i < length; ++i) values[i] += offset;
    }
    if (activation) ApplyUnary(*activation, values, values, length, 1);
  }
}

// A 1 x 1 convolution is a product of matrices: weights [C_out, C_in] by pixels [C_in, H * W].
class PointwiseKernel : public Kernel {
 public:
  PointwiseKernel(const Convolution& op, int64_t input_channels)
      : op_(op), input_channels_(input_channels) {}

  absl::string_view name() const override { return "onednn gemm"; }
  int64_t workspace_bytes() const override {
    return op_.scale.empty() ? 0 : AlignedSize(4 * op_.output_channels * input_channels_);
  }

  absl::Status Run(const Call& call) const override {
    const float* weights = ScaledWeights(call.workspace);
    const int64_t pixels = op_.output[0] * op_.output[1];
    const int64_t batch = graph::Product(call.outputs[0].shape) / (op_.output_channels * pixels);
    for (int64_t n = 0; n < batch; ++n) {
      NBITS_RETURN_IF_ERROR(Multiply(false, false, op_.output_channels, pixels, input_channels_,
                                     weights, call.inputs[0].data + n * input_channels_ * pixels,
                                     call.outputs[0].data + n * op_.output_channels * pixels));
    }
    if (op_.bias.empty() && !op_.activation) return absl::OkStatus();
    ForChunks(batch * op_.output_channels, pixels, call.threads, [&](int64_t begin, int64_t end) {
      FinishRows(op_.bias, op_.activation, call.outputs[0].data, pixels, begin, end);
    });
    return absl::OkStatus();
  }

 private:
  const float* ScaledWeights(Workspace& workspace) const {
    const float* weights = workspace.Weight(op_.weight);
    if (op_.scale.empty()) return weights;
    float* scaled = workspace.Floats(op_.output_channels * input_channels_);
    for (int64_t i = 0; i < op_.output_channels * input_channels_; ++i) {
      scaled[i] = weights[i] * op_.scale[i / input_channels_];
    }
    return scaled;
  }

  const Convolution& op_;  // The graph outlives its kernels.
  int64_t input_channels_;
};

class InnerProductKernel : public Kernel {
 public:
  explicit InnerProductKernel(const InnerProduct& op) : op_(op) {}

  absl::string_view name() const override { return "onednn gemm"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const int64_t rows = graph::Product(op_.output_shape) / op_.output_channels;
    float* out = call.outputs[0].data;
    NBITS_RETURN_IF_ERROR(Multiply(false, true, rows, op_.output_channels, op_.input_channels,
                                   call.inputs[0].data, call.workspace.Weight(op_.weight), out));
    for (int64_t row = 0; !op_.bias.empty() && row < rows; ++row) {
      for (int64_t i = 0; i < op_.output_channels; ++i) {
        out[row * op_.output_channels + i] += op_.bias[i];
      }
    }
    if (op_.activation) {
      ApplyUnary(*op_.activation, out, out, rows * op_.output_channels, call.threads);
    }
    return absl::OkStatus();
  }

 private:
  const InnerProduct& op_;  // The graph outlives its kernels.
};

// Stacks of equally many matrices; other broadcasts are left to the plain kernel.
class MatrixProductKernel : public Kernel {
 public:
  explicit MatrixProductKernel(const MatrixProduct& op) : op_(op) {}

  absl::string_view name() const override { return "onednn gemm"; }
  int64_t workspace_bytes() const override { return 0; }

  absl::Status Run(const Call& call) const override {
    const Shape &a = call.inputs[0].shape, &b = call.inputs[1].shape;
    const Shape& out = call.outputs[0].shape;
    const int64_t m = out[out.size() - 2], n = out.back();
    const int64_t k = op_.transpose_a ? a[a.size() - 2] : a.back();
    const int64_t matrices = graph::Product(out) / (m * n);
    const int64_t step_a = graph::Product(a) == m * k ? 0 : m * k;
    const int64_t step_b = graph::Product(b) == k * n ? 0 : k * n;
    for (int64_t i = 0; i < matrices; ++i) {
      NBITS_RETURN_IF_ERROR(
          Multiply(op_.transpose_a, op_.transpose_b, m, n, k, call.inputs[0].data + i * step_a,
                   call.inputs[1].data + i * step_b, call.outputs[0].data + i * m * n));
    }
    return absl::OkStatus();
  }

 private:
  const MatrixProduct& op_;  // The graph outlives its kernels.
};

// ---- Which kernel -------------------------------------------------------------------------------

bool IsPointwise(const Convolution& op) {
  constexpr graph::Pair kOnes = {1, 1}, kZeros = {0, 0};
  return op.window.kernel == kOnes && op.window.stride == kOnes && op.groups == 1 &&
         !op.transposed && op.window.pad_begin == kZeros && op.window.pad_end == kZeros;
}

std::unique_ptr<Kernel> MakeConvolution(const Convolution& op, const Shape& source,
                                        const Shape& target) {
  if (IsPointwise(op)) return std::make_unique<PointwiseKernel>(op, source[source.size() - 3]);
  try {
    if (op.transposed) {
      return BuildConvolution<dnnl::deconvolution_forward>(
          op, dnnl::algorithm::deconvolution_direct, FourAxes(source), FourAxes(target));
    }
    return BuildConvolution<dnnl::convolution_forward>(op, dnnl::algorithm::convolution_direct,
                                                       FourAxes(source), FourAxes(target));
  } catch (const dnnl::error&) {
    return nullptr;  // A case that oneDNN does not have: the plain kernel takes it.
  }
}

// Each input is one matrix, or has the same stack as the output.
bool IsSimpleStack(const Shape& input, const Shape& output) {
  const int64_t stack = graph::Product(input, 0, input.size() - 2);
  return stack == 1 || stack == graph::Product(output, 0, output.size() - 2);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeOneDnnKernel(const graph::Graph& graph,
                                                         const graph::Node& node,
                                                         const NodeFormats& formats,
                                                         const EngineOptions&) {
  if (node.inputs.empty() || !AllPlanar(formats)) return nullptr;
  const Shape& source = graph.tensors[node.inputs[0]].shape;
  const Shape& target = graph.tensors[node.outputs[0]].shape;
  if (const auto* op = std::get_if<Convolution>(&node.op)) {
    if (op->adds() || op->reads_others()) return nullptr;
    return MakeConvolution(*op, source, target);
  }
  if (const auto* op = std::get_if<InnerProduct>(&node.op)) {
    return std::make_unique<InnerProductKernel>(*op);
  }
  if (const auto* op = std::get_if<MatrixProduct>(&node.op)) {
    const Shape& other = graph.tensors[node.inputs[1]].shape;
    if (!IsSimpleStack(source, target) || !IsSimpleStack(other, target)) return nullptr;
    return std::make_unique<MatrixProductKernel>(*op);
  }
  return nullptr;
}

}  // namespace nbits
