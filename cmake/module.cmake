# nbits_precompile(TARGET [<header>...]): reads the given headers, and those that most files use, once for
# all files of the target; half of the time that a file takes goes into them. Files include what they
# use all the same: a build with CMAKE_DISABLE_PRECOMPILE_HEADERS shows it.
function(nbits_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <map> <string> <vector>
                            <absl/status/statusor.h> <absl/strings/str_cat.h> ${ARGN})
endfunction()

# nbits_module(NAME [LINK lib...] [SOURCES file...] [PRECOMPILE <header>...] [JOIN_SANITIZED]): one folder
# under src/ = one object library of all its .cc files and of the given generated ones. JOIN_SANITIZED:
# under the sanitizers a dozen files at a time are compiled as one, in half of the time; other builds compile
# each by itself, and so show what a file does not include.
# Objects are gathered into the single library `nbits` by src/CMakeLists.txt.
function(nbits_module name)
  cmake_parse_arguments(ARG "JOIN_SANITIZED" "" "LINK;SOURCES;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(APPEND sources ${ARG_SOURCES})
  if(NOT sources)
    return()
  endif()
  add_library(nbits_${name} OBJECT ${sources})
  target_include_directories(nbits_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                                  ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(nbits_${name} PUBLIC absl::status absl::statusor absl::strings
                        PRIVATE nbits_options ${ARG_LINK})
  nbits_precompile(nbits_${name} ${ARG_PRECOMPILE})
  if(NBITS_SANITIZE AND ARG_JOIN_SANITIZED)
    set_target_properties(nbits_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  endif()
  set_property(GLOBAL APPEND PROPERTY NBITS_MODULES nbits_${name})
  set_property(GLOBAL APPEND PROPERTY NBITS_LINKS ${ARG_LINK})
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
    NBITS_SOURCE_DIR="${PROJECT_SOURCE_DIR}" NBITS_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(${name}_test PRIVATE nbits nbits_options nbits_never_hot GTest::gmock
                                             GTest::gtest_main ${ARG_LINK})
  # Worth its own compilation from a few files on.
  list(LENGTH sources count)
  if(count GREATER 3)
    target_precompile_headers(${name}_test PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  endif()
  if(NBITS_SANITIZE)
    # One process for all: starting one takes longer than most tests do.
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1 --gtest_filter=-${ARG_SLOW_SANITIZED})
    set_tests_properties(${name} PROPERTIES TIMEOUT 600)
  else()
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                         PROPERTIES TIMEOUT 300)
  endif()
endfunction()
