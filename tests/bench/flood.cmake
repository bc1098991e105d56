# bench/flood: the honest log, verdicts and reports, and one short run from end to end.
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_FOUND)
  return()
endif()

add_test(NAME bench_flood_verdicts COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/flood_verdicts_test.py" -v)
set_tests_properties(bench_flood_verdicts PROPERTIES TIMEOUT 60)

# A sanitizer would be measured, not the server.
if(TARGET breakwater_cli AND TARGET breakwater_flood AND TARGET breakwater_floor AND NOT BREAKWATER_SANITIZE)
  add_test(NAME bench_flood COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/flood_run_test.py" -v)
  # It measures, so nothing else runs beside it.
  set_tests_properties(bench_flood PROPERTIES LABELS "interop;slow" TIMEOUT 180 RUN_SERIAL TRUE ENVIRONMENT
    "BREAKWATER=$<TARGET_FILE:breakwater_cli>;BREAKWATER_FLOOD=$<TARGET_FILE:breakwater_flood>;BREAKWATER_FLOOR=$<TARGET_FILE:breakwater_floor>")
endif()
