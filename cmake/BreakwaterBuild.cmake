# Flags every target shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)  # a library found in one folder serves the folders that link to it
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

# A compiler cache when there is one, unless the caller has chosen a launcher.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(BREAKWATER_CCACHE ccache)
  if(BREAKWATER_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${BREAKWATER_CCACHE}")
  endif()
endif()

set(BREAKWATER_SANITIZE "" CACHE STRING "Value of -fsanitize= for every target, empty for none")

add_library(breakwater_flags INTERFACE)
target_compile_options(breakwater_flags INTERFACE -Wall -Wextra -Wconversion -Werror)
target_include_directories(breakwater_flags INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
if(BREAKWATER_SANITIZE)
  # Lines are what a report names; more of debug info is a tenth of the build.
  add_compile_options(
    -fsanitize=${BREAKWATER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -gline-tables-only)
  add_link_options(-fsanitize=${BREAKWATER_SANITIZE})
else()
  add_compile_options(-g)
endif()

# For what runs once: configuration, pages, tests. With sanitizers, where nothing is fast, not to optimise halves the
# time that it takes to compile.
if(BREAKWATER_SANITIZE)
  set(BREAKWATER_COLD_OPTIONS -O0)
  set(BREAKWATER_COMMAND_LINE_OPTIONS -O0)
else()
  set(BREAKWATER_COLD_OPTIONS "")
  # CLI11 takes longest of all that is not arithmetic; these halve it.
  set(BREAKWATER_COMMAND_LINE_OPTIONS
    $<$<CONFIG:Release,RelWithDebInfo>:-O1>
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release,RelWithDebInfo>>:-fno-var-tracking>)
endif()

if(BREAKWATER_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)  # coverage of all code, not of the fuzz targets alone, guides the fuzzer
endif()

# core/ is written for a kernel as well: no exceptions, no RTTI, no thread-safe statics in any build.
add_library(breakwater_core_flags INTERFACE)
target_link_libraries(breakwater_core_flags INTERFACE breakwater_flags)
target_compile_options(breakwater_core_flags INTERFACE -fno-exceptions -fno-rtti -fno-threadsafe-statics)
# A few hundred bytes are set faster by the C library than by "rep stos", which takes some 40 cycles to begin.
target_compile_options(breakwater_core_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-mmemset-strategy=libcall:-1:noalign>)

# breakwater_simd_flags(source out): the flags cmake/simd_flags.txt gives this source, empty for an ordinary one.
function(breakwater_simd_flags source out)
  set(found "")
  file(STRINGS "${PROJECT_SOURCE_DIR}/cmake/simd_flags.txt" lines REGEX "^[a-z]")
  foreach(line ${lines})
    separate_arguments(flags UNIX_COMMAND "${line}")
    list(POP_FRONT flags unit)
    if("/${source}" MATCHES "_${unit}\\.cpp$|/${unit}/")
      # Units are optimised in every build: what stays out of line in them must not be an inline function that
      # the rest of the program could end up calling (tools/check_simd_symbols.sh).
      set(found ${flags} -O2)
    endif()
  endforeach()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# breakwater_core_library(name SOURCES... ): one folder of core/ as a static library.
function(breakwater_core_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC breakwater_flags)
  target_compile_options(${name} PRIVATE $<TARGET_PROPERTY:breakwater_core_flags,INTERFACE_COMPILE_OPTIONS>)
  foreach(source ${ARGN})
    breakwater_simd_flags("${source}" flags)
    if(flags)
      set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "${flags}")
    endif()
  endforeach()
endfunction()

# breakwater_fuzz_target(fuzz_<name> SOURCES files... LIBRARIES libs...): one libFuzzer program.
function(breakwater_fuzz_target name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE breakwater_flags ${arg_LIBRARIES})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
