// SPDX-License-Identifier: Apache-2.0
// The report's page as built from web/: one self-contained HTML file in which the text
// {"nbits":"results"} stands exactly once, where the results document goes (docs/results.md).
#ifndef NBITS_REPORT_REPORT_TEMPLATE_H_
#define NBITS_REPORT_REPORT_TEMPLATE_H_

#include "absl/strings/string_view.h"

namespace nbits {

// Empty when the program was built without npm; lives as long as the program.
absl::string_view ReportTemplate();

}  // namespace nbits

#endif  // NBITS_REPORT_REPORT_TEMPLATE_H_
