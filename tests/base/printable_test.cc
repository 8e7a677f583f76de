// SPDX-License-Identifier: Apache-2.0
#include "base/printable.h"

#include <gtest/gtest.h>

namespace nbits {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  for (const char* text :
       {"", "model.mlmodel", "Größe 東京 \xf0\x9f\x98\x80", "\xc2\xa0\xe2\x80\x89"}) {
    EXPECT_EQ(Printable(text), text);
    EXPECT_EQ(EscapedJson(text), text);
  }
}

TEST(Printable, ReplacesWhatSteersATerminal) {
  EXPECT_EQ(Printable("a\x1b[31mb"), "a?[31mb");
  EXPECT_EQ(Printable("a\nb\rc\td\x7f", ' '), "a b c d ");
  EXPECT_EQ(Printable("\xc2\x80\xc2\x9b\xc2\x9f"), "???");  // C1 in UTF-8,
  EXPECT_EQ(Printable("\x9b"
                      "2J"),
            "?2J");  // and as one byte.
  EXPECT_EQ(Printable("\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9"), "????");  // Directions.
  EXPECT_EQ(Printable("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\x8f"), "???");
}

// What is cut off or not UTF-8 must not hide what follows.
TEST(Printable, TakesBrokenUtf8ByteByByte) {
  EXPECT_EQ(Printable("\xe2\x80"), "\xe2?");
  EXPECT_EQ(Printable("\xf0\x1b[2J"), "\xf0?[2J");
  EXPECT_EQ(Printable(std::string("\0x", 2)), "?x");
}

TEST(EscapedJson, MeansTheSame) {
  EXPECT_EQ(EscapedJson("{\n \"a\": \"\xc2\x9b\xe2\x80\xae\"\n}"),
            "{\n \"a\": \"\\u009b\\u202e\"\n}");
}

}  // namespace
}  // namespace nbits
