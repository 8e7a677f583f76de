// SPDX-License-Identifier: Apache-2.0
// Any text as results.json, drawn. The pictures' files are left out: they are the targets png and
// jpeg.
#include "fuzz/fuzz.h"
#include "nbits/report.h"
#include "nbits/results.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto results = nbits::ResultsFromJson(nbits::fuzz::Text(data, size));
  if (!results.ok()) return 0;
  for (nbits::PictureResult& picture : results->pictures) {
    picture.image.reset();
    for (nbits::PictureOutput& output : picture.outputs) output.image.reset(), output.ids.reset();
  }
  const auto sheet = nbits::ContactSheet(*results, "/nonexistent");
  nbits::fuzz::Require(!sheet.ok() || !sheet->empty());
  return 0;
}
