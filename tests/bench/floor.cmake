# The TCP floor, over loopback.
if(TARGET breakwater_floor)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME bench_floor_test COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/floor_test.py")
  set_tests_properties(bench_floor_test PROPERTIES
    LABELS interop TIMEOUT 120 ENVIRONMENT "BREAKWATER_FLOOR=$<TARGET_FILE:breakwater_floor>")
endif()
