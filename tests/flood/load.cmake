# The driver of the load generator, and the program as a whole: against servers of others, and against doubles that
# misbehave.
if(TARGET breakwater_flood_load)
  breakwater_test(flood_load_test
    SOURCES load_http_response_test.cpp load_pacing_test.cpp load_run_test.cpp
    LIBRARIES breakwater_flood_load)
endif()

find_package(Python3 COMPONENTS Interpreter)
if(TARGET breakwater_flood AND TARGET breakwater_cli AND TARGET breakwater_flood_tls_support AND Python3_FOUND)
  find_package(Threads REQUIRED)
  add_executable(corrupting_relay corrupting_relay.cpp)
  target_link_libraries(corrupting_relay PRIVATE breakwater_flags breakwater_flood_tls_support Threads::Threads)

  function(flood_end_to_end name)
    cmake_parse_arguments(arg "" "TIMEOUT" "LABELS" ${ARGN})
    add_test(NAME flood_${name} COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py" -v)
    set_tests_properties(flood_${name} PROPERTIES
      LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
      ENVIRONMENT "BREAKWATER=$<TARGET_FILE:breakwater_cli>;BREAKWATER_FLOOD=$<TARGET_FILE:breakwater_flood>;BREAKWATER_CORRUPTING_RELAY=$<TARGET_FILE:corrupting_relay>;BREAKWATER_SANITIZE=${BREAKWATER_SANITIZE}")
  endfunction()
  flood_end_to_end(modes LABELS interop TIMEOUT 300)
  flood_end_to_end(counts LABELS "interop;slow" TIMEOUT 300)
  flood_end_to_end(servers LABELS "interop;slow" TIMEOUT 300)
  flood_end_to_end(bad_targets LABELS interop TIMEOUT 300)
  flood_end_to_end(limits LABELS interop TIMEOUT 300)
  flood_end_to_end(log LABELS interop TIMEOUT 120)
endif()
