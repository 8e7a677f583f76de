// The operations of a network, free of any file format. One struct an operation, holding its
// attributes already resolved: paddings are explicit, axes are counted from the front, sampling
// grids are numbers. Source of the semantics: the comments of Core ML's NeuralNetwork.proto.
//
// Layout: tensors are row-major. "Channels", "height" and "width" are the last three axes, in that
// order; every axis before them is batch.
#ifndef NBITS_GRAPH_OPS_H_
#define NBITS_GRAPH_OPS_H_

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "nbits/tensor.h"

namespace nbits::graph {

using WeightId = int32_t;  // Index into Graph::weights.
inline constexpr WeightId kNoWeight = -1;

// Height first, as everywhere in the format.
using Pair = std::array<int64_t, 2>;

// ---- Values made from nothing ------------------------------------------------------------------

struct Constant {  // The weight's shape is the output's.
  WeightId weight = kNoWeight;
};
struct Fill {
  float value = 0;
  Shape shape;
};
struct Range {  // start, start + step, ...: `count` values.
  float start = 0, step = 1;
  int64_t count = 0;
};

// Pseudo-random values; the same seed gives the same values. The format does not say which
// generator: this one is SplitMix64.
struct Random {
  enum class Distribution : uint8_t {
    kUniform,    // In [a, b).
    kNormal,     // Mean a, standard deviation b.
    kBernoulli,  // 1 with probability a, otherwise 0.
  };
  Distribution distribution = Distribution::kUniform;
  float a = 0, b = 1;
  uint64_t seed = 0;
  Shape shape;
};
// Draws along the last axis: `samples` class numbers for each row of probabilities p or, with
// logits, of weights exp(x). Probabilities become logits log(p + epsilon); all are divided by
// `temperature` before the exponential.
struct Categorical {
  int64_t samples = 1;
  bool logits = false;
  float epsilon = 1e-10f, temperature = 1;
  uint64_t seed = 0;
};

// ---- One value to one value --------------------------------------------------------------------

enum class UnaryFunction : uint8_t {
  kLinear,           // alpha * x + beta
  kRelu,             // max(0, x)
  kLeakyRelu,        // x < 0 ? alpha * x : x
  kThresholdedRelu,  // x >= alpha ? x : 0
  kClip,             // min(max(x, alpha), beta)
  kTanh,
  kScaledTanh,  // alpha * tanh(beta * x)
  kSigmoid,
  kHardSigmoid,  // min(max(alpha * x + beta, 0), 1)
  kElu,          // x < 0 ? alpha * (exp(x) - 1) : x
  kSoftsign,     // x / (1 + |x|)
  kSoftplus,     // log(1 + exp(x))
  kSqrt,
  kReciprocalSqrt,  // 1 / sqrt(x + alpha)
  kInverse,         // 1 / (x + alpha)
  kPower,           // x ^ alpha
  kExp,
  kLog,
  kAbs,
  kThreshold,    // max(alpha, x)
  kClampedRelu,  // x < 0 ? min(alpha * x, beta) : min(x, beta)
  kExp2,
  kSin,
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kSinh,
  kCosh,
  kAsinh,
  kAcosh,
  kAtanh,
  kErf,
  kGelu,         // x * (1 + erf(x / sqrt(2))) / 2
  kGeluTanh,     // x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
  kGeluSigmoid,  // x * sigmoid(1.702 x)
  kCeil,
  kFloor,
  kSign,
  kRound,  // Half to even.
  kLogicalNot,
};

struct Unary {  // f(scale * x + shift)
  UnaryFunction function = UnaryFunction::kLinear;
  float alpha = 0, beta = 0;
  float scale = 1, shift = 0;
};

// Activations with a parameter for every channel. Vectors hold one value or `channels`.
struct ChannelActivation {
  enum class Function : uint8_t {
    kParametricRelu,      // x < 0 ? alpha * x : x
    kParametricSoftplus,  // alpha * log(1 + exp(beta * x))
  };
  Function function = Function::kParametricRelu;
  int axis = 0;  // The channels: axis -3, or the last one of an input of rank 1 or 2.
  std::vector<float> alpha = {}, beta = {};
};

struct ChannelAffine {  // scale[c] * x + offset[c], c along axis -3.
  std::vector<float> scale, offset;
};

// ---- Several values to one value, with NumPy's broadcasting ------------------------------------

enum class BinaryOperation : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kMod,
  kPower,
  kMinimum,
  kMaximum,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,  // 1 for true, 0 for false.
  kLogicalAnd,
  kLogicalOr,
  kLogicalXor,
};
struct Binary {
  BinaryOperation operation = BinaryOperation::kAdd;
};
struct Select {};  // Inputs (condition, a, b): condition != 0 ? a : b.
struct BroadcastTo {
  Shape shape;
};

