# `cmake --install build/release` puts the program, the library and its public headers in place.
install(TARGETS nbits_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS nbits ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/nbits DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
