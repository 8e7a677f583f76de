# SPDX-License-Identifier: Apache-2.0
# Turns the `// Example:` blocks of the public headers into one GoogleTest program:
#   awk -f cmake/examples.awk include/nbits/*.h > examples.cc
# A block is a comment line "// Example:" and the lines after it that begin "//   "; they are the body
# of a function that returns absl::Status. A header without a block, and the word Example: anywhere
# else, are errors: every example is compiled and run.
function complain(line, text) {
  print file ":" line ": " text > "/dev/stderr"
  failed = 1
}
function end_block() {
  if (lines == 0) complain(FNR - 1, "no example follows; its lines begin with \"//   \"")
  else print "    return absl::OkStatus();\n  }();\n  EXPECT_TRUE(status.ok()) << status;\n}\n"
  in_block = 0
}
function end_file() {
  if (file == "") return
  if (in_block) end_block()
  if (blocks == 0) complain(1, "no example: a public header has at least one (CONTRIBUTING.md)")
}
function begin_block(   words, count, i) {
  count = split(file, words, "/")
  count = split(substr(words[count], 1, length(words[count]) - 2), words, "_")
  name = ""
  for (i = 1; i <= count; i++) name = name toupper(substr(words[i], 1, 1)) substr(words[i], 2)
  blocks++
  in_block = 1
  lines = 0
  print "TEST_F(Examples, " name (blocks > 1 ? blocks : "") ") {"
  print "  const absl::Status status = []() -> absl::Status {"
}

BEGIN {
  # Examples check what they say with assert, in the optimised build too.
  print "#undef NDEBUG\n#include <cassert>\n#include <fstream>\n#include <iostream>\n"
  for (i = 1; i < ARGC; i++) print "#include \"" ARGV[i] "\""
  print "#include \"tests/examples/working_folder.h\"\n\nnamespace {\n"
  print "using Examples = nbits::testing::WorkingFolder;\n"
}
FNR == 1 {
  end_file()
  file = FILENAME
  blocks = 0
}
in_block && /^ *\/\/   / {
  if (lines++ == 0) print "#line " FNR " \"" file "\""
  sub(/^ *\/\/   /, "")
  print "    " $0
  next
}
in_block { end_block() }
/^ *\/\/ Example:$/ {
  begin_block()
  next
}
/Example:/ { complain(FNR, "\"// Example:\" stands on a line of its own, before the code") }
END {
  end_file()
  print "}  // namespace"
  exit failed
}
