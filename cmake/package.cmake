# SPDX-License-Identifier: Apache-2.0
# What a user of the installed library has to find and link, in the words of CMake and of pkg-config.
# A shared library brings what it links; beside a static one everything is named. pkg-config would have
# that in its *.private fields, which count with --static only: but where no shared library is installed,
# every link is a static one, and a plain `pkg-config --libs nbits` has to do.

# nbits_dependency(TARGET): what TARGET is called, appended to `finds` (lines of nbitsConfig.cmake),
# `requires` (modules of pkg-config) and `libs` (of the linker) of the caller.
macro(nbits_dependency target)
  if(${target} STREQUAL "Threads::Threads")
    list(APPEND finds "find_dependency(Threads)")
    list(APPEND libs -pthread)
  elseif(${target} STREQUAL "protobuf::libprotobuf-lite")
    # As in dependencies.cmake: releases that have a CMake file of their own know what else to link.
    list(APPEND finds "find_package(Protobuf CONFIG QUIET)"
         "if(NOT TARGET protobuf::libprotobuf-lite)\n  find_dependency(Protobuf)\nendif()")
    list(APPEND requires protobuf-lite)
  elseif(${target} STREQUAL "hwy::hwy")
    list(APPEND finds "find_dependency(hwy)")
    list(APPEND requires libhwy)
  elseif(${target} STREQUAL "DNNL::dnnl")
    list(APPEND finds "list(APPEND CMAKE_MODULE_PATH \${CMAKE_CURRENT_LIST_DIR})"
         "find_dependency(DNNL)" "list(REMOVE_ITEM CMAKE_MODULE_PATH \${CMAKE_CURRENT_LIST_DIR})")
    list(APPEND libs -ldnnl)  # Debian's has no module of pkg-config.
  elseif(${target} STREQUAL "JPEG::JPEG")
    list(APPEND finds "find_dependency(JPEG)")
    list(APPEND requires libjpeg)
  elseif(${target} STREQUAL "PNG::PNG")
    list(APPEND finds "find_dependency(PNG)")
    list(APPEND requires libpng)
  elseif(${target} STREQUAL "PkgConfig::CAIRO")
    list(APPEND finds "find_dependency(PkgConfig)"
         "pkg_check_modules(CAIRO QUIET IMPORTED_TARGET cairo)" "nbits_needs(CAIRO_FOUND cairo)")
    list(APPEND requires cairo)
  else()
    message(FATAL_ERROR "cmake/package.cmake does not know how users of nbits find ${target}")
  endif()
endmacro()

# nbits_describe_package(FOLDER): writes nbitsConfig.cmake and nbits.pc into FOLDER.
function(nbits_describe_package folder)
  set(finds "find_dependency(absl)")
  set(requires absl_status absl_statusor absl_strings)
  set(libs)
  if(NOT BUILD_SHARED_LIBS)
    nbits_links(links)
    foreach(link IN LISTS links)
      nbits_dependency(${link})
    endforeach()
  endif()
  list(JOIN finds "\n" NBITS_FINDS)
  list(JOIN requires " " NBITS_REQUIRES)
  list(JOIN libs " " NBITS_LIBS)
  nbits_path_from_prefix(${CMAKE_INSTALL_LIBDIR} NBITS_LIBDIR)
  nbits_path_from_prefix(${CMAKE_INSTALL_INCLUDEDIR} NBITS_INCLUDEDIR)
  nbits_prefix_of_module(NBITS_PREFIX)
  set(templates ${PROJECT_SOURCE_DIR}/cmake)
  configure_package_config_file(${templates}/nbitsConfig.cmake.in ${folder}/nbitsConfig.cmake
                                INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/nbits
                                NO_SET_AND_CHECK_MACRO)
  configure_file(${templates}/nbits.pc.in ${folder}/nbits.pc @ONLY)
endfunction()

function(nbits_path_from_prefix path result)
  if(IS_ABSOLUTE ${path})
    set(${result} ${path} PARENT_SCOPE)
  else()
    set(${result} "\${prefix}/${path}" PARENT_SCOPE)
  endif()
endfunction()

# Counted from the place of nbits.pc, so that an installed tree may be moved, and the prefix be given
# to `cmake --install` alone.
function(nbits_prefix_of_module result)
  if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
    set(${result} ${CMAKE_INSTALL_PREFIX} PARENT_SCOPE)
  else()
    file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
    string(REGEX REPLACE "/$" "" up ${up})
    set(${result} "\${pcfiledir}/${up}" PARENT_SCOPE)
  endif()
endfunction()
