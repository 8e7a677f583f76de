# SPDX-License-Identifier: Apache-2.0
# `cmake --install build/release` puts the program, the library and its public headers in place, with
# what finds the library again: a CMake package (find_package(nbits)) and a pkg-config module (nbits).
include(CMakePackageConfigHelpers)
include(${CMAKE_CURRENT_LIST_DIR}/package.cmake)
set(nbits_cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/nbits)
set(nbits_package ${PROJECT_BINARY_DIR}/package)

install(TARGETS nbits EXPORT nbitsTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT nbitsTargets NAMESPACE nbits:: DESTINATION ${nbits_cmake_folder})
nbits_describe_package(${nbits_package})
write_basic_package_version_file(${nbits_package}/nbitsConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${nbits_package}/nbitsConfig.cmake ${nbits_package}/nbitsConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindDNNL.cmake
        DESTINATION ${nbits_cmake_folder})
install(FILES ${nbits_package}/nbits.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(NBITS_BUILD_PAGE AND NPM_PROGRAM)  # The licences of what the page holds; see NOTICE.
  install(FILES ${PROJECT_BINARY_DIR}/web/dist/third_party.txt DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

if(NBITS_BUILD_PROGRAM)
  install(TARGETS nbits_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
