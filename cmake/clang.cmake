# SPDX-License-Identifier: Apache-2.0
# Toolchain of the preset `fuzz`: the compiler that CXX names, else clang under its own name, else the newest
# under the names that Debian gives to versions.
if(DEFINED ENV{CXX})
  set(CMAKE_CXX_COMPILER $ENV{CXX})
else()
  set(names)
  foreach(version RANGE 14 30)
    list(PREPEND names clang++-${version})
  endforeach()
  find_program(CMAKE_CXX_COMPILER NAMES clang++ ${names} NAMES_PER_DIR REQUIRED)
endif()
