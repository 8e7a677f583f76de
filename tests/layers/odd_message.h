// SPDX-License-Identifier: Apache-2.0
// Messages that no converter writes, made from those that one does.
#ifndef NBITS_TESTS_LAYERS_ODD_MESSAGE_H_
#define NBITS_TESTS_LAYERS_ODD_MESSAGE_H_

#include <random>
#include <string>

namespace nbits::testing {

// The message with a few fields set, changed or removed; the same for the same state of `random`.
// `type` is the message's name in the schema. Numbers that stand for extents are small, or so large
// that they are always refused.
std::string MakeOdd(const std::string& type, const std::string& message, std::minstd_rand& random);

}  // namespace nbits::testing

#endif  // NBITS_TESTS_LAYERS_ODD_MESSAGE_H_
