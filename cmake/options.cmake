# SPDX-License-Identifier: Apache-2.0
# Compiler options shared by every target of the project (not by generated code).
add_library(nbits_options INTERFACE)
target_compile_options(nbits_options INTERFACE -Wall -Wextra -Wshadow)
if(NBITS_WARNINGS_AS_ERRORS)
  target_compile_options(nbits_options INTERFACE -Werror)
endif()
# g++ warns of values that are always set where a sanitizer's checks hide that from it.
if(NBITS_SANITIZE OR NBITS_SANITIZE_THREADS)
  target_compile_options(nbits_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
# No contraction of a*b+c into fused multiply-add behind our back: the quantizer is bit-exact on
# every machine, and kernels that want fused operations ask for them by name.
target_compile_options(nbits_options INTERFACE -ffp-contract=off)
# Instruction sets older than AVX2 (2013) are served by plain code: each set is one more compilation of
# every kernel. Highway 1.0.3 (Debian 12) knows few others; newer ones also have sets that add nothing which
# the kernels use (AVX3_ZEN4, AVX3_SPR; VNNI has a file of its own), so that only what is wanted is named.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND hwy_VERSION VERSION_GREATER 1.0.3)
  target_compile_definitions(nbits_options INTERFACE
    "HWY_DISABLED_TARGETS=(~(HWY_AVX2|HWY_AVX3|HWY_EMU128|HWY_SCALAR))")
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_definitions(nbits_options INTERFACE "HWY_DISABLED_TARGETS=(HWY_SSSE3|HWY_SSE4)")
endif()
# Kernels keep vectors in arrays and structs, which SVE's vectors of unknown size do not allow. NEON is
# what they use on Arm.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  target_compile_definitions(nbits_options INTERFACE
    "HWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128)")
endif()

# For the program's commands, cold modules and the tests, whose time is spent in other modules: optimising them would be
# a third of the time that building everything takes.
add_library(nbits_never_hot INTERFACE)
target_compile_options(nbits_never_hot INTERFACE
  $<$<CONFIG:Release>:-O1> $<$<CONFIG:RelWithDebInfo>:-O0>)

if(NBITS_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
if(NBITS_BUILD_FUZZERS)
  # Counts which branches of the library an input reaches; what links with -fsanitize=fuzzer reads it.
  add_compile_options(-fsanitize=fuzzer-no-link)
  # The plain kernels and those of one instruction set are all that fuzzing needs: compiling each set takes
  # minutes under the sanitizers.
  target_compile_definitions(nbits_options INTERFACE HWY_COMPILE_ONLY_STATIC)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(nbits_options INTERFACE -march=haswell)
  endif()
endif()
if(NBITS_SANITIZE_THREADS)
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()
