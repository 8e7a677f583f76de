// SPDX-License-Identifier: Apache-2.0
// Names of what lies on the disk for a while, and what is left of it when a process is killed so
// that nothing of it runs any more.
#ifndef NBITS_BASE_FILES_LEFTOVERS_H_
#define NBITS_BASE_FILES_LEFTOVERS_H_

#include <string>

namespace nbits {

// `stem`, which ends in a slash or a dot, with "nbits-", this process and where it runs, and six
// letters that make it a name of this moment. A stem whose last part is too long for that is cut.
std::string TemporaryName(const std::string& stem);

// Removes files and folders in `folder` that have such a name, are this user's, and whose process
// ran here and is gone. Of each folder once: later calls do nothing. What cannot be removed stays.
void RemoveLeftovers(const std::string& folder);

}  // namespace nbits

#endif  // NBITS_BASE_FILES_LEFTOVERS_H_
