# bench/compare: reading of /proc, the arithmetic on rounds, the reports, and one short run from end to end.
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_FOUND)
  return()
endif()

foreach(part accounting summary rendering)
  add_test(NAME bench_${part} COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/test_${part}.py" -v)
  set_tests_properties(bench_${part} PROPERTIES TIMEOUT 120)
endforeach()

# A sanitizer would be measured, not the server.
if(TARGET breakwater_cli AND TARGET breakwater_flood AND TARGET breakwater_floor AND NOT BREAKWATER_SANITIZE)
  add_test(NAME bench_compare COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/test_compare.py" -v)
  # It measures, so nothing else runs beside it.
  set_tests_properties(bench_compare PROPERTIES LABELS "interop;slow" TIMEOUT 240 RUN_SERIAL TRUE ENVIRONMENT
    "BREAKWATER=$<TARGET_FILE:breakwater_cli>;BREAKWATER_FLOOD=$<TARGET_FILE:breakwater_flood>;BREAKWATER_FLOOR=$<TARGET_FILE:breakwater_floor>")
endif()
