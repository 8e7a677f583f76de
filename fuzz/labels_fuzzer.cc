// SPDX-License-Identifier: Apache-2.0
// Any text as the table of pictures' true classes.
#include "compare/judge/labels.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<std::string> classes = {"tench, Tinca tinca", "cat", "sea lion", "7",
                                                   ""};
  const auto table = nbits::TrueLabels::Parse(nbits::fuzz::Text(data, size), classes);
  if (!table.ok()) return 0;
  for (const char* picture : {"a.jpg", "cats/a.jpg", "n01440764_tench.JPEG", "7/7.png", ""}) {
    const int index = table->Of(picture);
    nbits::fuzz::Require(index >= -1 && index < static_cast<int>(classes.size()));
  }
  return 0;
}
