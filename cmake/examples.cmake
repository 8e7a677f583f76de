# SPDX-License-Identifier: Apache-2.0
# nbits_examples(OUTPUT): the examples of the public headers as one GoogleTest source.
function(nbits_examples output)
  find_program(AWK_PROGRAM awk REQUIRED)
  set(script ${PROJECT_SOURCE_DIR}/cmake/examples.awk)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/nbits/*.h)
  # Written under another name first: a header without an example leaves no source behind.
  add_custom_command(OUTPUT ${output}
    COMMAND ${AWK_PROGRAM} -f ${script} ${headers} > ${output}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${output}.new ${output}
    DEPENDS ${headers} ${script} VERBATIM
    COMMENT "Gathering the examples of the public headers")
endfunction()