// ---- Sums over axes ----------------------------------------------------------------------------

enum class ReduceOperation : uint8_t {
  kSum,
  kMean,
  kProduct,
  kLogSum,
  kSumOfSquares,
  kL1,
  kL2,
  kMaximum,
  kMinimum,
  kLogSumExp,
};
struct Reduce {
  ReduceOperation operation = ReduceOperation::kSum;
  std::vector<int> axes;  // Ascending, distinct.
  bool keep_axes = true;
  float epsilon = 0;  // kLogSum: sum of log(x + epsilon).
};
struct ArgExtreme {  // Index of the first largest (smallest) value.
  bool largest = true;
  int axis = 0;
  bool keep_axis = true;
};
struct CumulativeSum {
  int axis = 0;
  bool exclusive = false, reverse = false;
};
struct TopK {  // Outputs (values, indices), best first; the lower index wins a tie.
  int axis = 0;
  int64_t count = 0;
  bool largest = true;
};
struct ArgSort {
  int axis = 0;
  bool descending = false;
};
struct Softmax {
  int axis = 0;
};

// Subtracts the mean over `axes` and divides by sqrt(variance + epsilon) (variance: mean of squared
// deviations), then applies scale and offset. The axes are the last ones: [first_axis, rank).
struct Normalize {
  int first_axis = 0;
  bool divide = true;
  float epsilon = 0;
  // Empty: none. kChannel: one value a channel (axis -3). kElement: one a normalised element.
  enum class Affine : uint8_t { kNone, kChannel, kElement } affine = Affine::kNone;
  std::vector<float> scale, offset;
};
struct L2Normalize {  // x / sqrt(sum over channels, height, width of x^2 + epsilon)
  float epsilon = 0;
};
struct LocalResponse {  // x / (k + alpha / size * sum of squares of `size` channels around)^beta
  float alpha = 0, beta = 0, k = 1;
  int64_t size = 1;
};

// ---- Windows and products ----------------------------------------------------------------------

struct Window {
  Pair kernel = {1, 1}, stride = {1, 1}, dilation = {1, 1};
  Pair pad_begin = {0, 0}, pad_end = {0, 0};

  // Whether output pixel i reads input pixel i and no other.
  bool is_pixelwise() const {
    constexpr Pair kOnes = {1, 1}, kZeros = {0, 0};
    return kernel == kOnes && stride == kOnes && pad_begin == kZeros && pad_end == kZeros;
  }
};

// Output row i samples input row start + i * step, clamped to the input.
struct Resize {
  bool bilinear = false;  // Otherwise the row at floor(start + i * step).
  Pair output = {1, 1};
  std::array<double, 2> start = {0, 0}, step = {1, 1};
};

// Whether a convolution adds a value of its output's shape, and to what.
enum class Addition : uint8_t { kNone, kBeforeActivation, kAfterActivation };

// Input [..., C_in, H, W], output [..., C_out, output[0], output[1]].
// Weights: convolution [C_out, C_in / groups, kh, kw], deconvolution [C_in, C_out / groups, kh,
// kw]. For a deconvolution pad_begin is what is cut from the start of the full result.
struct Convolution {
  Window window;
  Pair output = {1, 1};
  int64_t groups = 1, output_channels = 1;
  bool transposed = false;
  WeightId weight = kNoWeight;
  std::vector<float> bias;   // Empty or output_channels values.
  std::vector<float> scale;  // Empty or output_channels: factors of the weights (folded batchnorm).
  std::optional<Unary> activation;
  // What only fusion fills in. `sources`: the node's first inputs, one an entry, each resized first
  // where the entry has a value, joined along the channels (every one but the last has a multiple
  // of 16). Empty: one input as it is. `depthwise`: the input goes through this convolution of
  // single channels first. `addition`: the node's last input is added.
  std::vector<std::optional<Resize>> sources;
  std::shared_ptr<const Convolution> depthwise;
  Addition addition = Addition::kNone;

