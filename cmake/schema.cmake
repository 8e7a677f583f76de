# SPDX-License-Identifier: Apache-2.0
# Core ML's schema (proto/*.proto) as C++ classes, compiled without the project's warnings.
file(GLOB NBITS_PROTOS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/proto/*.proto)
set(NBITS_SCHEMA_DIR ${PROJECT_BINARY_DIR}/schema)
file(MAKE_DIRECTORY ${NBITS_SCHEMA_DIR})
set(NBITS_SCHEMA_SOURCES)
set(NBITS_SCHEMA_HEADERS)
foreach(proto IN LISTS NBITS_PROTOS)
  get_filename_component(stem ${proto} NAME_WE)
  list(APPEND NBITS_SCHEMA_SOURCES ${NBITS_SCHEMA_DIR}/proto/${stem}.pb.cc)
  list(APPEND NBITS_SCHEMA_HEADERS ${NBITS_SCHEMA_DIR}/proto/${stem}.pb.h)
endforeach()
add_custom_command(
  OUTPUT ${NBITS_SCHEMA_SOURCES} ${NBITS_SCHEMA_HEADERS}
  COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${NBITS_SCHEMA_DIR}
          ${NBITS_PROTOS}
  DEPENDS ${NBITS_PROTOS}
  COMMENT "Generating Core ML schema classes")
add_library(nbits_schema OBJECT ${NBITS_SCHEMA_SOURCES})
target_compile_features(nbits_schema PUBLIC cxx_std_20)
target_include_directories(nbits_schema SYSTEM PUBLIC ${NBITS_SCHEMA_DIR} ${Protobuf_INCLUDE_DIRS})
# Generated code is large and never hot: -O1 halves its compile time.
target_compile_options(nbits_schema PRIVATE -w $<$<CONFIG:Release>:-O1>)
if(NBITS_SANITIZE)
  target_compile_options(nbits_schema PRIVATE -fno-sanitize=all -g0)
  if(NBITS_BUILD_FUZZERS)
    target_compile_options(nbits_schema PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endif()
target_link_libraries(nbits_schema PUBLIC protobuf::libprotobuf-lite)
