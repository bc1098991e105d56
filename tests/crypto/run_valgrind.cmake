# cmake -DVALGRIND=... -DPROGRAM=... -DMODE=... -DEXPECTED=... -P run_valgrind.cmake
# Runs PROGRAM MODE under memcheck and fails unless it exits with EXPECTED, 99 standing for "memcheck found an error".
if(NOT VALGRIND OR NOT PROGRAM)
  message(STATUS "skipped: needs valgrind and its headers, and a build without sanitizers")
  return()
endif()
execute_process(
  COMMAND "${VALGRIND}" --quiet --error-exitcode=99 --track-origins=no "${PROGRAM}" ${MODE}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result STREQUAL EXPECTED)
  message(FATAL_ERROR "exit ${result}, expected ${EXPECTED}\n${output}")
endif()
message(STATUS "exit ${result} as expected")
