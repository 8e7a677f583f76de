# SPDX-License-Identifier: Apache-2.0
# Every package here has its reason in docs/dependencies.md.
if((CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
   OR (CMAKE_CXX_COMPILER_ID STREQUAL Clang AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14))
  message(FATAL_ERROR "${CMAKE_CXX_COMPILER} is ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}: "
                      "g++ 12 or clang 14 is needed at least (CXX=... names another)")
endif()
find_package(Threads REQUIRED)
# Newer releases of protobuf bring a CMake file of their own, which knows what else to link (Abseil,
# utf8_range). CMake's own search does for those that do not, as Debian 12's.
find_package(Protobuf CONFIG QUIET)
if(NOT Protobuf_FOUND OR NOT TARGET protobuf::libprotobuf-lite OR NOT TARGET protobuf::protoc)
  find_package(Protobuf REQUIRED)
endif()
find_package(absl REQUIRED)
find_package(hwy REQUIRED)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(DNNL REQUIRED)  # FindDNNL.cmake
if(NBITS_BUILD_PROGRAM)
  find_package(CLI11 REQUIRED)
endif()
find_package(nlohmann_json REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CAIRO REQUIRED IMPORTED_TARGET cairo)
# The program is built without the tests' packages. scripts/test, which needs them, installs them.
if(NBITS_BUILD_TESTS)
  find_package(GTest QUIET)
  if(NOT TARGET GTest::gmock)
    message(STATUS "GoogleTest was not found: the tests are not built (scripts/setup tests installs it)")
    set(NBITS_BUILD_TESTS OFF)
  endif()
endif()
if(NBITS_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