  bool adds() const { return addition != Addition::kNone; }
  bool reads_others() const { return !sources.empty() || depthwise != nullptr; }
};

// Inputs (x, weights): a convolution whose weights the network computes. `weight` is kNoWeight.
struct DynamicConvolution {
  Convolution convolution;
};

enum class PoolFunction : uint8_t { kMaximum, kAverage, kL2 };  // kL2: root of the sum of squares.
struct Pool {
  PoolFunction function = PoolFunction::kMaximum;
  Window window;  // Dilation is 1.
  Pair output = {1, 1};
  bool exclude_padding = false;  // kAverage: divide by the input values seen only.
};

// A window along one axis.
struct AxisWindow {
  int64_t kernel = 1, stride = 1, dilation = 1;
  int64_t pad_begin = 0, pad_end = 0;
};
using Volume = std::array<int64_t, 3>;  // Depth, height, width.
using VolumeWindow = std::array<AxisWindow, 3>;

// Input [B, C_in, D, H, W], output [B, C_out, output...]. Weights [C_out, C_in / groups, kd, kh,
// kw]; transposed [C_in, C_out / groups, kd, kh, kw] (the order in which coremltools writes them,
// whatever the schema's comment says), where pad_begin is what is cut from the start of the full
// result.
struct Convolution3d {
  VolumeWindow window;
  Volume output = {1, 1, 1};
  int64_t groups = 1, output_channels = 1;
  bool transposed = false;
  WeightId weight = kNoWeight;
  std::vector<float> bias;  // Empty or output_channels values.
};
struct Pool3d {
  bool maximum = true;  // Otherwise the average.
  VolumeWindow window;  // Dilations are 1.
  Volume output = {1, 1, 1};
  bool exclude_padding = false;  // Average: divide by the input values seen only.
};

// The input seen as [rows, input_channels] times the weights [output_channels, input_channels].
struct InnerProduct {
  int64_t input_channels = 1, output_channels = 1;
  WeightId weight = kNoWeight;
  std::vector<float> bias;
  Shape output_shape;
  std::optional<Unary> activation;
};
// The last two axes of either input are matrices; axes before them broadcast.
struct MatrixProduct {
  bool transpose_a = false, transpose_b = false;
};

// ---- Rearranging -------------------------------------------------------------------------------

struct Concat {  // Any number of inputs; `stack` joins along a new axis.
  int axis = 0;
  bool stack = false, interleave = false;
};
struct Split {
  int axis = 0;
  std::vector<int64_t> sizes;
};
struct Slice {  // Output index i along an axis reads input begin + i * step; step may be negative.
  std::vector<int64_t> begin, step, count;
};
// Inputs (data, lengths): of every slice along batch_axis, the first `length` entries along
// sequence_axis come in reverse order. Lengths are clamped to the extent.
struct ReverseSequence {
  int batch_axis = 0, sequence_axis = 1;
};
struct Tile {
  std::vector<int64_t> repetitions;
};
struct Transpose {  // Output axis i is input axis order[i].
  std::vector<int> order;
};
struct Reshape {
  Shape shape;
};
enum class PadMode : uint8_t { kConstant, kReflect, kReplicate };
struct Pad {
  PadMode mode = PadMode::kConstant;
  float value = 0;
  std::vector<int64_t> before = {}, after = {};  // Per axis.
};
// The same values stored in another format: put in by the engine, never by an importer.
struct Reformat {};
enum class GridMode : uint8_t { kStrictAlignEndpoints, kAlignEndpoints, kUpsample, kRoiAlign };
// Inputs: image [..., B, C, H, W] and boxes [N, ..., 4 or 5 values]; output [N, B, C, h, w] (rank
// 5).
struct CropResize {
  Pair output = {1, 1};
  bool normalized = false;
  GridMode grid = GridMode::kStrictAlignEndpoints;
  bool center_size = false, width_first = false;
  float spatial_scale = 1;
};
struct Reorganize {
  enum class Mode : uint8_t {
    kSpaceToDepth,
    kDepthToSpace,
    kPixelShuffle
  } mode = Mode::kSpaceToDepth;
  int64_t block = 1;
};
struct SlidingWindows {
  int axis = 0;
  int64_t size = 1, step = 1;
};
struct MatrixBand {  // Keeps elements with -lower <= column - row <= upper, others become 0.
  int64_t lower = 0, upper = 0;
};

