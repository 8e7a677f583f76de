# SPDX-License-Identifier: Apache-2.0
# The report's page: web/ built to one HTML file, which becomes a C++ source for src/report.
# Without NBITS_BUILD_PAGE or npm the page is empty, and writing report.html is an error that says so. So it
# is in the build for fuzzing, where nothing writes it.
set(NBITS_REPORT_TEMPLATE ${PROJECT_BINARY_DIR}/web/report_template.cc)
set(NBITS_REPORT_PAGE ${PROJECT_BINARY_DIR}/web/dist/report.html)
if(NBITS_BUILD_FUZZERS)
  set(NBITS_BUILD_PAGE OFF)
endif()
if(NBITS_BUILD_PAGE)
  find_program(NPM_PROGRAM npm)
endif()

set(embed ${CMAKE_COMMAND} -DPAGE=${NBITS_REPORT_PAGE} -DOUTPUT=${NBITS_REPORT_TEMPLATE}
          -P ${CMAKE_CURRENT_LIST_DIR}/embed_page.cmake)
if(NBITS_BUILD_PAGE AND NPM_PROGRAM)
  set(web ${PROJECT_SOURCE_DIR}/web)
  set(packages_stamp ${PROJECT_BINARY_DIR}/web/packages.stamp)
  file(GLOB web_sources CONFIGURE_DEPENDS ${web}/src/*.ts ${web}/src/*.css)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/web)
  add_custom_command(
    OUTPUT ${packages_stamp}
    COMMAND ${NPM_PROGRAM} --prefix ${web} ci --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${packages_stamp}
    DEPENDS ${web}/package.json ${web}/package-lock.json
    WORKING_DIRECTORY ${web}
    COMMENT "Installing the report page's packages")
  add_custom_target(nbits_web_packages DEPENDS ${packages_stamp})
  add_custom_command(
    OUTPUT ${NBITS_REPORT_PAGE}
    BYPRODUCTS ${PROJECT_BINARY_DIR}/web/dist/third_party.txt
    COMMAND ${NPM_PROGRAM} --prefix ${web} run --silent build --
            --outDir ${PROJECT_BINARY_DIR}/web/dist --logLevel warn
    DEPENDS ${packages_stamp} ${web_sources} ${web}/index.html ${web}/vite.config.js
            ${web}/third_party.js ${web}/tsconfig.json
    WORKING_DIRECTORY ${web}
    COMMENT "Building the report page")
  add_custom_command(OUTPUT ${NBITS_REPORT_TEMPLATE} COMMAND ${embed}
                     DEPENDS ${NBITS_REPORT_PAGE} ${CMAKE_CURRENT_LIST_DIR}/embed_page.cmake
                     COMMENT "Embedding the report page")
else()
  if(NBITS_BUILD_PAGE)
    message(WARNING "npm was not found: nbits is built without its HTML report")
  endif()
  add_custom_command(OUTPUT ${NBITS_REPORT_TEMPLATE} COMMAND ${embed}
                     DEPENDS ${CMAKE_CURRENT_LIST_DIR}/embed_page.cmake)
endif()
