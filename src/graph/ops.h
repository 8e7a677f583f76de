// SPDX-License-Identifier: Apache-2.0
// The operations of a network, free of any file format. One struct an operation, a header a family
// (as in shapes/ and import/), holding its attributes already resolved: paddings are explicit, axes
// are counted from the front, sampling grids are numbers. Source of the semantics: the comments of
// Core ML's NeuralNetwork.proto.
//
// Layout: tensors are row-major. "Channels", "height" and "width" are the last three axes, in that
// order; every axis before them is batch.
#ifndef NBITS_GRAPH_OPS_H_
#define NBITS_GRAPH_OPS_H_

#include <variant>

#include "graph/ops/common.h"
#include "graph/ops/elementwise.h"
#include "graph/ops/lookup.h"
#include "graph/ops/product.h"
#include "graph/ops/random.h"
#include "graph/ops/rearrange.h"
#include "graph/ops/recurrent.h"
#include "graph/ops/reduce.h"
#include "graph/ops/scatter.h"
#include "graph/ops/spatial.h"
#include "graph/ops/suppression.h"
#include "graph/ops/volume.h"

namespace nbits::graph {

using Op =
    std::variant<Constant, Fill, Range, Random, Categorical, Unary, ChannelActivation,
                 ChannelAffine, Binary, Select, BroadcastTo, Reduce, ArgExtreme, CumulativeSum,
                 TopK, ArgSort, Softmax, Normalize, L2Normalize, LocalResponse, Convolution,
                 DynamicConvolution, Convolution3d, Pool, Pool3d, InnerProduct, MatrixProduct,
                 Concat, Split, Slice, ReverseSequence, Tile, Transpose, Reshape, Pad, Resize,
                 CropResize, GridSample, Reorganize, SlidingWindows, MatrixBand, Embedding, Gather,
                 GatherAlongAxis, GatherNd, Scatter, ScatterAlongAxis, ScatterNd,
                 NonMaximumSuppression, OneHot, Recurrent, Reformat>;

}  // namespace nbits::graph

#endif  // NBITS_GRAPH_OPS_H_
