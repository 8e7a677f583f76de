# SPDX-License-Identifier: Apache-2.0
# cmake -DPAGE=report.html -DOUTPUT=report_template.cc -P embed_page.cmake
# Bytes rather than a string literal: compilers limit a literal's length. A missing page gives "".
set(bytes)
if(EXISTS ${PAGE})
  file(READ ${PAGE} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
endif()
file(WRITE ${OUTPUT} "// Generated from web/ by cmake/embed_page.cmake.
#include \"report/report_template.h\"
namespace nbits {
namespace {
constexpr unsigned char kPage[] = {${bytes}0};
}  // namespace
absl::string_view ReportTemplate() {
  return absl::string_view(reinterpret_cast<const char*>(kPage), sizeof(kPage) - 1);
}
}  // namespace nbits
")
