# The load generator's TLS client: against the engine, against libssl, and against servers that lie.
if(NOT TARGET breakwater_flood_tls)
  return()
endif()
find_package(OpenSSL 3 REQUIRED)
add_library(breakwater_flood_tls_support STATIC finished_corruptor.cpp tls_fake_server.cpp tls_support.cpp)
target_link_libraries(breakwater_flood_tls_support PUBLIC breakwater_flood_tls breakwater_test_support)
set(flood_tls_topics finished hello libssl matrix messages messages13 mutation records retry schedule signature)
if(NOT BREAKWATER_SANITIZE)  # a sanitizer owns the allocator, and its times mean nothing
  list(APPEND flood_tls_topics replay)
endif()
foreach(topic ${flood_tls_topics})
  set(more "")
  if(topic STREQUAL replay)
    set(more ../support/count_allocations.cpp)
  endif()
  breakwater_test(flood_tls_${topic}_test SOURCES tls_${topic}_test.cpp ${more}
                                          LIBRARIES breakwater_flood_tls_support OpenSSL::SSL)
endforeach()