// ---- Looking up. Indices outside the table are moved to its nearest end -------------------------

struct Embedding {  // Weights [channels, dictionary]; one index, `channels` values.
  int64_t dictionary = 1, channels = 1;
  WeightId weight = kNoWeight;
  std::vector<float> bias;
  Shape output_shape;
};
struct Gather {
  int axis = 0;
};
struct GatherAlongAxis {
  int axis = 0;
};
struct GatherNd {};
// Inputs (container, indices, updates): the container with the updates put in, one after the other.
// Negative indices count from the end; updates of indices outside the container are dropped.
enum class ScatterMode : uint8_t {
  kUpdate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kMaximum,
  kMinimum,
};
struct Scatter {  // updates: the container's shape with the indices' shape in place of the axis.
  int axis = 0;
  ScatterMode mode = ScatterMode::kUpdate;
};
struct ScatterAlongAxis {  // updates and indices: the container's shape but for the axis.
  int axis = 0;
  ScatterMode mode = ScatterMode::kUpdate;
};
struct ScatterNd {  // indices [..., depth] into the first `depth` axes.
  ScatterMode mode = ScatterMode::kUpdate;
};

// Inputs: boxes [B, N, 4] (centre x, centre y, width, height), scores [B, N, C], then, where the
// flags say so, an overlap threshold and a score threshold of one value each. Outputs: boxes [B,
// max_boxes, 4], scores [B, max_boxes, C], indices [B, max_boxes], counts [B]; best first, padded
// with 0 (indices: -1). Boxes whose best score is below the threshold are left out; when none
// remains, the best one is kept.
struct NonMaximumSuppression {
  float overlap_threshold = 0;  // Boxes of a higher intersection over union are suppressed.
  float score_threshold = 0;
  int64_t max_boxes = 1;
  bool per_class = false;  // Only boxes of the same best class suppress each other.
  bool overlap_input = false, score_input = false;
};
struct OneHot {
  int axis = 0;
  int64_t size = 1;
  float on = 1, off = 0;
};

// ---- Recurrent layers: input [sequence, batch, channels, 1, 1] ----------------------------------

enum class RecurrentKind : uint8_t { kSimple, kGru, kLstm };
// Gates in this order. simple: one; GRU: update z, reset r, output o; LSTM: input i, forget f,
// block z, output o. Weights [hidden, input], recursion [hidden, hidden], biases of `hidden`
// values.
struct RecurrentDirection {
  std::vector<WeightId> weights = {}, recursions = {};
  std::vector<std::vector<float>> biases = {};     // Empty or one a gate.
  std::vector<std::vector<float>> peepholes = {};  // LSTM: empty or i, f, o.
  std::vector<Unary> activations = {};             // simple: f; GRU: f, g; LSTM: f, g, h.
  bool reverse = false;
};
// Inputs: x, then optional initial states (h, or h and c; one set a direction). Outputs: y, final
// states in the same order, as many as are asked for. States are [1, batch, hidden, 1, 1]; of a
// bidirectional layer y has 2 * hidden channels.
struct Recurrent {
  RecurrentKind kind = RecurrentKind::kLstm;
  int64_t input_size = 1, hidden_size = 1;
  std::vector<RecurrentDirection> directions = {};  // One or two (forward, backward).
  bool sequence_output = false;
  bool coupled_gates = false;  // LSTM: the forget gate is 1 - i.
  float cell_clip = std::numeric_limits<float>::infinity();
  int state_outputs = 0;  // Number of outputs after y.
};

using Op =
    std::variant<Constant, Fill, Range, Random, Categorical, Unary, ChannelActivation,
                 ChannelAffine, Binary, Select, BroadcastTo, Reduce, ArgExtreme, CumulativeSum,
                 TopK, ArgSort, Softmax, Normalize, L2Normalize, LocalResponse, Convolution,
                 DynamicConvolution, Convolution3d, Pool, Pool3d, InnerProduct, MatrixProduct,
                 Concat, Split, Slice, ReverseSequence, Tile, Transpose, Reshape, Pad, Resize,
                 CropResize, Reorganize, SlidingWindows, MatrixBand, Embedding, Gather,
                 GatherAlongAxis, GatherNd, Scatter, ScatterAlongAxis, ScatterNd,
                 NonMaximumSuppression, OneHot, Recurrent, Reformat>;

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_H_
