# Installs Breakwater into an empty folder, builds examples/ against that alone, and asks the server over each version.
# Wants BUILD_DIR, EXAMPLES_DIR, WORK_DIR, COMPILER, GENERATOR, SANITIZE.

function(must_run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what} failed (${result}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK_DIR}")
must_run("installing" "${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${WORK_DIR}/prefix"
  --component library)
must_run("configuring the example" "${CMAKE_COMMAND}" -S "${EXAMPLES_DIR}" -B "${WORK_DIR}/build" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix" "-DCMAKE_CXX_COMPILER=${COMPILER}"
  "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wconversion -Werror" "-DCMAKE_FIND_PACKAGE_PREFER_CONFIG=ON")
if(NOT SANITIZE STREQUAL "")
  must_run("configuring the example" "${CMAKE_COMMAND}" "${WORK_DIR}/build"
    "-DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZE}" "-DCMAKE_EXE_LINKER_FLAGS=-fsanitize=${SANITIZE}")
endif()
must_run("building the example" "${CMAKE_COMMAND}" --build "${WORK_DIR}/build")

file(GLOB leaked RELATIVE "${WORK_DIR}/prefix/include" "${WORK_DIR}/prefix/include/*")
if(NOT leaked STREQUAL "breakwater")
  message(FATAL_ERROR "installed headers: expected breakwater/ alone, found ${leaked}")
endif()

find_program(SHELL_PROGRAM sh REQUIRED)
must_run("talking to the example" "${SHELL_PROGRAM}" "${CMAKE_CURRENT_LIST_DIR}/talk_to_example.sh"
  "${WORK_DIR}/build/echo_server" "${WORK_DIR}")
message("${output}")
