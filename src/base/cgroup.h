// SPDX-License-Identifier: Apache-2.0
// What the control groups of Linux leave a process of memory, as in containers and build systems.
#ifndef NBITS_BASE_CGROUP_H_
#define NBITS_BASE_CGROUP_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace nbits {

// The least that any group around the process has left, beside what it would give up for the
// asking (files that were read); nothing where none has a limit. `groups`: the text of
// /proc/self/cgroup, of version 1 or 2. `root`: where groups are mounted, "/sys/fs/cgroup". A group
// that is not to be seen there, as from within a container, counts as the one at the root.
std::optional<int64_t> MemoryLeftInGroups(absl::string_view groups, const std::string& root);

}  // namespace nbits

#endif  // NBITS_BASE_CGROUP_H_
