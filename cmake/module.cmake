# SPDX-License-Identifier: Apache-2.0
# nbits_precompile(TARGET [<header>...]): reads the given headers, and those that most files use, once for
# all files of the target; half of the time that a file takes goes into them. Files include what they
# use all the same: a build with CMAKE_DISABLE_PRECOMPILE_HEADERS shows it. Modules that give no headers
# share those of the first, `base`.
function(nbits_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <map> <string> <vector>
                            <absl/status/statusor.h> <absl/strings/str_cat.h> ${ARGN})
endfunction()

# nbits_join(TARGET): a dozen files at a time are compiled as one, in less than half of the time. So are the
# tests, and everything where NBITS_JOIN is on: under the sanitizers, and in builds that are made once
# (scripts/demo and scripts/test). A build without it takes less time after a small change, and shows what a
# file does not include.
# Highway's files stay alone in any case: it compiles each of them once for every set of vectors.
function(nbits_join target)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources EXCLUDE REGEX "^${PROJECT_BINARY_DIR}/")
  foreach(source IN LISTS sources)
    file(STRINGS ${source} for_each_target REGEX "hwy/foreach_target.h" LIMIT_COUNT 1)
    if(for_each_target)
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
endfunction()

# nbits_module(NAME [HOT | COLD] [LINK lib...] [SOURCES file...] [PRECOMPILE <header>...]): one folder under
# src/ = one object library of all its .cc files and of the given generated ones. HOT: what a test takes is
# mostly spent here, so that it is optimised under the sanitizers too. COLD: it never holds anybody up, so that
# it is not optimised beyond -O1.
# nbits_gather puts the objects of all modules into the single library `nbits`.
function(nbits_module name)
  cmake_parse_arguments(ARG "HOT;COLD" "" "LINK;SOURCES;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(APPEND sources ${ARG_SOURCES})
  if(NOT sources)
    return()
  endif()
  add_library(nbits_${name} OBJECT ${sources})
  target_include_directories(nbits_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                                  ${PROJECT_SOURCE_DIR}/src)
  target_compile_features(nbits_${name} PUBLIC cxx_std_20)
  target_link_libraries(nbits_${name} PUBLIC absl::status absl::statusor absl::strings
                        PRIVATE nbits_options ${ARG_LINK})
  if(ARG_PRECOMPILE OR ARG_COLD OR name STREQUAL "base")
    nbits_precompile(nbits_${name} ${ARG_PRECOMPILE})
  else()
    target_precompile_headers(nbits_${name} REUSE_FROM nbits_base)
  endif()
  if(NBITS_JOIN)
    nbits_join(nbits_${name})
    # For a few joined files only large headers are worth a compilation of their own.
    if(NOT ARG_PRECOMPILE)
      set_target_properties(nbits_${name} PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
    endif()
  endif()
  if(ARG_COLD)
    target_link_libraries(nbits_${name} PRIVATE nbits_never_hot)
  endif()
  if(NBITS_SANITIZE)
    target_compile_options(nbits_${name} PRIVATE $<$<BOOL:${ARG_HOT}>:-O1>)
  endif()
  set_property(GLOBAL APPEND PROPERTY NBITS_MODULES nbits_${name})
  set_property(GLOBAL APPEND PROPERTY NBITS_LINKS ${ARG_LINK})
endfunction()

# nbits_gather(TARGET): makes the library TARGET of all modules: its objects, its public headers, and
# what a program that uses it needs. Headers of other libraries are in no public header but Abseil's.
function(nbits_gather target)
  get_property(modules GLOBAL PROPERTY NBITS_MODULES)
  foreach(module IN LISTS modules ITEMS nbits_schema)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${module}>)
  endforeach()
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/nbits/*.h)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include
                                  FILES ${headers})
  target_compile_features(${target} PUBLIC cxx_std_20)
  nbits_links(links)
  target_link_libraries(${target} PUBLIC absl::status absl::statusor absl::strings PRIVATE ${links})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# nbits_links(RESULT): the libraries that the modules' objects need, but for those which are headers alone.
function(nbits_links result)
  get_property(links GLOBAL PROPERTY NBITS_LINKS)
  list(REMOVE_DUPLICATES links)
  list(REMOVE_ITEM links nbits_schema nlohmann_json::nlohmann_json)
  set(${result} ${links} protobuf::libprotobuf-lite PARENT_SCOPE)
endfunction()

# nbits_test(NAME [LINK lib...] [SOURCES file...] [SLOW_SANITIZED filter]): one folder under tests/ = one
# GoogleTest program of all its .cc files and of the given generated ones. Tests that the filter names
# are left out under the sanitizers.
function(nbits_test name)
  cmake_parse_arguments(ARG "" "SLOW_SANITIZED" "LINK;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(APPEND sources ${ARG_SOURCES})
  add_executable(${name}_test ${sources})
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name}_test PRIVATE
    NBITS_SOURCE_DIR="${PROJECT_SOURCE_DIR}" NBITS_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(${name}_test PRIVATE nbits_internal nbits_options nbits_never_hot GTest::gmock
                                             GTest::gtest_main ${ARG_LINK})
  nbits_join(${name}_test)
  if(NBITS_SANITIZE)
    # One process for all: starting one takes longer than most tests do.
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1 --gtest_filter=-${ARG_SLOW_SANITIZED})
    set_tests_properties(${name} PROPERTIES TIMEOUT 600)
  else()
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                         PROPERTIES TIMEOUT 300)
  endif()
endfunction()
