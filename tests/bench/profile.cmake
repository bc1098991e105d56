# bench/profile: its parts, and one run of it.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(part classify stacks flamegraph parse names)
  add_test(NAME bench_profile_${part}_test
           COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/profile_${part}_test.py")
  set_tests_properties(bench_profile_${part}_test PROPERTIES TIMEOUT 60)
endforeach()
set_tests_properties(bench_profile_names_test PROPERTIES ENVIRONMENT "CXX=${CMAKE_CXX_COMPILER}")

# A sanitizer's own work would be most of what is seen, and valgrind cannot run such programs.
if(TARGET breakwater_cli AND TARGET breakwater_flood AND NOT BREAKWATER_SANITIZE)
  add_test(NAME bench_profile_run_test
           COMMAND Python3::Interpreter -B "${CMAKE_CURRENT_SOURCE_DIR}/profile_run_test.py")
  set_tests_properties(bench_profile_run_test PROPERTIES
    LABELS "interop;slow" TIMEOUT 600
    ENVIRONMENT "BREAKWATER=$<TARGET_FILE:breakwater_cli>;BREAKWATER_FLOOD=$<TARGET_FILE:breakwater_flood>")
endif()
