// SPDX-License-Identifier: Apache-2.0
// The models within a pipeline, and what a model holds beside networks, as ranges of the file.
#ifndef NBITS_FORMATS_NEURAL_NETWORK_MEMBERS_H_
#define NBITS_FORMATS_NEURAL_NETWORK_MEMBERS_H_

#include <string>
#include <vector>

#include "formats/neural_network/wire/wire_tree.h"
#include "nbits/model.h"
#include "proto/model.pb.h"

namespace nbits {

// The field of Model.Type that counts, the last of several: 0 when there is none.
uint32_t ModelTypeNumber(const WireNode& model);

// Its bytes without tag and length; empty for types that the tree opens.
ByteSpan ContentOf(const WireNode& model);

// The members of a pipeline; none of another model.
std::vector<const WireNode*> MembersOf(const WireNode& model);

// Of all pipelines in the file, those within others after them.
std::vector<MemberDescription> DescribeMembers(const schema::Model& skeleton, const WireNode& root);

// The labels of the last classifier or detector; empty when there is none.
std::vector<std::string> LabelsOf(const schema::Model& skeleton, const WireNode& model);

// The outputs of the last non-maximum suppression, where the file gives both.
std::optional<DetectorOutputs> DetectorOf(const schema::Model& skeleton, const WireNode& root);

}  // namespace nbits

#endif  // NBITS_FORMATS_NEURAL_NETWORK_MEMBERS_H_
