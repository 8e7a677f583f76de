# SPDX-License-Identifier: Apache-2.0
# The manual page and the shells' completions: the program writes them from its own help texts each time
# that it was linked. Without an emulator a program for another system cannot, and they are left out.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  return()
endif()
set(manual ${PROJECT_BINARY_DIR}/manual)
file(MAKE_DIRECTORY ${manual})
add_custom_command(TARGET nbits_program POST_BUILD VERBATIM
  COMMAND nbits_program internal-generate man > ${manual}/nbits.1
  COMMAND nbits_program internal-generate bash > ${manual}/nbits.bash
  COMMAND nbits_program internal-generate zsh > ${manual}/_nbits
  COMMAND nbits_program internal-generate fish > ${manual}/nbits.fish)
install(FILES ${manual}/nbits.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${manual}/nbits.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME nbits)
install(FILES ${manual}/_nbits DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${manual}/nbits.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
